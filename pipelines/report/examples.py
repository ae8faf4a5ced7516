"""The night's examples, one a status, for its page."""

import duckdb

from matching.explanation.model import Explanation
from pipelines.workspace import run_tables
from pipelines.workspace.run_schema import EXAMPLES


def read(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int, Explanation]]:
    """(records in the status, of these alike, the example explained), in the table's order; empty if it has none."""
    if not run_tables.has_table(connection, EXAMPLES):
        return []
    rows = run_tables.read_table(connection, EXAMPLES, "records DESC, status").rows(named=True)
    return [(row["records"], row["alike"], Explanation.model_validate_json(row["explanation"])) for row in rows]
