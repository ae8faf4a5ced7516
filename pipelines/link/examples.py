"""Explains the commonest case of each status as an example for the night's page.

Made where the records are linked, because there the registry is at hand; kept without any value of the record.
"""

from pathlib import Path

import duckdb
import polars as pl

from pipelines.config import Settings
from pipelines.link.explain import explain_links
from pipelines.workspace import run_tables
from pipelines.workspace.run_schema import EXAMPLES

MOST = 8
"""Most statuses with an example, the commonest first."""


def keep(connection: duckdb.DuckDBPyConnection, links: pl.DataFrame, snapshot: Path, settings: Settings) -> None:
    """Writes the table `examples`, replacing what was there.

    Shape: one row a status of `links`: `status, records` (in that status)`, alike` (with the example's very
    sentence)`, explanation` (JSON of `matching.explanation.model.Explanation`, without `values`), most records first.
    """
    chosen = _chosen(links)
    rows = links.join(chosen, on="record_id", how="semi").partition_by("sector", maintain_order=True)
    told = [each for part in rows for each in explain_links(connection, part, snapshot, settings, correct=False)]
    json = pl.DataFrame(
        {
            "record_id": [each.record_id for each in told],
            "explanation": [each.model_copy(update={"values": ()}).model_dump_json() for each in told],
        },
        schema={"record_id": pl.String, "explanation": pl.String},
    )
    examples = chosen.join(json, on="record_id", how="left", maintain_order="left").drop("record_id")
    run_tables.replace_table(connection, EXAMPLES, examples)


def _chosen(links: pl.DataFrame) -> pl.DataFrame:
    """`status, records, alike, record_id`: of each status the first record with its commonest sentence."""
    alike = links.group_by("status", "reason", maintain_order=True).agg(
        alike=pl.len().cast(pl.Int64), record_id=pl.col("record_id").first()
    )
    return (
        alike.with_columns(records=pl.col("alike").sum().over("status"))
        .sort(["records", "status", "alike", "reason"], descending=[True, False, True, False])
        .unique("status", keep="first", maintain_order=True)
        .select("status", "records", "alike", "record_id")
        .head(MOST)
    )
