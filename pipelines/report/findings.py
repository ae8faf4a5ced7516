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

    Shape: one row a sector and family: `sector, family, rules, applicable, failing, warned, share`. `applicable` is
    the number of records under the family's widest rule (all records where rule results were not kept), `failing`
    of them have at least one error, `warned` only warnings.
    Units: `share` = 1 − failing / applicable, 0–1; null where no rule applied to any record.
    """
    # Not store.has_table: it leaves a result half read, after which DuckDB refuses the next query.
    kept = run_tables.query(connection, _HAS_TABLE, {"name": run_schema.RULE_RESULTS})
    rules = _ALL_RECORDS if kept.is_empty() else _RULES
    return run_tables.query(connection, _FAMILY_SCORES.format(rules=rules))


def ranked_issues(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Columns `issue, family, severity, records, sectors`: the kinds of issue, those on most records first."""
    return run_tables.query(connection, _RANKED_ISSUES)


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
        "SELECT sector, source_file, sheet, refused, message FROM files WHERE refused IS NOT NULL "
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

_HAS_TABLE = "SELECT 1 AS found FROM information_schema.tables WHERE table_name = $name"

_RULES = """
SELECT sector, family, count(DISTINCT rule_id) AS rules, max(applicable)::BIGINT AS widest
FROM rule_results GROUP BY sector, family
"""

_ALL_RECORDS = """
SELECT sector, family, count(DISTINCT rule_id) AS rules,
       (SELECT count(*) FROM outcomes WHERE outcomes.sector = issues.sector) AS widest
FROM issues GROUP BY sector, family
"""

_FAMILY_SCORES = """
WITH rule AS ({rules}), finding AS (
    SELECT sector, family, record_id, bool_or(severity = 'error') AS is_error FROM issues GROUP BY ALL
), failed AS (
    SELECT sector, family, count(*) FILTER (is_error) AS failing, count(*) FILTER (NOT is_error) AS warned
    FROM finding GROUP BY sector, family
)
SELECT sector, family, rules, greatest(widest, coalesce(failing, 0)) AS applicable,
       coalesce(failing, 0) AS failing, coalesce(warned, 0) AS warned,
       CASE WHEN greatest(widest, coalesce(failing, 0)) > 0
            THEN 1 - coalesce(failing, 0) / greatest(widest, coalesce(failing, 0)) END AS share
FROM rule LEFT JOIN failed USING (sector, family)
ORDER BY sector, family
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
