"""Derives questions from tonight's links, and each record's status from the answers.

One question for each distinct content and person, however many records (doses, sectors) share it. Its request code
follows from what the record says, the person, and what the registry says of the person: asking it twice is the same
request, and an answer holds until the record or the person changes.
"""

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from matching import duckdb_path
from pipelines.gateway.protocol.answers import FLAGS, Answers
from pipelines.verify import priority
from pipelines.workspace import run_schema, run_tables

_SECTORS = "SELECT DISTINCT sector FROM links ORDER BY sector"

_LINKED = """
SELECT links.record_id, links.sector, core.tenant, links.source_file, links.source_row, links.person_id,
       links.status AS link_status, links.probability, core.content_hash,
       CASE WHEN links.askable THEN links.person_id ELSE coalesce(core.id_number, links.person_id) END AS id_number,
       links.askable, core.id_number IS NULL AS numberless, core.full_name, core.date_of_birth, core.sex
FROM links JOIN {core} AS core USING (record_id)
WHERE (links.decision = 'link' OR links.askable) AND links.person_id IS NOT NULL
"""
_RECORDS = """
WITH proposed AS ({linked}), kept AS (
    SELECT * FROM proposed
    WHERE link_status <> 'duplicate' AND NOT askable
      AND (sector, person_id) IN (SELECT (sector, person_id) FROM proposed WHERE link_status = 'duplicate')
    QUALIFY row_number() OVER (PARTITION BY sector, person_id ORDER BY record_id) = 1
), linked AS (
    SELECT proposed.* REPLACE ({asked}) FROM proposed
    LEFT JOIN kept ON proposed.link_status = 'duplicate' AND kept.sector = proposed.sector
                      AND kept.person_id = proposed.person_id
), known AS (
    SELECT people.person_id, people.date_of_birth AS held,
           concat_ws(chr(31), coalesce(full_name, ''), coalesce(date_of_birth, ''), coalesce(sex, ''),
           coalesce(status, ''), array_to_string(old_ids, ';'), array_to_string(other_names, ';')) AS person
    FROM {people} AS people SEMI JOIN linked USING (person_id)
), hashed AS (
    SELECT linked.*, held, sha256(concat_ws('|', content_hash, person_id, coalesce(known.person, ''))) AS hash
    FROM linked LEFT JOIN known USING (person_id)
)
SELECT * EXCLUDE (hash, held) REPLACE (
           CASE WHEN date_of_birth = held || right('-01-01', 10 - length(held)) THEN held ELSE date_of_birth END
           AS date_of_birth),
       concat_ws('-', substr(hash, 1, 8), substr(hash, 9, 4), '8' || substr(hash, 14, 3),
                 'a' || substr(hash, 18, 3), substr(hash, 21, 12)) AS request_id
FROM hashed
"""
_ASKED = ", ".join(
    f"CASE WHEN kept.record_id IS NULL THEN proposed.{column} ELSE kept.{column} END AS {column}"
    for column in ("content_hash", "id_number", "full_name", "date_of_birth", "sex")
)
# A review that one answer would settle is asked about with the proposed person's number: it has none, or another's.
# A duplicate is asked with the words of the record to keep: one question about the person settles both.
# 01/01/1950 of a person of whom the registry holds only 1950 is asked as 1950: the day is the form's, not the record's.
# `person` is what an answer can depend on: someone who moved house is not asked about again. The code has version 8
# (own scheme) and variant 10 of RFC 9562: a UUID made from a hash.

ORDER = ("sector", "source_file", "source_row", "record_id")


