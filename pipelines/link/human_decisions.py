"""Stores humans' decisions about records in the state database: rows are added, never changed.

A decision is about what a record says (its content) and, where it names somebody, about what the registry says of that
person. It holds until either changes, or until it is revoked or contradicted; the last word wins and all are kept.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, insert, select

from matching import duckdb_path
from matching.verdicts import SCHEMA
from pipelines.config import Settings
from pipelines.workspace import audit_log, fingerprints, run_tables, state, state_tables

PERSON_FIELDS = (
    "person_id", "full_name", "date_of_birth", "sex", "province_code", "commune_code", "status", "death_date",
    "father_name", "mother_name",
)  # fmt: skip
"""Columns of the registry, besides the two lists, that a decision is about: what the person saw."""

Verdict = Literal["same", "different", "nobody", "revoked"]


class Decision(BaseModel):
    """One decision of one human about one record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sector: str
    content: str
    """Fingerprint of the record's content."""
    verdict: Verdict
    person_id: str | None = None
    person: str | None = None
    """Fingerprint of the registry's entry of that person."""
    decided_by: str = Field(min_length=1)
    decided_at: datetime
    reason: str = Field(min_length=1)


class Applied(NamedTuple):
    """The human decisions that hold for tonight's records."""

    verdicts: pl.DataFrame
    """Verdicts in the columns `matching.verdicts.SCHEMA`."""
    lapsed: int
    """Number of decisions whose record or person has changed since."""


def record(connection: Connection, decisions: list[Decision]) -> None:
    """Adds the decisions, in their order; each is in the audit log, without whom it names."""
    rows = [{**each.model_dump(), "decided_at": each.decided_at.isoformat(timespec="seconds")} for each in decisions]
    connection.execute(insert(state_tables.decisions), rows)
    for by, theirs in groupby(rows, key=itemgetter("decided_by")):
        shown = ("sector", "verdict", "decided_at")
        noted = [
            {**{name: row[name] for name in shown}, "row": audit_log.digest_of_row(state_tables.decisions, row)}
            for row in theirs
        ]
        audit_log.append_all(connection, "decision", noted, by)


def in_force(settings: Settings) -> pl.DataFrame:
    """The decisions that nobody has revoked or contradicted: `sector, content, verdict, person_id, person`."""
    with state.opened(settings) as engine, state.reading(engine) as connection:
        table = state_tables.decisions
        wanted = [table.c[name] for name in ("decision", "sector", "content", "verdict", "person_id", "person")]
        rows = connection.execute(select(*wanted).order_by(table.c.decision)).all()
    return last_words([tuple(row) for row in rows])


def applied(held: pl.DataFrame, sector: str, core: pl.DataFrame, snapshot: Path, settings: Settings) -> Applied:
    """The decisions in force that hold tonight, given the sector's records and the registry."""
    ours = held.filter(pl.col("sector") == sector)
    if ours.is_empty():
        return Applied(pl.DataFrame(schema=SCHEMA), 0)
    known = person_fingerprints(snapshot, ours["person_id"].drop_nulls().unique(), settings)
    current = ours.join(known, on="person_id", how="left").filter(pl.col("person").eq_missing(pl.col("now")))
    contents = pl.DataFrame({"content": record_fingerprints(core, settings)}).with_row_index("r")
    found = contents.join(current, on="content", how="inner", maintain_order="left_right")
    verdicts = found.select(pl.col("r").cast(pl.Int32), "verdict", "person_id")
    return Applied(verdicts, ours.height - found.select("content", "verdict", "person_id").n_unique())


def record_fingerprints(core: pl.DataFrame, settings: Settings) -> pl.Series:
    """The fingerprint of each record's content; the same for ever, whatever machine or version."""
    said = core.select(name for name in fingerprints.RECORD_FIELDS if name in core.columns)
    with run_tables.open_database(threads=settings.threads, memory_mb=settings.memory_mb) as connection:
        connection.register("said", said.to_arrow())
        return run_tables.query(connection, f"SELECT {fingerprints.record_sql(said.columns)} AS content FROM said")[
            "content"
        ]


def person_fingerprints(snapshot: Path, person_ids: pl.Series, settings: Settings) -> pl.DataFrame:
    """Columns `person_id` and `now` (the fingerprint of the registry's entry), for those of the persons whom it
    holds.
    """
    lists = [f"array_to_string({name}, ';')" for name in ("old_ids", "other_names")]
    with run_tables.open_database(threads=settings.threads, memory_mb=settings.memory_mb) as connection:
        connection.register("wanted", person_ids.to_frame("person_id").to_arrow())
        return run_tables.query(
            connection,
            f"SELECT person_id, {fingerprints.of_columns((*PERSON_FIELDS, *lists))} AS now "
            f"FROM {duckdb_path.rows(connection, snapshot)} SEMI JOIN wanted USING (person_id) ORDER BY person_id",
        )


def last_words(rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    """The decisions that hold of some records: `sector, content, verdict, person_id, person`.

    Shape: `rows` are all decisions about them in their order: number, then these columns.
    """
    types = {"decision": pl.Int64, **dict.fromkeys(("sector", "content", "verdict", "person_id", "person"), pl.String)}
    told = pl.DataFrame(rows, schema=types, orient="row")
    record, person = ["sector", "content"], ["sector", "content", "person_id"]
    verdict, number = pl.col("verdict"), pl.col("decision")
    left = told.filter(number > pl.when(verdict == "revoked").then(number).max().over(record).fill_null(-1))
    claims = verdict.is_in(["same", "nobody"])
    is_last_claim = number == pl.when(claims).then(number).max().over(record)
    is_last_of_person = number == number.max().over(person)
    kept = (claims & is_last_claim & (is_last_of_person | (verdict == "nobody"))) | (
        (verdict == "different") & is_last_of_person
    )
    return left.filter(kept).select("sector", "content", "verdict", "person_id", "person")
