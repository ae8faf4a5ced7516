"""Counts the figures that sum up a night: aggregates only, for the terminal, Prefect's artifacts and the trend."""

from typing import TypedDict

import duckdb

from pipelines.report.asking import Asking, asking
from pipelines.workspace import run_tables


class Figures(TypedDict):
    """One night in numbers; no record, no name, no ID."""

    files: int
    refused_files: int
    rows: int
    """Data rows, as the second reader counts them."""
    records: int
    rejected: int
    by_decision: dict[str, int]
    by_status: dict[str, int]
    by_sector: dict[str, int]
    sectors: dict[str, dict[str, int]]
    """Sector → its `records`, those `verified`, those that have `needs_work`."""
    needs_work: int
    issues: int
    issues_by_family: dict[str, int]
    asked: int
    """Questions of tonight's records that this night sent, in all its runs, also after midnight."""
    asked_answered: int
    """Number of these questions that are answered."""
    answered: int
    """With those that other nights asked."""
    failed: int
    waiting: int
    """Questions without an answer yet."""
    asking: Asking


def figures(connection: duckdb.DuckDBPyConnection) -> Figures:
    """The night's figures, keys of the inner tables sorted. `worklist.prepare` must have run on the connection."""
    single = _one_row(connection)
    return Figures(
        files=single["files"],
        refused_files=single["refused_files"],
        rows=single["rows"],
        records=single["records"],
        rejected=single["rejected"],
        by_decision=_counts(connection, "SELECT decision, count(*) FROM outcomes GROUP BY 1 ORDER BY 1"),
        by_status=_counts(connection, "SELECT status, count(*) FROM outcomes GROUP BY 1 ORDER BY 1"),
        by_sector=_counts(connection, "SELECT sector, count(*) FROM outcomes GROUP BY 1 ORDER BY 1"),
        sectors=_sectors(connection),
        needs_work=single["needs_work"],
        issues=single["issues"],
        issues_by_family=_counts(connection, "SELECT family, count(*) FROM issues GROUP BY 1 ORDER BY 1"),
        asked=single["asked"],
        asked_answered=single["asked_answered"],
        answered=single["answered"],
        failed=single["failed"],
        waiting=single["waiting"],
        asking=asking(connection, single["asked"], single["asked_answered"], single["waiting"]),
    )


def linked_share(night: Figures) -> float:
    """Records whose decision is `link`, of all records; 1.0 where there are none.

    Units: share, 0–1.
    """
    return night["by_decision"].get("link", 0) / night["records"] if night["records"] else 1.0


def _one_row(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    (row,) = run_tables.query(connection, _SINGLE).to_dicts()
    return row


def _counts(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, int]:
    frame = run_tables.query(connection, sql)
    return dict(zip(frame.to_series(0).to_list(), frame.to_series(1).to_list(), strict=True))


def _sectors(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    return {row.pop("sector"): row for row in run_tables.query(connection, _SECTORS).to_dicts()}


_SECTORS = """
SELECT sector, count(*) AS records, count(*) FILTER (status = 'verified') AS verified,
       count(*) FILTER (needs_work) AS needs_work
FROM outcomes GROUP BY sector ORDER BY sector
"""

_SINGLE = """
SELECT (SELECT count(DISTINCT (sector, source_file)) FROM files) AS files,
       (SELECT count(DISTINCT (sector, source_file)) FROM files WHERE refused <> 'answers') AS refused_files,
       (SELECT coalesce(sum(rows_counted), 0)::BIGINT FROM files) AS rows,
       (SELECT count(*) FROM outcomes) AS records,
       (SELECT count(source_row) FROM rejected) AS rejected,
       (SELECT count(*) FROM outcomes WHERE needs_work) AS needs_work,
       (SELECT count(*) FROM issues) AS issues,
       (SELECT count(DISTINCT request_id) FROM verifications WHERE asked_tonight) AS asked,
       (SELECT count(DISTINCT request_id) FROM verifications WHERE asked_tonight AND state = 'answered')
           AS asked_answered,
       (SELECT count(DISTINCT request_id) FROM verifications WHERE state = 'answered') AS answered,
       (SELECT count(DISTINCT request_id) FROM verifications WHERE state = 'failed') AS failed,
       (SELECT count(DISTINCT request_id) FROM verifications WHERE state = 'waiting') AS waiting
"""
