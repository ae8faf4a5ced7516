"""How long does a column of names take, beside the usual unidecode-and-title of each row?

`python -m benchmarks.names [ROWS]` prints the figures and writes `benchmarks/results/names.json`. The names are
made from the tables' frequencies; 30 % have a fault of case, tone mark, Unicode form or spacing, and
`legacy` is a second column in which 2 % more need the whole cell looked at (notes, fonts, keys).
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from unidecode import unidecode

from vn import names
from vn.tone import table

RESULT = Path(__file__).parent / "results" / "names.json"
SEED = 20261122


def make_names(rows: int) -> pl.Series:
    """Clean names of three or four words, drawn with the measured frequencies."""
    random = np.random.default_rng(SEED)
    surnames = [row for row in table("surnames.csv") if row["frequency"] and row["kind"] == "kinh"]
    words = [row for row in table("name_words.csv")]

    def draw(texts: list[str], weights: list[float]) -> pl.Series:
        share = np.array(weights) / sum(weights)
        return pl.Series(texts, dtype=pl.String).gather(random.choice(len(texts), rows, p=share))

    parts = {"surname": draw([row["surname"] for row in surnames], [float(row["frequency"]) for row in surnames])}
    for part in ("first", "second", "third"):
        parts[part] = draw([row["word"] for row in words], [float(row["count"]) for row in words])
    parts["short"] = pl.Series(random.random(rows) < 0.5)
    three = pl.concat_str("surname", "first", "second", separator=" ")
    four = pl.concat_str("surname", "first", "second", "third", separator=" ")
    made = pl.DataFrame(parts).select(name=pl.when("short").then(three).otherwise(four))
    return made["name"]


def spoil(clean: pl.Series, legacy_share: float) -> pl.Series:
    """The names with 30 % light faults, and this share of faults that need the whole cell."""
    luck = pl.Series(np.random.default_rng(SEED + 1).random(clean.len()))
    name = pl.col("name")
    new_style = name.str.replace_many({"hòa": "hoà", "Hòa": "Hoà", "húy": "huý", "hủy": "huỷ", "hùy": "huỳ"})
    faults = [
        (0.13, name.str.to_uppercase()),
        (0.16, name.str.to_lowercase()),
        (0.24, name.str.normalize("NFD")),
        (0.28, new_style.str.replace("n", "N")),
        (0.30, name.str.replace(" ", "  ")),
        (0.30 + legacy_share / 4, name + " (con ông A)"),
        (0.30 + legacy_share / 2, "bé " + name),
        (0.30 + legacy_share * 3 / 4, name.str.replace("Nguyễn", "Nguyeãn").str.replace("Văn", "Vaên")),
        (0.30 + legacy_share, name.str.replace("Nguyễn", "Nguyeenx").str.replace("Trần", "Traanf")),
    ]
    spoilt = name
    for share, fault in reversed(faults):
        spoilt = pl.when(pl.col("luck") < share).then(fault).otherwise(spoilt)
    return pl.DataFrame({"name": clean, "luck": luck}).select(spoilt)["name"]


def naive(column: pl.Series) -> list[tuple[str, str]]:
    """What is usually done: title case and unidecode of each row."""
    return [(name.title(), unidecode(name).lower()) for name in column.to_list()]


def seconds(work: Callable[[], object]) -> float:
    """Wall time of the work, the best of three."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return round(min(times), 2)


def measure(rows: int) -> dict[str, object]:
    """The figures of one run."""
    clean = make_names(rows)
    light, legacy = spoil(clean, 0.0), spoil(clean, 0.02)
    start = time.perf_counter()
    canonical = names.standardise(light)["full_name"]
    first = round(time.perf_counter() - start, 2)
    right = names.standardise(clean)["full_name"]
    return {
        "rows": rows,
        "distinct": light.n_unique(),
        "faulty_share": round((light != clean).mean() or 0.0, 3),
        "cores": len(os.sched_getaffinity(0)),
        "polars_threads": pl.thread_pool_size(),
        "standardise_first_s": first,
        "standardise_s": seconds(lambda: names.standardise(light)),
        "standardise_2_percent_legacy_s": seconds(lambda: names.standardise(legacy)),
        "split_s": seconds(lambda: names.split_column(canonical)),
        "restored_share": round((canonical == right).mean() or 0.0, 5),
        "naive_unidecode_title_s": seconds(lambda: naive(light)),
        "naive_restored_share": round((pl.Series([name for name, _ in naive(light)]) == right).mean() or 0.0, 5),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Measure, print and keep."""
    figures = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
