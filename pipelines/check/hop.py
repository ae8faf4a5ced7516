"""Runs the rules in two hops: `check` before linking (đúng, đủ, sạch), `live` after the registry's answer (sống).

The rules run on the run's own DuckDB file over Great Expectations' connection; ours is closed meanwhile.
"""

import shutil
from functools import partial

import duckdb
import polars as pl

from pipelines.config import Run
from pipelines.errors import Terminal
from pipelines.sectors import schema
from pipelines.workspace import run_schema, run_tables
from pipelines.workspace.run_schema import RULE_RESULTS
from rules.errors import TableError
from rules.tables import Family

BEFORE_LINKING: tuple[Family, ...] = ("correct", "complete", "clean")
AFTER_ANSWER: tuple[Family, ...] = ("live",)
ISSUE_ORDER = ["sector", "source_file", "source_row", "rule_id", "record_id"]
"""The order of `issues`; `record_id` tells apart rows of two sheets."""


def check(run: Run) -> dict[str, int]:
    """Counts of records and issues; replaces `issues`, `rule_results` and the data docs with the families before
    linking.

    Counts: `rules` asked, `issues` found, `records` with at least one.
    Errors: Terminal naming the rules that cannot be run.
    """
    shutil.rmtree(run.data_docs, ignore_errors=True)
    return _replace(run, BEFORE_LINKING, kept=())


def live(run: Run) -> dict[str, int]:
    """Counts of records and issues; replaces what the family live had in `issues`, `rule_results` and the data docs.

    Counts and errors as in `check`.
    """
    return _replace(run, AFTER_ANSWER, kept=BEFORE_LINKING)


def _replace(run: Run, families: tuple[Family, ...], kept: tuple[Family, ...]) -> dict[str, int]:
    # Great Expectations takes seconds to import: only here, when a check really runs.
    from rules import check as rules_check
    from rules import data_docs

    sectors = _sectors(run)
    try:
        found = rules_check.check(
            partial(run_tables.of_run, run),
            sectors,
            families,
            run.data_docs,
            run.settings.night,
            not_asked={name: sector.not_asked for name, sector in schema.of_settings(run.settings).items()},
        )
    except TableError as fault:
        raise Terminal(str(fault)) from fault
    with run_tables.connect(run) as connection:
        issues = _beside(connection, run_schema.ISSUES, found.issues, kept, found.results["rule_id"])
        results = _beside(connection, RULE_RESULTS, found.results, kept, found.results["rule_id"])
        run_tables.replace_table(connection, run_schema.ISSUES, issues.sort(ISSUE_ORDER, nulls_last=True))
        run_tables.replace_table(connection, RULE_RESULTS, results.sort("sector", "family", "rule_id"))
    data_docs.write_index(results, run.data_docs, sectors, run.settings.night)
    return {
        "rules": found.results.height,
        "issues": found.issues.height,
        "records": found.issues["record_id"].n_unique(),
    }


def _sectors(run: Run) -> dict[str, str]:
    """Name → Vietnamese title of the sectors that have records tonight; Vietnam's rules say nothing of foreign ones."""
    with run_tables.connect(run, read_only=True) as connection:
        return {
            name: sector.title_vi
            for name, sector in schema.of_settings(run.settings).items()
            if not sector.foreign
            and run_tables.has_table(connection, run_schema.core_table(name))
            and run_tables.query(connection, f"SELECT 1 FROM {run_schema.core_table(name)} LIMIT 1").height
        }


def _beside(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    found: pl.DataFrame,
    kept: tuple[Family, ...],
    rules: pl.Series,
) -> pl.DataFrame:
    """What was found beside what the families `kept` had; a live rule may find what is counted in another family."""
    if not kept or not run_tables.has_table(connection, table):
        return found
    asked_again = pl.col("rule_id").is_in(rules.implode())
    earlier = run_tables.read_table(connection, table).filter(pl.col("family").is_in(kept) & ~asked_again)
    return pl.concat([earlier.cast(found.schema), found])
