"""How long a million identity numbers and a million dates take, beside the way one would write it first.

`python -m benchmarks.ids_dates [--rows N] [--json FILE]`. The naive peer of the numbers is the scalar form called on
every row; that of the dates is `datetime.strptime` on every row, which reads one form only.
"""

import argparse
import json
import random
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from vn import dates, ids
from vn.territories import birth_codes

NIGHT = date(2026, 11, 22)
RESULT = Path(__file__).parent / "results" / "ids_dates.json"
SEED = 20261122
ROUNDS = 3


def numbers(rows: int, damaged: bool) -> pl.Series:
    """12-digit numbers; `damaged` as Excel and people leave them (lost zeros, `.0`, groups, letters, fillers)."""
    chance = random.Random(SEED)
    codes = sorted(birth_codes())
    clean = [
        f"{chance.choice(codes)}{chance.randrange(4)}{chance.randrange(100):02d}{chance.randrange(10**6):06d}"
        for _ in range(rows)
    ]
    if not damaged:
        return pl.Series("id", clean)
    damage: list[Callable[[str], str]] = [
        lambda text: text.lstrip("0"),
        lambda text: text.lstrip("0") + ".0",
        lambda text: f"{text[:3]} {text[3:6]} {text[6:9]} {text[9:]}",
        lambda text: f"'{text}",
        lambda text: text.replace("0", "O"),
        lambda text: "chưa có",
    ]
    return pl.Series("id", [chance.choices(damage, (50, 20, 15, 10, 4, 1))[0](text) for text in clean])


def days(rows: int, damaged: bool) -> pl.Series:
    """Days of a century as dd/mm/yyyy; `damaged` in many forms."""
    chance = random.Random(SEED)
    born = [NIGHT - timedelta(chance.randrange(36_525)) for _ in range(rows)]
    forms = [
        "%d/%m/%Y",
        "%Y-%m-%d",
        "%d.%m.%y",
        "%Y-%m-%d 00:00:00",
        "%d%m%Y",
        "%Y",
        "00/00/%Y",
        "ngày %d tháng %m năm %Y",
    ]
    return pl.Series("day", [day.strftime(chance.choice(forms) if damaged else forms[0]) for day in born])


def seconds(work: Callable[[], object]) -> float:
    """The best of a few rounds."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return round(min(taken), 2)


def measure(rows: int) -> dict[str, float | int]:
    """Seconds by case."""
    clean_ids, damaged_ids = numbers(rows, False), numbers(rows, True)
    clean_days, damaged_days = days(rows, False), days(rows, True)
    return {
        "rows": rows,
        "ids_clean_s": seconds(lambda: ids.standardise(clean_ids)),
        "ids_damaged_s": seconds(lambda: ids.standardise(damaged_ids)),
        "ids_damaged_naive_s": seconds(lambda: [ids.read(text) for text in damaged_ids]),
        "dates_clean_s": seconds(lambda: dates.standardise(clean_days, NIGHT)),
        "dates_damaged_s": seconds(lambda: dates.standardise(damaged_days, NIGHT)),
        "dates_clean_naive_strptime_s": seconds(lambda: [datetime.strptime(text, "%d/%m/%Y") for text in clean_days]),  # noqa: DTZ007
    }


def main() -> None:
    """Prints the figures and keeps them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, default=RESULT)
    arguments = parser.parse_args()
    figures = measure(arguments.rows)
    text = json.dumps(figures, indent=2)
    print(text)
    arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
