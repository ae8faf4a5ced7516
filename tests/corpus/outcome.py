"""What reading and standardising made of a case, and in what that differs from the table."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.read.hop import read
from pipelines.standardise.hop import standardise
from pipelines.workspace import run_schema, run_tables
from tests.corpus.make import physical_rows
from tests.corpus.table import Case

NIGHT = date(2026, 11, 22)


@dataclass(frozen=True)
class Outcome:
    """What a run over an inbox left."""

    files: pl.DataFrame
    rejected: pl.DataFrame
    raw: pl.DataFrame
    """`raw_<sector>` of one sector."""
    core: pl.DataFrame
    """`core_<sector>` of one sector, with `extra` of its `raw_<sector>`."""


def run_over(workspace: Path, sector: str) -> Outcome:
    """A run over `workspace/inbox`: read and standardised. Errors: whatever escapes from there."""
    run = _run(workspace)
    read(run)
    standardise(run)
    files, rejected, raw, core = _tables(
        run, "files", "rejected", run_schema.raw_table(sector), run_schema.core_table(sector)
    )
    return Outcome(files, rejected, raw, core.join(raw.select("record_id", "extra"), on="record_id", how="left"))


def read_again(workspace: Path, sector: str, first: Outcome) -> list[str]:
    """In what a second reading of the same inbox differs from the first. Errors: whatever escapes."""
    run = _run(workspace)
    read(run)
    names = {"files": "files", "rejected": "rejected", "raw": run_schema.raw_table(sector)}
    again = dict(zip(names, _tables(run, *names.values()), strict=True))
    return [f"read again, {name} is another" for name in names if not getattr(first, name).equals(again[name])]


def _run(workspace: Path) -> Run:
    return Run(settings=Settings(workspace=workspace, night=NIGHT, threads=1), run_id=f"{NIGHT}-1")


def _tables(run: Run, *names: str) -> list[pl.DataFrame]:
    with run_tables.connect(run) as connection:
        return [run_tables.read_table(connection, name) for name in names]


def differences(case: Case, outcome: Outcome) -> list[str]:
    """In what the outcome is not what the table says; nothing if it is."""
    return [*_sums(case, outcome), *_refusals(case, outcome), *_rejections(case, outcome), *_records(case, outcome)]


def tree(folder: Path) -> dict[str, str]:
    """Everything in a folder, with what would show that it was touched; nothing is opened that is no file."""
    found = {}
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        text = f"{stat.S_IFMT(about.st_mode)} {about.st_size} {about.st_mtime_ns}"
        if stat.S_ISREG(about.st_mode) and about.st_size < 5_000_000:
            text += hashlib.sha256(path.read_bytes()).hexdigest()
        found[os.fsencode(path.relative_to(folder)).hex()] = text
    return found


def refusal_of_all(case: Case, refusal: BadInput) -> list[str]:
    """In what a refusal of the whole run is not what the table says."""
    wanted = set(case.refused.values())
    return [] if wanted == {refusal.code} else [f"the run was refused: {refusal.code} {refusal}"]


def _sums(case: Case, outcome: Outcome) -> Iterator[str]:
    files, rejected, core = outcome.files, outcome.rejected, outcome.core
    counted, taken = int(files["rows_counted"].sum()), int(files["rows_read"].sum())
    refused_rows = rejected.filter(pl.col("source_row").is_not_null()).height
    if counted != core.height + refused_rows:
        yield f"counted {counted}, but {core.height} records and {refused_rows} rejected rows"
    if (taken, counted - taken) != (core.height, refused_rows):
        yield f"`files` tells of {taken} of {counted} rows read, there are {core.height} records"
    if core["record_id"].n_unique() != core.height:
        yield "record ids are not unique"
    places = pl.concat([core.select(_PLACE), rejected.filter(pl.col("source_row").is_not_null()).select(_PLACE)])
    if places.is_duplicated().any():
        yield f"in two places: {places.filter(places.is_duplicated()).unique().rows()}"
    wanted = physical_rows(case)
    if wanted is not None and counted != wanted:
        yield f"{counted} rows counted, the file has {wanted}"
    if (
        wanted is not None
        and case.rest is None
        and wanted != (stated := len(case.records) + case.alike + _stated(case))
    ):
        yield f"the table is wrong: {stated} rows stated, the file has {wanted}"
    if blank := rejected.filter((pl.col("message").fill_null("") == "") | (pl.col("code").fill_null("") == "")).height:
        yield f"{blank} rejected rows without code or message"


_Place = tuple[str | None, str | None, int | None]
_PLACE = ("source_file", "sheet", "source_row")


def _stated(case: Case) -> int:
    return sum(each.at is not None for each in case.rejected)


def _refusals(case: Case, outcome: Outcome) -> Iterator[str]:
    files = outcome.files
    by_sheet = any("#" in place for place in case.refused)
    refused = {
        row["source_file"] + (f"#{row['sheet']}" if by_sheet else ""): row["refused"]
        for row in files.sort("source_file", "sheet").to_dicts()
        if row["refused"] is not None
    }
    if refused != dict(case.refused):
        messages = files["message"].drop_nulls().to_list()
        yield f"refused {refused}, should be {dict(case.refused)}: {messages}"
    told = " ".join(text for name in files.columns for text in files[name].cast(pl.String).drop_nulls())
    for word in case.says:
        if word.lower() not in told.lower():
            yield f"`files` does not say «{word}»: {told[:600]}"
    yield from _told(case, files)


def _told(case: Case, files: pl.DataFrame) -> Iterator[str]:
    if case.encoding is not None and set(files["encoding"]) != {case.encoding}:
        yield f"encoding {set(files['encoding'])}, should be {case.encoding}"
    if case.header_row is not None and set(files["header_row"]) != {case.header_row}:
        yield f"header row {set(files['header_row'])}, should be {case.header_row}"
    mapping = {each["header"]: each["column"] for text in files["mapping"] for each in json.loads(text)}
    for header, column in case.columns.items():
        if mapping.get(header) != column:
            yield f"«{header}» was taken for {mapping.get(header)}, not {column}: {mapping}"


def _rejections(case: Case, outcome: Outcome) -> Iterator[str]:
    rows = outcome.rejected
    found: dict[_Place, str] = {
        (_by(case, "file", row["source_file"]), _by(case, "sheet", row["sheet"]), row["source_row"]): row["code"]
        for row in rows.to_dicts()
        if row["source_row"] is not None
    }
    wanted: dict[_Place, str] = {
        (each.file, each.sheet, each.at): each.code for each in case.rejected if each.at is not None
    }
    if case.rest is not None:
        others = {place: case.rest for place in found if place not in wanted}
        physical = physical_rows(case)
        if physical is not None and len(others) != physical - len(wanted) - len(case.records):
            yield f"{len(others)} rows are the rest"
        wanted |= others
    if found != wanted:
        yield f"rejected {_pretty(found)}, should be {_pretty(wanted)}"


def _by(case: Case, what: str, value: str) -> str | None:
    """The file or sheet, if the table tells them apart."""
    stated = any(getattr(each, what) is not None for each in (*case.records, *case.rejected))
    return value if stated else None


def _pretty(places: Mapping[_Place, str]) -> dict[str, str]:
    return {":".join(str(part) for part in place if part is not None): code for place, code in places.items()}


def _records(case: Case, outcome: Outcome) -> Iterator[str]:
    found = {
        (_by(case, "file", row["source_file"]), _by(case, "sheet", row["sheet"]), row["source_row"]): row
        for row in outcome.core.to_dicts()
    }
    wanted = {(each.file, each.sheet, each.at): each.fields for each in case.records}
    if not set(wanted) <= set(found) or len(found) != len(wanted) + case.alike:
        short: dict[_Place, str] = {place: row["full_name"] or row["full_name_raw"] for place, row in found.items()}
        yield f"records {_pretty(short)}, should be {sorted(map(str, wanted))}"
    for place in [place for place in wanted if place in found]:
        for name, value in wanted[place].items():
            if (seen := _seen(found[place], name, value)) != value:
                yield f"{place[-1]}: {name} is {seen!r}, should be {value!r}"


def _seen(row: Mapping[str, Any], name: str, wanted: Any) -> Any:
    """The record's value. `repairs`: those that are wanted and named; `extra`: of the columns that are wanted;
    `extra_holds`: that value in any column that is not ours."""
    if name == "repairs":
        named = f"{row['name_repairs']},{row.get('text_repairs') or ''},{row['birth_repairs']},{row['id_repairs']}"
        return wanted if wanted is None or wanted in named else named
    if name == "extra":
        extra = json.loads(row["extra"] or "{}")
        return {key: extra.get(key) for key in wanted}
    if name == "extra_holds":
        return wanted if wanted in json.loads(row["extra"] or "{}").values() else row["extra"]
    return row.get(name, f"no column {name}")
