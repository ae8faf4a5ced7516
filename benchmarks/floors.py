"""What plain polars, DuckDB, SQLite and XlsxWriter need for the same bytes as each hop of a finished night.

A floor does nothing but make what the hop leaves, from what is there: no cell is understood, no rule judged, nobody
looked up, nothing checked. `benchmarks.night --floors` measures them beside the hops; docs/profile.md shows both.
"""

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import xlsxwriter

from benchmarks.link import timed
from pipelines.config import Run
from pipelines.registry import snapshot
from pipelines.verify.queue.transitions import BATCH
from pipelines.workspace import run_tables

_READ = ("raw_",)
_STANDARDISED = ("core_",)
_LINKED = ("links", "residences", "examples", "habits")
_CHECKED = ("judged_", "issues", "rule_results")


def read(run: Run, scratch: Path) -> dict[str, Any]:
    """Every CSV of the inbox read as text by polars and stored by DuckDB."""

    def work() -> None:
        with duckdb.connect(scratch / "read.duckdb") as made:
            for number, file in enumerate(sorted(run.settings.inbox_directory.rglob("*.csv"))):
                rows = pl.read_csv(file, infer_schema=False).to_arrow()
                made.register("rows", rows)
                made.execute(f"CREATE TABLE raw_{number} AS SELECT * FROM rows")
                made.unregister("rows")

    return {"seconds": timed(work)}


def standardise(run: Run, scratch: Path) -> dict[str, Any]:
    """The tables `core_*` copied by DuckDB."""
    return {"seconds": timed(lambda: _copied(run, scratch / "standardise.duckdb", _STANDARDISED))}


def check(run: Run, scratch: Path) -> dict[str, Any]:
    """What the rules said of each record, and the issues, copied by DuckDB."""
    return {"seconds": timed(lambda: _copied(run, scratch / "check.duckdb", _CHECKED))}


def link(run: Run, scratch: Path) -> dict[str, Any]:
    """The links copied by DuckDB, each beside its person, who is found by a plain join with the snapshot."""

    def work() -> None:
        _copied(run, scratch / "link.duckdb", _LINKED)
        people = snapshot.current(run.settings).path
        with run_tables.connect(run, read_only=True) as tables:
            sql = f"SELECT count(name_key) AS n FROM links JOIN read_parquet('{people}') USING (person_id)"
            run_tables.query(tables, sql)

    return {"seconds": timed(work)}


def verify(run: Run, scratch: Path) -> dict[str, Any]:
    """Each question stored once by SQLite and set to its answer, every thousand a commit on disk."""
    with run_tables.connect(run, read_only=True) as tables:
        sql = "SELECT DISTINCT ON (request_id) request_id, tenant, person_id, result, asked_tonight FROM verifications"
        asked = run_tables.query(tables, sql + " ORDER BY request_id")

    def work() -> None:
        with sqlite3.connect(scratch / "state.sqlite", isolation_level=None) as state:
            state.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _QUESTIONS)
            rows = asked.select("request_id", "tenant", "person_id").rows()
            _each(state, "INSERT INTO questions VALUES (?, ?, ?, NULL)", rows, 10 * BATCH)
            answers = asked.filter("asked_tonight").select("result", "request_id").rows()
            _each(state, "UPDATE questions SET result = ? WHERE request_id = ?", answers, BATCH)

    return {"seconds": timed(work)}


def report(run: Run, scratch: Path) -> dict[str, Any]:
    """Every Parquet file of the run written again by DuckDB, its lists by XlsxWriter, and all outputs hashed."""

    def work() -> None:
        with duckdb.connect() as tables:
            for number, file in enumerate(sorted(run.directory.rglob("*.parquet"))):
                to = scratch / f"{number}.parquet"
                tables.execute(f"COPY (FROM '{file}') TO '{to}' (FORMAT parquet, COMPRESSION zstd)")
        with run_tables.connect(run, read_only=True) as tables:
            listed = run_tables.query(tables, _LISTED).rows()
        with xlsxwriter.Workbook(scratch / "list.xlsx", {"constant_memory": True}) as book:
            sheet = book.add_worksheet()
            for at, row in enumerate(listed[:1_000_000]):
                sheet.write_row(at, 0, row)
        for file in sorted(path for path in run.directory.rglob("*") if path.is_file()):
            with file.open("rb") as opened:
                hashlib.file_digest(opened, "sha256")

    return {"seconds": timed(work)}


FLOORS: dict[str, Callable[[Run, Path], dict[str, Any]]] = {
    "read": read,
    "standardise": standardise,
    "check": check,
    "link": link,
    "verify": verify,
    "report": report,
}
"""Hop → its floor. `live` is part of the floor of `check`; starting and ending have none."""

_QUESTIONS = "CREATE TABLE questions (request_id TEXT PRIMARY KEY, tenant TEXT, person_id TEXT, result TEXT);"
_LISTED = """
SELECT record_id, source_file, source_row, status, person_id, reason, differs FROM links
WHERE record_id IN (SELECT record_id FROM issues WHERE severity = 'error')
"""


def _copied(run: Run, to: Path, names: tuple[str, ...]) -> None:
    """Copies the run's tables with these names or beginnings of names into another database."""
    with duckdb.connect(to) as made:
        made.execute(f"ATTACH '{run.database}' AS run (READ_ONLY)")
        sql = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'run' ORDER BY table_name"
        for (name,) in made.execute(sql).fetchall():
            if name.startswith(names):
                made.execute(f'CREATE TABLE "{name}" AS FROM run."{name}"')


def _each(state: sqlite3.Connection, sql: str, rows: list[tuple[Any, ...]], size: int) -> None:
    for at in range(0, len(rows), size):
        state.execute("BEGIN IMMEDIATE")
        state.executemany(sql, rows[at : at + size])
        state.execute("COMMIT")
