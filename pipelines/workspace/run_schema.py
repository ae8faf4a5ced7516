"""The tables of a run, which hops read and write: the contract between them."""

import re

import polars as pl

FILES = "files"


REJECTED = "rejected"


LINKS = "links"


HABITS = "habits"


ISSUES = "issues"


VERIFICATIONS = "verifications"


PLAN = "plan"


OUTCOMES_SQL = """
SELECT links.* REPLACE (coalesce(verifications.status, links.status) AS status),
       verifications.state, verifications.result, verifications.asked_on
FROM links LEFT JOIN verifications USING (record_id)
ORDER BY links.sector, links.source_file, links.source_row, links.record_id
"""
"""Each record's link with the status that the gateway's answer left it with."""


def raw_table(sector: str) -> str:
    """Name of the table of a sector's cells as text."""
    return identifier(f"raw_{sector}")


def core_table(sector: str) -> str:
    """Name of the table of a sector's standardised values."""
    return identifier(f"core_{sector}")


def identifier(name: str) -> str:
    """The same name, if it is safe to put in SQL unquoted; ValueError otherwise."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a table or column name: {name!r}")
    return name


FILES_SCHEMA = {
    "sector": pl.String,
    "source_file": pl.String,
    "sheet": pl.String,
    "arrived_as": pl.String,
    "arrived_sha256": pl.String,
    "sha256": pl.String,
    "bytes": pl.Int64,
    "format": pl.String,
    "encoding": pl.String,
    "header_row": pl.Int32,
    "rows_counted": pl.Int64,
    "refused": pl.String,
    "message": pl.String,
    "mapping": pl.String,
    "unknown_columns": pl.String,
    "notes": pl.String,
}


REJECTED_SCHEMA = {
    "sector": pl.String,
    "source_file": pl.String,
    "sheet": pl.String,
    "source_row": pl.Int32,
    "code": pl.String,
    "message": pl.String,
}


RULE_RESULTS = "rule_results"


EXAMPLES = "examples"
