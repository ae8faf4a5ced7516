"""Writes the corrected copy of each approved file in its own format, and the list of its changes."""

import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.header.mapping_file import chosen_headers
from pipelines.files.table import Table, tables
from pipelines.files.text.sheet import DelimitedSheet
from pipelines.night import runs
from pipelines.read.hop import MAPPING
from pipelines.review.corrections import approve, parquet_copy, proposed, text_copy, workbook_copy
from pipelines.review.corrections.forms import USUAL_DATE
from pipelines.review.corrections.text_copy import Cell
from pipelines.sectors import schema
from pipelines.workspace import atomic_files, audit_log, run_schema, run_tables, state
from pipelines.workspace.checksums import sha256

Place = tuple[str, int, str]
"""Sheet, row and column of ours: one proposed change."""


class Written(NamedTuple):
    """A corrected copy."""

    sector: str
    source_file: str
    approved_by: str
    copy: Path | None
    """The file; None if it has a format that is not written again."""
    changes: Path
    """The list of changes."""
    filled_in: int
    left: int
    """Changes that stand in the list only: their cell could not be written so that all else stays as it was."""


def write(settings: Settings, sector: str | None = None, file: str | None = None) -> list[Written]:
    """What was written below `<workspace>/corrections/<run>/`: of one sector or file if it is named, else of all.

    Errors: BadInput if a file's corrections are not approved as they stand, or its content is not the night's any more.
    """
    run = runs.last_run(settings)
    runs.require_tables(run)
    wanted = [
        changes
        for changes in approve.by_file(proposed.proposed(run))
        if sector in (None, changes["sector"][0]) and file in (None, changes["source_file"][0])
    ]
    if not wanted:
        raise BadInput("nothing_to_write", "Đêm gần nhất không đề xuất sửa ô nào như vậy / nothing is proposed.")
    approved = approve.require(settings, wanted)
    written = [_one(settings, run, changes, each) for changes, each in zip(wanted, approved, strict=True)]
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        for each, of in zip(written, approved, strict=True):
            told = {"sector": each.sector, "cells": each.filled_in, "sha256": of.digest, "run": run.run_id}
            audit_log.append(connection, "export", told, each.approved_by)
    return written


def _one(settings: Settings, run: Run, changes: pl.DataFrame, of: approve.File) -> Written:
    folder = settings.workspace / "corrections" / run.run_id / of.sector
    copy = folder / of.source_file
    done = _copied(run, changes, of, copy)
    if done is None:
        copy.unlink(missing_ok=True)
    key = {"sheet": pl.String, "source_row": pl.Int32, "column": pl.String}
    there = pl.DataFrame(sorted(done or ()), schema=key, orient="row").with_columns(filled_in=pl.lit("yes"))
    told = changes.join(there, on=list(key), how="left", maintain_order="left").drop("record_id")
    told = told.with_columns(pl.col("filled_in").fill_null("no"))
    beside = copy.with_name(f"{copy.name}.changes.csv")
    with atomic_files.atomic(beside) as temporary:
        told.write_csv(temporary, include_bom=True)
    filled = told.filter(filled_in="yes").height
    return Written(
        of.sector,
        of.source_file,
        str(of.approved_by),
        copy if done is not None else None,
        beside,
        filled,
        told.height - filled,
    )


def _copied(run: Run, changes: pl.DataFrame, of: approve.File, target: Path) -> set[Place] | None:
    """The changes that were filled in; None where the file has another format, or came in an archive."""
    source = run.settings.inbox_directory / of.sector / of.source_file
    with run_tables.connect(run) as connection:
        sql = f"SELECT DISTINCT sha256 FROM {run_schema.FILES} WHERE sector = $sector AND source_file = $file"
        (digest,) = run_tables.query(connection, sql, {"sector": of.sector, "file": of.source_file})["sha256"].to_list()
    if not source.is_file():
        return None
    if sha256(source) != digest:
        raise BadInput(
            "file_changed",
            f"«{of.source_file}» đã thay đổi từ đêm đó; hãy chạy lại: sachsong nightly / it has changed.",
        )
    described = schema.of_settings(run.settings)[of.sector]
    words = HeaderAliases(described, chosen_headers(source.parent / MAPPING, described))
    with tempfile.TemporaryDirectory(dir=run.settings.workspace) as scratch:
        found = [each for each in tables(source, words, scratch=Path(scratch)) if each.header]
        with atomic_files.atomic(target) as temporary:
            temporary.touch()
            return _filled(source, temporary, found, changes)


def _filled(source: Path, target: Path, found: list[Table], changes: pl.DataFrame) -> set[Place] | None:
    """As `_copied`, given the file's tables."""
    cells, places = dict[int, list[Cell]](), dict[tuple[int, Cell], Place]()
    for table in found:
        for row in changes.filter(sheet=table.sheet.name).to_dicts():
            assert table.header is not None
            at = table.header.sources(row["column"]).get("")
            if at is not None:
                cell = Cell(row["source_row"], at, row["before"], row["after"])
                cells.setdefault(table.sheet.number, []).append(cell)
                places[table.sheet.number, cell] = (row["sheet"], row["source_row"], row["column"])
    format_ = found[0].file.format if found else None
    days = {cell: day for (_, cell), place in places.items() if place[2] == "date_of_birth" and (day := _day(cell))}
    if format_ == "xlsx":
        done = workbook_copy.rewrite(source, target, cells, days)
    elif format_ == "parquet":
        done = parquet_copy.rewrite(source, target, cells.get(1, []), days)
    elif format_ == "delimited" and isinstance(found[0].sheet, DelimitedSheet):
        sheet = found[0].sheet
        if not text_copy.is_known(sheet.encoding):
            return None
        done = text_copy.rewrite(source, target, sheet.encoding, sheet.delimiter, cells.get(1, []))
    else:
        return None
    return {place for (_, cell), place in places.items() if cell in done}


def _day(cell: Cell) -> date | None:
    for form in (USUAL_DATE, "%Y-%m-%d"):
        try:
            return datetime.strptime(cell.after, form).date()  # noqa: DTZ007  a day, no moment
        except ValueError:
            continue
    return None
