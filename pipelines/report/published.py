"""Writes the only figures that are for people outside the owning department: counts by place, small ones hidden."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipelines.config import Run
from pipelines.report import labels, templating, worklist
from pipelines.report.small_counts import HIDDEN, Shown, of_count, of_total
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector
from pipelines.workspace import atomic_files, audit_log, run_tables, state

TABLE = "counts.csv"
PAGE = "counts.html"
PLACE = ("sector", "province_code", "commune_code")
MEASURES = ("records", "needs_work")
"""What is counted. No third part of `records`: with it the two would tell what is left."""
LEVELS = ("night", "sector", "province", "commune")


class _Row(NamedTuple):
    level: str
    place: tuple[str, ...]
    shown: Mapping[str, Shown]


def write(run: Run, folder: Path, by: str) -> dict[str, int]:
    """Counts of rows and of hidden figures, written to `folder` as a table and a page of the same figures.

    That `by` published them, with the digests of both files, is in the audit log before they are written. The run's
    tables must still be there.
    """
    sectors = schema.of_settings(run.settings)
    with run_tables.connect(run, read_only=True) as connection:
        worklist.prepare(connection, sectors)
        counted = run_tables.query(connection, _COUNTS)
    rows = table(counted, sectors)
    counts = {"rows": rows.height, "hidden": sum(int((rows[name] == HIDDEN).sum()) for name in MEASURES)}
    files = {
        TABLE: rows.write_csv(include_bom=True).encode(),
        PAGE: _page(rows, run.settings.night).encode(),
    }
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    with state.opened(run.settings) as engine, state.transaction(engine) as log:
        audit_log.append(log, "export", {"verb": "publish", "run_id": run.run_id, **counts, "files": digests}, by)
    for name, content in files.items():
        with atomic_files.atomic(folder / name) as temporary:
            temporary.write_bytes(content)
    return counts


def table(counted: pl.DataFrame, sectors: Mapping[str, Sector]) -> pl.DataFrame:
    """The counts as they are published: the whole night, then each sector, its provinces and their communes.

    Shape: `level`, PLACE (null above the level, `00`/`00000` for an unknown place), `title`, MEASURES as text.
    `counted`: PLACE and MEASURES, exact, a row each commune.
    """
    leaves = {tuple(row[: len(PLACE)]): row[len(PLACE) :] for row in counted.select(*PLACE, *MEASURES).iter_rows()}
    made = [_told(row, sectors) for row in _rows((), leaves)]
    columns = ["level", *PLACE, "title", *MEASURES]
    return pl.DataFrame(made, schema=dict.fromkeys(columns, pl.String), orient="row")


def _rows(place: tuple[str, ...], leaves: Mapping[tuple[str, ...], Sequence[int]]) -> Iterator[_Row]:
    """The place's row, then those of all places in it."""
    level = LEVELS[len(place)]
    if len(place) == len(PLACE):
        yield _Row(level, place, {name: of_count(leaves[place][at]) for at, name in enumerate(MEASURES)})
        return
    below: list[_Row] = []
    for name in sorted({each[len(place)] for each in leaves}):
        inner = (*place, name)
        below += _rows(inner, {each: counts for each, counts in leaves.items() if each[: len(inner)] == inner})
    parts = [row for row in below if len(row.place) == len(place) + 1]
    totals = {
        name: of_total(sum(counts[at] for counts in leaves.values()), [part.shown[name] for part in parts])
        for at, name in enumerate(MEASURES)
    }
    yield _Row(level, place, totals)
    yield from below


def _told(row: _Row, sectors: Mapping[str, Sector]) -> tuple[str | None, ...]:
    place = [*row.place, *[None] * (len(PLACE) - len(row.place))]
    return row.level, *place, _title(row, sectors), *(row.shown[name].text for name in MEASURES)


def _title(row: _Row, sectors: Mapping[str, Sector]) -> str:
    match row.place:
        case (sector,):
            return sectors[sector].title_vi
        case (_, province):
            return labels.province_title(province) if province != "00" else "Không rõ tỉnh"
        case (_, _, commune):
            return labels.commune_title(commune) if commune != "00000" else "Không rõ xã/phường"
    return "Cả nước"


def _page(rows: pl.DataFrame, night: date) -> str:
    told = rows.filter(pl.col("level") != "commune").to_dicts()
    return templating.environment().get_template("published.html").render(rows=told, night=night, table=TABLE)


_COUNTS = """
SELECT sector, coalesce(province_code, '00') AS province_code, coalesce(commune_code, '00000') AS commune_code,
       count(*) AS records, count(*) FILTER (needs_work) AS needs_work
FROM outcomes GROUP BY ALL ORDER BY ALL
"""
