"""Stores a human's decision about a record of the newest night, checked against the registry."""

import csv
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.config import TIME_ZONE, Settings
from pipelines.errors import BadInput
from pipelines.link import hop as link
from pipelines.link import human_decisions
from pipelines.link.human_decisions import Decision, Verdict
from pipelines.night import runs
from pipelines.registry import snapshot as snapshots
from pipelines.review.proof import Proven
from pipelines.sectors import schema
from pipelines.workspace import run_tables, state
from pipelines.workspace.persons import key
from vn import ids

COLUMNS = ("record_id", "verdict", "person_id", "by", "because")
"""Columns of a file of decisions, in this order; `person_id` may be empty."""


class HumanVerdict(BaseModel):
    """A person's verdict about a record, as typed or read from a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    record_id: str = Field(min_length=1)
    verdict: Verdict
    person_id: str | None = None
    """Number of the person; null: the person whom the night linked or proposed."""
    by: str = Field(min_length=1)
    because: str = Field(min_length=1)


class Kept(NamedTuple):
    """A stored decision as it is shown: numbers are masked."""

    decision: Decision
    record_id: str
    person: str | None


def read_verdicts(file: Path) -> list[HumanVerdict]:
    """The verdicts in a CSV file with the columns COLUMNS.

    Errors: BadInput if it cannot be read; all rows at fault are named at once.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise BadInput("bad_file", f"Không đọc được «{file}» (CSV, UTF-8) / cannot be read as CSV.") from fault
    if not rows or set(rows[0]) != set(COLUMNS):
        raise BadInput(
            "bad_file", f"«{file}» cần có dòng, và đúng các cột / needs rows and the columns {', '.join(COLUMNS)}."
        )
    words, faults = [], []
    for number, row in enumerate(rows, start=2):
        try:
            words.append(HumanVerdict.model_validate({**row, "person_id": row["person_id"] or None}))
        except ValidationError as fault:
            faults.append(f"{number}: {', '.join(str(each['loc'][0]) for each in fault.errors())}")
    if faults:
        raise BadInput(
            "bad_decisions", f"Dòng có lỗi, chưa ghi gì / rows at fault, nothing is kept: {'; '.join(faults)}."
        )
    return words


def in_name_of(words: Sequence[HumanVerdict], proven: Callable[[str], Proven]) -> list[HumanVerdict]:
    """The verdicts in the name of whoever `proven` shows each to be; it is asked once.

    Errors: BadInput if names must be proven and there are several, because one person hands in a file.
    """
    first = proven(words[0].by)
    if first.role is None:
        return list(words)
    others = sorted({word.by for word in words if key(word.by) != key(words[0].by)})
    if others:
        raise BadInput(
            "several_names",
            f"Mỗi người nộp tệp của mình; tệp này có cả tên «{', '.join(others)}» / each person hands in a file of "
            "their own, and this one has another name too.",
        )
    return [word.model_copy(update={"by": first.name}) for word in words]


def decide(settings: Settings, words: Sequence[HumanVerdict], now: datetime | None = None) -> list[Kept]:
    """The decisions as they were stored: all of the verdicts, or none.

    Errors: BadInput if a record is not in the newest night, or a person is needed and unknown; each is named.
    """
    at = now or datetime.now(TIME_ZONE)
    run = runs.last_run(settings)
    with runs.tables_of(run) as connection:
        snapshot = snapshots.current(settings).path
        found = _find(connection, words)
        contents = _contents(connection, found, run.settings)
    found = found.join(contents, on="record_id", how="left", maintain_order="left")
    persons = pl.Series(
        "person_id", [_person(word, row) for word, row in zip(words, found.to_dicts(), strict=True)], dtype=pl.String
    )
    known = dict(human_decisions.person_fingerprints(snapshot, persons.drop_nulls().unique(), settings).rows())
    _require_known(words, persons.to_list(), known)
    kept = [
        Decision(
            sector=row["sector"], content=row["content"], verdict=word.verdict, person_id=person_id,
            person=known.get(person_id), decided_by=word.by, decided_at=at, reason=word.because,
        )
        for word, row, person_id in zip(words, found.to_dicts(), persons, strict=True)
    ]  # fmt: skip
    with state.opened(settings) as engine, state.transaction(engine) as open_state:
        human_decisions.record(open_state, kept)
    masked = [each.person_id and ids.mask(each.person_id) for each in kept]
    return [Kept(*each) for each in zip(kept, (word.record_id for word in words), masked, strict=True)]


def _find(connection: duckdb.DuckDBPyConnection, words: Sequence[HumanVerdict]) -> pl.DataFrame:
    """Sector and linked person of each word's record."""
    wanted = pl.DataFrame({"record_id": [word.record_id for word in words]}).with_row_index("place")
    connection.register("wanted", wanted.to_arrow())
    sql = "SELECT place, record_id, sector, person_id FROM wanted LEFT JOIN links USING (record_id) ORDER BY place"
    found = run_tables.query(connection, sql)
    connection.unregister("wanted")
    missing = found.filter(pl.col("sector").is_null())["record_id"].unique(maintain_order=True).to_list()
    if missing:
        raise BadInput("no_record", f"Đêm gần nhất không có hồ sơ / not in the newest night: {', '.join(missing)}.")
    return found


def _contents(connection: duckdb.DuckDBPyConnection, found: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """`record_id` and fingerprint of what the record says."""
    parts, sectors = [], schema.of_settings(settings)
    for sector in found["sector"].unique().sort():
        core = link.core_of(connection, sectors[sector])
        core = core.filter(pl.col("record_id").is_in(found["record_id"].implode()))
        parts.append(core.select("record_id").with_columns(human_decisions.record_fingerprints(core, settings)))
    return pl.concat(parts)


def _person(word: HumanVerdict, row: dict[str, str | None]) -> str | None:
    """Of whom the word speaks: named, or else whom the night linked or proposed."""
    if word.verdict not in ("same", "different"):
        return None
    person_id = word.person_id or row["person_id"]
    if person_id is None:
        raise BadInput(
            "no_person",
            f"Hồ sơ {word.record_id} chưa gắn với ai; hãy thêm --person / nobody is proposed: name the person.",
        )
    return person_id


def _require_known(words: Sequence[HumanVerdict], persons: Sequence[str | None], known: dict[str, str]) -> None:
    strangers = [
        word.record_id
        for word, person in zip(words, persons, strict=True)
        if person is not None and person not in known
    ]
    if strangers:
        raise BadInput(
            "unknown_person",
            "Dữ liệu dân cư đang dùng không có người được nêu cho hồ sơ / the registry does not hold the person named "
            f"for: {', '.join(strangers)}.",
        )
