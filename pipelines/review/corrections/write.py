"""Writes the corrected copy of each approved file in its own format, and the list of its changes."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipelines.config import Run, Settings
from pipelines.errors import BadInput, UnreadableFile
from pipelines.files.containers import identify, unpack
from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.header.mapping_file import chosen_headers
from pipelines.files.table import tables
from pipelines.night import runs
from pipelines.read.hop import MAPPING
from pipelines.review.corrections import approve, archive_copy, fill, proposed
from pipelines.review.corrections.fill import Place
from pipelines.sectors import schema
from pipelines.workspace import atomic_files, audit_log, run_schema, run_tables, state
from pipelines.workspace.checksums import sha256


class Written(NamedTuple):
    """What was filled into one file; files of an archive share its copy and its list of changes."""

    sector: str
    source_file: str
    approved_by: str
    copy: Path | None
    """The file, or the archive that it is in; None if none was written."""
    changes: Path
    """The list of changes."""
    filled_in: int
    left: int
    """Changes that stand in the list only: their cells could not be written so that all else stays as it was."""


class Arrived(NamedTuple):
    """A file as it lies in the inbox."""

    sector: str
    name: str
    sha256: str


class Approved(NamedTuple):
    """The changes of one file, or of one member of an archive, and who approved them."""

    changes: pl.DataFrame
    of: approve.File


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
    approved = [Approved(*each) for each in zip(wanted, approve.require(settings, wanted), strict=True)]
    arrived = _arrived(run)
    by_arrival: dict[Arrived, list[Approved]] = {}
    for each in approved:
        by_arrival.setdefault(arrived[each.of.sector, each.of.source_file], []).append(each)
    written = [told for arrival, its in by_arrival.items() for told in _one(run, arrival, its)]
    digests = {(each.of.sector, each.of.source_file): each.of.digest for each in approved}
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        for told in written:
            digest = digests[told.sector, told.source_file]
            details = {"sector": told.sector, "cells": told.filled_in, "sha256": digest, "run": run.run_id}
            audit_log.append(connection, "export", details, told.approved_by)
    return written


def _arrived(run: Run) -> dict[tuple[str, str], Arrived]:
    """Sector and source file → the file of the inbox that it is, or that it is in."""
    sql = (
        f"SELECT DISTINCT sector, source_file, arrived_as, arrived_sha256 FROM {run_schema.FILES} WHERE refused IS NULL"
    )
    with run_tables.connect(run) as connection:
        rows = run_tables.query(connection, sql).rows()
    return {(sector, file): Arrived(sector, name, digest) for sector, file, name, digest in rows}


def _one(run: Run, arrival: Arrived, approved: Sequence[Approved]) -> list[Written]:
    """What was filled into one file of the inbox."""
    copy = run.settings.workspace / "corrections" / run.run_id / arrival.sector / arrival.name
    done = _copied(run, arrival, approved, copy)
    if not any(done.values()):
        copy.unlink(missing_ok=True)
    key = {"sheet": pl.String, "source_row": pl.Int32, "column": pl.String}
    told = []
    for each in approved:
        there = pl.DataFrame(sorted(done[each.of.source_file]), schema=key, orient="row")
        marked = there.with_columns(filled_in=pl.lit("yes"))
        joined = each.changes.join(marked, on=list(key), how="left", maintain_order="left").drop("record_id")
        told.append(joined.with_columns(pl.col("filled_in").fill_null("no")))
    beside = copy.with_name(f"{copy.name}.changes.csv")
    with atomic_files.atomic(beside) as temporary:
        pl.concat(told).write_csv(temporary, include_bom=True)
    there_is = copy if copy.is_file() else None
    return [_written(each, there_is, beside, rows) for each, rows in zip(approved, told, strict=True)]


def _written(approved: Approved, copy: Path | None, beside: Path, told: pl.DataFrame) -> Written:
    filled, of = told.filter(filled_in="yes").height, approved.of
    return Written(of.sector, of.source_file, str(of.approved_by), copy, beside, filled, told.height - filled)


def _copied(run: Run, arrival: Arrived, approved: Sequence[Approved], target: Path) -> Mapping[str, set[Place]]:
    """Source file → its changes that were filled in; none of a file whose format is not written again.

    An archive is written again as a whole, or not at all: where a member that nobody changes cannot be copied.
    """
    source = run.settings.inbox_directory / arrival.sector / arrival.name
    done: dict[str, set[Place]] = {each.of.source_file: set() for each in approved}
    if not source.is_file():
        return done
    if sha256(source) != arrival.sha256:
        raise BadInput(
            "file_changed",
            f"«{arrival.name}» đã thay đổi từ đêm đó; hãy chạy lại: sachsong nightly / it has changed.",
        )
    described = schema.of_settings(run.settings)[arrival.sector]
    words = HeaderAliases(described, chosen_headers(source.parent / MAPPING, described))
    with tempfile.TemporaryDirectory(dir=run.settings.workspace) as scratch:
        folders = {name: Path(scratch) / name for name in ("unpacked", "cells", "filled")}
        for folder in folders.values():
            folder.mkdir()
        members = {each.source_file: each for each in unpack.members(source, arrival.name, folders["unpacked"])}
        new: dict[str, Path] = {}
        for number, each in enumerate(approved):
            member, filled = members[each.of.source_file], folders["filled"] / str(number)
            found = tables(member.path, words, scratch=folders["cells"], name=member.source_file)
            places = fill.fill(member.path, filled, [table for table in found if table.header], each.changes)
            if places:
                done[member.source_file], new[member.source_file] = places, filled
        try:
            _put_together(source, target, members, new)
        except UnreadableFile:  # of a member that nobody changes
            return {name: set() for name in done}
    return done


def _put_together(source: Path, target: Path, members: Mapping[str, unpack.Member], new: Mapping[str, Path]) -> None:
    """Writes the file of the inbox again with what was filled in."""
    if not new:
        return
    with atomic_files.atomic(target) as temporary:
        match identify.container(source):
            case "zip":
                archive_copy.rewrite_zip(source, temporary, {members[name].begins: path for name, path in new.items()})
            case "gzip":
                archive_copy.rewrite_gzip(temporary, *new.values())
            case None:
                (only,) = new.values()
                temporary.write_bytes(only.read_bytes())
