"""Explains links from a run's own tables, by the weights of that night."""

from pathlib import Path

import duckdb
import polars as pl

from matching import LinkOptions, model
from matching.explanation.model import Explanation
from matching.explanation.records import explain
from matching.model import Model
from matching.train import Habits
from pipelines.config import Settings
from pipelines.sectors import schema
from pipelines.workspace import run_schema, run_tables


def explain_links(
    connection: duckdb.DuckDBPyConnection,
    links: pl.DataFrame,
    snapshot: Path,
    settings: Settings,
    *,
    correct: bool = True,
) -> list[Explanation]:
    """The explanations of some links of one sector, in their order, from the run's tables.

    `correct`: also which single correction would have linked those that were not.
    """
    sector = links["sector"][0]
    records = run_tables.query(
        connection,
        f"SELECT * FROM {run_schema.core_table(sector)} WHERE record_id IN (SELECT unnest($wanted))",
        {"wanted": links["record_id"].to_list()},
    )
    ordered = links.select("record_id").join(records, on="record_id", how="left", maintain_order="left")
    return explain(ordered, links, snapshot, options_of(connection, sector, settings), correct=correct)


def options_of(connection: duckdb.DuckDBPyConnection, sector: str, settings: Settings) -> LinkOptions:
    """The options by which the night weighed the sector's records, each by itself."""
    return LinkOptions(
        one_record_per_person=False,
        model=model_of(sector, settings),
        habits=_habits(connection, sector),
        threads=settings.threads,
        memory_mb=settings.memory_mb,
    )


def model_of(sector: str, settings: Settings) -> Model:
    """The model that weighs the sector's records."""
    described = schema.of_settings(settings)[sector]
    return model.not_asking(described.model or model.load(), described.not_asked)


def _habits(connection: duckdb.DuckDBPyConnection, sector: str) -> Habits | None:
    """By what the night weighed the sector's records; None if it did not say."""
    if not run_tables.has_table(connection, run_schema.HABITS):
        return None
    kept = run_tables.query(
        connection, f"SELECT habits FROM {run_schema.HABITS} WHERE sector = $sector", {"sector": sector}
    )
    return Habits.model_validate_json(kept["habits"][0]) if kept.height else None