def sectors(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Sectors with a readable file tonight: only their questions can be found to be gone."""
    return run_tables.query(connection, _SECTORS)["sector"].to_list()


def records(connection: duckdb.DuckDBPyConnection, registry: Path) -> pl.DataFrame:
    """Each record that is linked, or whose review an answer would settle, with its question.

    `registry` is the snapshot of the links.
    """
    of_sectors = [_LINKED.format(core=run_schema.core_table(sector)) for sector in sectors(connection)]
    if not of_sectors:
        return pl.DataFrame(schema=_EMPTY)
    # All sectors at once: the people are read through once a night.
    people = duckdb_path.rows(connection, registry)
    sql = _RECORDS.format(linked="UNION ALL".join(of_sectors), asked=_ASKED, people=people)
    return run_tables.query(connection, sql).sort(ORDER)


def questions(asking: pl.DataFrame, night: date) -> pl.DataFrame:
    """One row per request, sorted by it: the tenant, the points, and the content.

    A question that several tenants share belongs to the first of them by name; its points are its best record's.
    """
    return (
        priority.of_records(asking, night.year)
        .sort("request_id", "tenant")
        .group_by("request_id", maintain_order=True)
        .agg(
            pl.col("content_hash", "person_id", "sector", "tenant").first(),
            pl.col("likely", "urgent").max(),
            priority.unblocks(pl.len()).alias("unblocks"),
            pl.col("id_number", "full_name", "date_of_birth", "sex").first(),
        )
        .with_columns(value=pl.sum_horizontal(priority.PARTS).cast(pl.Int32))
    )


def verifications(
    asking: pl.DataFrame, outcomes: pl.DataFrame, night: date, known: Answers, not_asked: Mapping[str, Collection[str]]
) -> pl.DataFrame:
    """The table `verifications`: each record with the answer to its question, however many records share it.

    `not_asked`: sector → the identity fields that it need not hold.
    """
    states = {"answered": "answered", "cancelled": "failed"}
    answered = pl.col("state") == "answered"
    # What the registry says of the fields is said of the record to keep.
    own_words = answered & (pl.col("link_status") != "duplicate")
    joined = asking.join(outcomes, on="request_id", how="left", maintain_order="left").with_columns(
        pl.col("state").replace_strict(states, default="waiting", return_dtype=pl.String),
        asked_tonight=(pl.col("asked_night") == night.isoformat()).fill_null(False),
    )
    told = {**dict.fromkeys(FLAGS, own_words), "result": answered, "charged_on": answered}
    return joined.with_columns(
        pl.when(holds).then(pl.col(column)).alias(column) for column, holds in told.items()
    ).select(
        *("record_id", "sector", "tenant", "source_file", "source_row", "person_id", "request_id", "state", "result"),
        *FLAGS,
        asked_on="charged_on",
        asked_tonight="asked_tonight",
        reused=answered & ~pl.col("asked_tonight"),
        status=_status(known.statuses, not_asked),
        decision=pl.when(pl.col("askable") & _confirmed(not_asked)).then(pl.lit("link")),
    )


_FLAG_OF = {"date_of_birth": "birth_flag", "sex": "sex_flag"}
"""Identity fields that a sector may do without, and the gateway's flag of each."""


def _status(statuses: Mapping[str, str], not_asked: Mapping[str, Collection[str]]) -> pl.Expr:
    """What the record becomes: only full agreement, confirmed on every field that its sector holds, is `verified`.

    A review that is settled has the status of its number; one that is not stays what it was.
    """
    of_number = pl.when("numberless").then(pl.lit("missing_id")).otherwise(pl.lit("wrong_id"))
    return (
        pl.when(pl.col("link_status") == "duplicate")
        .then(pl.lit(None, dtype=pl.String))
        .when("askable")
        .then(pl.when(_confirmed(not_asked) & (pl.col("link_status") == "ambiguous")).then(of_number))
        .when(_confirmed(not_asked) & (pl.col("link_status") == "agreed"))
        .then(pl.lit("verified"))
        .otherwise(pl.col("result").replace_strict(statuses, default=None, return_dtype=pl.String))
    )


def _confirmed(not_asked: Mapping[str, Collection[str]]) -> pl.Expr:
    """Whether the answer agrees on every field that the record's sector holds."""
    without = {column: [sector for sector, columns in not_asked.items() if column in columns] for column in _FLAG_OF}
    left_out = {
        flag: (pl.col(flag) == "U") & pl.col(column).is_null() & pl.col("sector").is_in(without[column])
        for column, flag in _FLAG_OF.items()
    }
    flags = [(pl.col(flag) == "M") | left_out.get(flag, pl.lit(False)) for flag in FLAGS]
    return pl.all_horizontal(flags) & (pl.col("result") == "MATCH")


_EMPTY = pl.Schema(
    {
        "record_id": pl.String,
        "sector": pl.String,
        "tenant": pl.String,
        "source_file": pl.String,
        "source_row": pl.Int32,
        "person_id": pl.String,
        "link_status": pl.String,
        "probability": pl.Float64,
        "content_hash": pl.String,
        "askable": pl.Boolean,
        "numberless": pl.Boolean,
        "id_number": pl.String,
        "full_name": pl.String,
        "date_of_birth": pl.String,
        "sex": pl.String,
        "request_id": pl.String,
    }
)
