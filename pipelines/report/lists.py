"""Writes every recipient's list side by side, and the index of them all."""

import shutil
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import polars as pl

from pipelines.config import Run
from pipelines.registry import snapshot as snapshots
from pipelines.report import anchor, answered, labels, recipients, worklist
from pipelines.report.cleaned import sectors_tonight
from pipelines.report.list_index import Entry, write_index
from pipelines.report.numbers import day
from pipelines.report.recipients import Recipients
from pipelines.report.workbook import cover
from pipelines.report.workbook.department_list import ROWS_A_BOOK, List, shown, write_list
from pipelines.report.workbook.identity import identity
from pipelines.report.workbook.overview import counted_places
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector
from pipelines.workspace import atomic_files, issued_lists, run_tables
from pipelines.workspace.issued_lists import LISTED, Issued

ROWS_AT_A_TIME = 20_000
"""Rows from which on no further list is read with those before it: some 30 MB."""


def write_lists(connection: duckdb.DuckDBPyConnection, run: Run, *, rows_a_book: int = ROWS_A_BOOK) -> dict[str, int]:
    """Number of records listed for each sector; writes `reports/lists/` and `listed.parquet`.

    Errors: BadInput if the table of recipients is wrong.
    """
    sectors = _sectors(connection, run)
    known = recipients.read(run.settings, schema.of_settings(run.settings))
    recipients.assign(connection, known)
    _keep_table(run)
    answered.prepare(connection, run.settings)
    before = issued_lists.before(run.settings, run.settings.night.isoformat())
    counts, entries, issued, listed = {}, list[Entry](), list[Issued](), list[pl.DataFrame]()
    with ThreadPoolExecutor(run.settings.threads) as pool:
        waiting: deque[Future[None]] = deque()
        for sector in sectors:
            counts[sector.name] = 0
            for each in _of_sector(connection, run, sector, known, before):
                counts[sector.name] += each.rows.height
                entries.append(_entry(each, before))
                issued.append(_issued(run, each))
                listed.append(_about(each))
                # What is still to be written is held in memory: one more than can be written at a time.
                if len(waiting) > run.settings.threads:
                    waiting.popleft().result()
                waiting.append(pool.submit(write_list, run, each, rows_a_book))
        for future in waiting:
            future.result()
    atomic_files.write_parquet(pl.concat([_NOTHING_LISTED, *listed]), run.directory / LISTED)
    write_index(run, {each.name: each for each in sectors}, entries, worklist.unmatched_by_zone(connection))
    issued_lists.record(run.settings, run.run_id, issued)
    return counts


_NOTHING_LISTED = pl.DataFrame(schema=dict.fromkeys(("list_id", "record_id", "sector", "content"), pl.String))


def _keep_table(run: Run) -> None:
    """The table of recipients stands beside the lists that were made by it."""
    table = run.settings.workspace / recipients.FILE
    if table.is_file():
        with atomic_files.atomic(run.reports / "lists" / recipients.FILE) as temporary:
            shutil.copyfile(table, temporary)


def _sectors(connection: duckdb.DuckDBPyConnection, run: Run) -> list[Sector]:
    """Also a sector of which every row was rejected: its department must learn that."""
    dropped = run_tables.query(connection, "SELECT DISTINCT sector FROM rejected")["sector"].to_list()
    named = {*sectors_tonight(connection), *dropped}
    return [each for name, each in schema.of_settings(run.settings).items() if name in named]


def _of_sector(
    connection: duckdb.DuckDBPyConnection, run: Run, sector: Sector, known: Recipients, before: Mapping[str, Issued]
) -> Iterator[List]:
    """The sector's lists; one without a record where rows were rejected, or where the last night had one."""
    seeing = [each.name for each in known.named.values() if each.sees_corrections and each.sector == sector.name]
    got = worklist.list_sector(connection, sector, seeing, _registry(run) if seeing else None)
    standing = answered.standing(connection, sector)
    rejected, whole = worklist.rejected(connection, sector.name), known.of_whole(sector.name)
    handed = [each.recipient for each in before.values() if each.sector == sector.name]
    earlier = {name for name in handed if known.is_known(name, sector.name)}
    head = anchor.sentence(run)
    records = dict(got.iter_rows())
    every = {*records, *earlier, *([whole] if rejected.height or not records else [])}
    counts = {name: records.get(name, 0) for name in sorted(every)}
    by_unit = worklist.count_by_unit(connection, sector.name)
    places, figures = counted_places(by_unit, counts), _figures_of(by_unit)
    for name, rows in _shown(connection, sector, counts):
        yield List(
            recipient=known.find(name, sector),
            sector=sector,
            identity=identity(run.run_id, sector.name, name, rows["record_id"]),
            rows=rows,
            counted=places[name],
            rejected=rejected if name == whole else rejected.clear(),
            tonight=cover.Figures(day(run.settings.night), figures.get(name, {cover.ALL: 0})),
            before=_figures(before.get(name)),
            anchor=head,
            answered=dict(standing.filter(recipient=name).select("standing", "records").iter_rows()),
        )


def _shown(
    connection: duckdb.DuckDBPyConnection, sector: Sector, counts: Mapping[str, int]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each recipient's rows as they are shown; `counts` are their rows, in the order of `listed`.

    Several small lists are read and worded together: what is done a hundred times costs more than the rows.
    """
    first, names = 0, list[str]()
    for at, name in enumerate(counts, 1):
        names.append(name)
        rows = sum(counts[each] for each in names)
        if rows >= ROWS_AT_A_TIME or at == len(counts):
            together = shown(worklist.rows_of(connection, first, rows), sector)
            for each in names:
                yield each, together.head(counts[each])
                together = together.slice(counts[each])
            first, names = first + rows, []


def _registry(run: Run) -> Path:
    return snapshots.current(run.settings).path


def _figures_of(by_unit: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Records of each recipient's list, all and by group of status."""
    group = labels.titles_of(by_unit["status"], labels.group_of_status).alias("group")
    counted = by_unit.group_by("recipient", group).agg(pl.sum("records")).sort("recipient", "group")
    found = dict[str, dict[str, int]]()
    for recipient, code, records in counted.iter_rows():
        counts = found.setdefault(recipient, {cover.ALL: 0})
        counts[code], counts[cover.ALL] = records, counts[cover.ALL] + records
    return found


def _figures(issued: Issued | None) -> cover.Figures | None:
    return issued and cover.Figures("/".join(reversed(issued.night.split("-"))), issued.counts)


def _entry(listed: List, before: Mapping[str, Issued]) -> Entry:
    name, earlier = listed.recipient.name, before.get(listed.recipient.name)
    stood = listed.answered
    return Entry(
        sector=listed.sector.name,
        recipient=name,
        title=listed.recipient.title,
        file=f"{name}.xlsx",
        records=listed.rows.height,
        before=earlier.counts[cover.ALL] if earlier else None,
        mended=stood.get("mended", 0),
        open=stood.get("open", 0),
        refused=stood.get("refused", 0) + stood.get("third", 0),
        list_id=listed.identity.list_id,
    )


def _issued(run: Run, listed: List) -> Issued:
    return Issued(
        run_id=run.run_id,
        recipient=listed.recipient.name,
        list_id=listed.identity.list_id,
        night=run.settings.night.isoformat(),
        sector=listed.sector.name,
        checksum=listed.identity.checksum,
        counts=listed.tonight.counts,
    )


def _about(listed: List) -> pl.DataFrame:
    return listed.rows.select(
        pl.lit(listed.identity.list_id).alias("list_id"),
        "record_id",
        pl.lit(listed.sector.name).alias("sector"),
        "content",
    )
