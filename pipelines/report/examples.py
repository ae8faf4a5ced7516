"""Reads the night's examples, one a final status, for its page."""

from dataclasses import dataclass

import duckdb

from matching.explanation.model import Explanation
from pipelines.workspace import run_tables
from pipelines.workspace.run_schema import EXAMPLES


@dataclass(frozen=True)
class Example:
    """A record that stands for others, as it ended."""

    status: str
    """The final one; `explained.status` is what it was before the gateway's answer."""
    records: int
    """All that ended in this status."""
    alike: int
    """Number of these records with the example's very reason."""
    explained: Explanation


def read(connection: duckdb.DuckDBPyConnection) -> list[Example]:
    """The examples, one a final status, most records first; empty if none were kept."""
    if not run_tables.has_table(connection, EXAMPLES):
        return []
    rows = run_tables.query(connection, _EXAMPLES).rows(named=True)
    return [
        Example(row["status"], row["records"], row["alike"], Explanation.model_validate_json(row["explanation"]))
        for row in rows
    ]


# Two statuses of linking may end in one: the commoner case stands for it.
_EXAMPLES = f"""
WITH ended AS (
    SELECT outcomes.status, links.reason, outcomes.record_id FROM outcomes JOIN links USING (sector, record_id)
), counted AS (
    SELECT status, reason, count(*) AS alike, sum(count(*)) OVER (PARTITION BY status)::BIGINT AS records
    FROM ended GROUP BY status, reason
)
SELECT status, records, alike, explanation
FROM (SELECT explanation, json_extract_string(explanation, '$.record_id') AS record_id FROM {EXAMPLES})
JOIN ended USING (record_id) JOIN counted USING (status, reason)
QUALIFY row_number() OVER (PARTITION BY status ORDER BY alike DESC, record_id) = 1
ORDER BY records DESC, status
"""
