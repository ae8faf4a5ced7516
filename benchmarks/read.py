"""How long a large CSV takes from bytes to typed records, beside `polars.read_csv` with no cleaning in the same run.

`python -m benchmarks.read [--rows N] [--json FILE]`. Told apart: read (counted twice, every cell kept as text, stored)
and standardise (names, numbers, dates, sexes, places).
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl

from pipelines import read, standardise
from pipelines.config import Run, Settings
from pipelines.synthetic.make import make

NIGHT = date(2026, 11, 22)
RESULTS = Path(__file__).parent / "results" / "read.json"
HEADERS = {
    "full_name": "Họ và tên",
    "date_of_birth": "Ngày sinh",
    "sex": "Giới tính",
    "person_id": "Số CCCD",
    "province": "Mã tỉnh",
    "commune": "Mã xã",
}


def write_list(folder: Path, rows: int) -> Path:
    """An insurance list of `rows` people, dates as departments write them."""
    people = pl.scan_parquet(make(folder / "people", rows, seed=7, night=NIGHT).registry)
    path = folder / "inbox" / "insurance" / "list.csv"
    path.parent.mkdir(parents=True)
    day = pl.col("date_of_birth").str.replace(r"^(\d{4})-(\d\d)-(\d\d)$", "$3/$2/$1")
    people.with_columns(day).select(pl.col(name).alias(header) for name, header in HEADERS.items()).sink_csv(path)
    return path


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write_list(folder, arguments.rows)
        run = Run(settings=Settings(workspace=folder, night=NIGHT), run_id="2026-11-22-1")
        took = {}
        for label, step in (
            ("polars_read_csv_s", lambda: pl.read_csv(path, infer_schema=False)),
            ("read_s", lambda: read.read(run)),
            ("standardise_s", lambda: standardise.standardise(run)),
        ):
            start = time.perf_counter()
            step()
            took[label] = round(time.perf_counter() - start, 2)
        figures = {
            "rows": arguments.rows,
            "file_mb": round(path.stat().st_size / 1e6, 1),
            **took,
            "read_over_peer": round(took["read_s"] / took["polars_read_csv_s"], 1),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
    arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
