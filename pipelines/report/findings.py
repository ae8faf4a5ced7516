"""Counts a night's findings for the summary: by sector, family, issue, tenant, province.

Every function needs `worklist.prepare` to have run on the connection and gives rows in a total order.
"""

import duckdb
import polars as pl

from pipelines.workspace import run_schema, run_tables


def statuses_by_sector(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Columns `sector, status, records`: number of records of each sector in each final status."""
    return run_tables.query(
        connection,
        "SELECT sector, status, count(*) AS records FROM outcomes GROUP BY ALL ORDER BY sector, status",
    )


def family_scores(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Each sector's score in each of the four families, never blended.

    Shape: one row a sector and family, as in the run's table `scores`, with the number of its `rules`.
    """
    return run_tables.query(connection, _FAMILY_SCORES)


def ranked_issues(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Columns `issue, family, severity, records, sectors`: the kinds of issue, those on most records first."""
    return run_tables.query(connection, _RANKED_ISSUES)


def held(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Why humans are asked, most records first: `held, records` (waiting for a human), `answered` (a human decided),
    `right_ones` (of these, the model had proposed the same person).
    """
    return run_tables.query(connection, _HELD)


def tenants(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The tenants that share the cap, most waiting first.

    Shape: one row a tenant: `tenant, sector, province_code, asked, answered, waiting`, in questions. A question that
    several tenants share is the first one's by name, as in the queue, so that the columns add up to the night's.
    """
    return run_tables.query(connection, _TENANTS)


def provinces(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Columns `province_code` (null if unknown)`, records, needs_work, share`: most to mend first."""
    return run_tables.query(connection, _PROVINCES)


def rejections(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Columns `code, rows, message` (of one of them): why rows were rejected, commonest first."""
    return run_tables.query(
        connection,
        "SELECT code, count(source_row) AS rows, min(message) AS message FROM rejected WHERE source_row IS NOT NULL "
        "GROUP BY code ORDER BY rows DESC, code",
    )


def refusals(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Columns `sector, source_file, sheet, refused, message`: files that could not be read, with the remedy."""
    return run_tables.query(
        connection,
        "SELECT sector, source_file, sheet, refused, message FROM files WHERE refused <> 'answers' "
        "ORDER BY sector, source_file, sheet",
    )


def notes(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Columns `sector, source_file, sheet, code, message`: notes for the officer on files that were read all the
    same.
    """
    return run_tables.query(connection, _NOTES)


_NOTES = """
SELECT DISTINCT sector, source_file, sheet, note.code, note.message
FROM (SELECT *, unnest(from_json(notes, '[{"code": "VARCHAR", "message": "VARCHAR"}]')) AS note FROM files)
WHERE refused IS NULL ORDER BY ALL
"""

_HELD = """
SELECT held, count(*) FILTER (decision = 'review') AS records, count(*) FILTER (decision <> 'review') AS answered,
       count(*) FILTER (decision = 'link' AND margin >= 0) AS right_ones
FROM links WHERE held IS NOT NULL GROUP BY held ORDER BY records DESC, held
"""
# A margin below 0: the model would have chosen another than the human did (docs/decisions/012).

_FAMILY_SCORES = f"""
SELECT family.*, coalesce(rule.rules, 0) AS rules
FROM {run_schema.SCORES} AS family
LEFT JOIN (SELECT sector, family, count(*) AS rules FROM {run_schema.RULE_RESULTS} GROUP BY ALL) AS rule
       USING (sector, family)
WHERE family.level = 'sector' AND family.rule_id IS NULL ORDER BY sector, family
"""

_RANKED_ISSUES = """
SELECT issue, min(family) AS family, min(severity) AS severity, count(DISTINCT record_id) AS records,
       string_agg(DISTINCT sector, ',' ORDER BY sector) AS sectors
FROM issues GROUP BY issue ORDER BY records DESC, issue
"""

_TENANTS = """
WITH question AS (
    SELECT min(tenant) AS tenant, bool_or(asked_tonight) AS is_asked,
           bool_or(state = 'answered') AS is_answered, bool_or(state = 'waiting') AS is_waiting
    FROM verifications GROUP BY request_id
)
SELECT tenant, left(tenant, -3) AS sector, right(tenant, 2) AS province_code,
       count(*) FILTER (is_asked) AS asked, count(*) FILTER (is_answered) AS answered,
       count(*) FILTER (is_waiting) AS waiting
FROM question GROUP BY tenant ORDER BY waiting DESC, asked DESC, tenant
"""

_PROVINCES = """
SELECT province_code, count(*) AS records, count(*) FILTER (needs_work) AS needs_work,
       count(*) FILTER (needs_work) / count(*) AS share
FROM outcomes GROUP BY province_code HAVING count(*) FILTER (needs_work) > 0
ORDER BY needs_work DESC, province_code NULLS LAST
"""
