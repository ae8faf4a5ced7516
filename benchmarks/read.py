"""How long a large CSV and a large workbook take from bytes to typed records, beside polars reading them uncleaned.

`python -m benchmarks.read [--rows N] [--workbook-rows N] [--json FILE]`. Told apart: read (counted twice, every cell
kept as text, stored) and standardise (names, numbers, dates, sexes, places). Each file is read in a process of its
own, so that the peak memory is its own; the peer's call runs in the same process first.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import polars as pl
import xlsxwriter

from benchmarks.link import peak_mb, timed
from pipelines.config import Run, Settings
from pipelines.read import hop as read
from pipelines.standardise import hop as standardise
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


def people(folder: Path, rows: int) -> pl.LazyFrame:
    """A list of `rows` people under the headers of a department, dates as departments write them."""
    made = pl.scan_parquet(make(folder / "people", rows, seed=7, night=NIGHT).registry)
    day = pl.col("date_of_birth").str.replace(r"^(\d{4})-(\d\d)-(\d\d)$", "$3/$2/$1")
    return made.with_columns(day).select(pl.col(name).alias(header) for name, header in HEADERS.items())


def write_csv(folder: Path, rows: int) -> Path:
    """An insurance list as CSV."""
    path = folder / "inbox" / "insurance" / "list.csv"
    path.parent.mkdir(parents=True)
    people(folder, rows).sink_csv(path)
    return path


def write_workbook(folder: Path, rows: int) -> Path:
    """A pupils' list as XLSX: the six columns and four more."""
    path = folder / "inbox" / "students" / "list.xlsx"
    path.parent.mkdir(parents=True)
    listed = people(folder, rows).collect().with_row_index("STT", offset=1)
    listed = listed.with_columns(
        pl.format("HS{}", pl.col("STT")).alias("Mã học sinh"),
        pl.lit("THCS Lê Lợi").alias("Tên trường"),
        pl.format("{}A{}", pl.col("STT") % 4 + 6, pl.col("STT") % 9 + 1).alias("Lớp"),
    )
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, listed.columns)
        for at, row in enumerate(listed.iter_rows(), start=1):
            sheet.write_row(at, 0, row)
    return path


def measure(path: Path) -> dict[str, float]:
    """Seconds of each step, and the process's peak memory."""
    run = Run(settings=Settings(workspace=path.parents[2], night=NIGHT), run_id="2026-11-22-1")
    uncleaned = (
        (lambda: pl.read_csv(path, infer_schema=False)) if path.suffix == ".csv" else (lambda: pl.read_excel(path))
    )
    peer_s = timed(uncleaned)
    peer_mb = peak_mb()
    read_s = timed(lambda: read.read(run))
    standardise_s = timed(lambda: standardise.standardise(run))
    return {
        "peer_s": peer_s,
        "read_s": read_s,
        "standardise_s": standardise_s,
        "whole_s": round(read_s + standardise_s, 2),
        "whole_over_peer": round((read_s + standardise_s) / peer_s, 1),
        "peer_peak_mb": peer_mb,
        "peak_mb": peak_mb(),
    }


def apart(path: Path) -> dict[str, float]:
    """`measure` in a process of its own."""
    program = [sys.executable, "-m", "benchmarks.read", "--measure", str(path)]
    told = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(told))


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--workbook-rows", type=int, default=200_000)
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--measure", type=Path, help="only this file, figures to standard output")
    arguments = parser.parse_args()
    if arguments.measure:
        sys.stdout.write(json.dumps(measure(arguments.measure)))
        return
    figures = {}
    for name, write, rows in (
        ("csv", write_csv, arguments.rows),
        ("xlsx", write_workbook, arguments.workbook_rows),
    ):
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder), rows)
            figures[name] = {"rows": rows, "file_mb": round(path.stat().st_size / 1e6, 1), **apart(path)}
    arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
