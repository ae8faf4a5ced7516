"""Runs every rule by Great Expectations on DuckDB and lists every record that breaks one.

Each record is judged by each rule once (rules/judge.py). GX counts and says which rules hold; it would cut lists of
records at 200, so they are read from the same judgements and their number must be GX's. Importing this module imports
GX (seconds): import it where a check is about to run.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import polars as pl
from great_expectations.core import ExpectationSuite, ExpectationSuiteValidationResult

from rules import conditions, data_docs, judge, masks
from rules.database import Database, opened
from rules.errors import RuleBroken
from rules.expectations import RecordsFollowRule
from rules.sql import RAW, Condition, Scope, live_view, name
from rules.tables import Family, Rule, Tables, load

ISSUE_COLUMNS = {
    "record_id": pl.String,
    "sector": pl.String,
    "source_file": pl.String,
    "source_row": pl.Int32,
    "family": pl.String,
    "rule_id": pl.String,
    "issue": pl.String,
    "column": pl.String,
    "value": pl.String,
    "severity": pl.String,
}
RESULT_COLUMNS = {
    "sector": pl.String,
    "family": pl.String,
    "rule_id": pl.String,
    "issue": pl.String,
    "applicable": pl.Int64,
    "failing": pl.Int64,
    "share": pl.Float64,
}

_PLACE = "record_id, sector, source_file, source_row::INTEGER AS source_row"


@dataclass(frozen=True)
class Findings:
    """Everything that one check found."""

    issues: pl.DataFrame
    """A row for each record and rule that it breaks, sorted by sector, file, row, rule."""
    results: pl.DataFrame
    """A row for each rule and sector: records it applies to, records that break it, share that follows it."""


def check(
    database: Callable[[], duckdb.DuckDBPyConnection],
    sectors: Mapping[str, str],
    families: tuple[Family, ...],
    docs_directory: Path,
    night: date,
    *,
    tables: Tables | None = None,
    not_asked: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Findings:
    """Findings of all rules of the families on `core_<sector>` of the database (for live on `live_<sector>`, made
    here). What each rule says of each record is left in `judged_<sector>`.

    `database`: opens it. `not_asked`: sector → columns that its records need not have.
    Shape: `ISSUE_COLUMNS` and `RESULT_COLUMNS`; values masked as `cells.toml` says; a page a sector and family is
    written to `docs_directory`. `sectors` is name → title. Nothing else may have the database open.
    Units: `share` 0–1, null where a rule applied to no record.
    Errors: RuleBroken naming the rules that could not be run. Records that break rules are no error.
    """
    tables = tables or load()
    issues, results = [], []
    with opened(database) as source:
        for sector, title in sectors.items():
            if "live" in families:
                source.execute(live_view(sector))
            batches = [
                Batch(source, sector, family, tuple(sectors), night, tables, not_asked.get(sector, ()))
                for family in families
            ]
            _judge(batches)
            for batch in batches:
                if not (rules := batch.rules):
                    continue
                validation = batch.validate(rules)
                tallies = _tallies(rules, validation)
                data_docs.write_page(validation, docs_directory, (sector, title), batch.family, night)
                among = batch.failing(rules)
                issues += [batch.list_issues(rule, tallies[rule.id][1], among) for rule in rules if tallies[rule.id][1]]
                results += [
                    (sector, tables.issues[rule.issue].family, rule.id, rule.issue, *tallies[rule.id]) for rule in rules
                ]
    return Findings(_sorted_issues(issues), _with_share(results))


@dataclass(frozen=True)
class Batch:
    """The records of one sector as one family of rules sees them."""

    source: Database
    sector: str
    family: Family
    sectors: tuple[str, ...]
    night: date
    tables: Tables
    not_asked: Collection[str] = ()
    """Columns that the sector's records need not have."""

    @property
    def rules(self) -> list[Rule]:
        """The family's rules that are run for the sector on that night."""
        return [
            rule
            for rule in self.tables.rules
            if rule.family == self.family
            and rule.concerns(self.sector, self.night)
            and not (self.family == "complete" and rule.column in self.not_asked)
        ]

    @property
    def table(self) -> str:
        """The table or view that the rules look at."""
        return f"live_{self.sector}" if self.family == "live" else f"core_{self.sector}"

    def validate(self, rules: list[Rule]) -> ExpectationSuiteValidationResult:
        """Great Expectations' verdict on each rule, in the order of the rules."""
        suite = ExpectationSuite(
            name=f"{self.sector}.{self.family}", expectations=[self._expectation(rule) for rule in rules]
        )
        asset = self.source.datasource.add_table_asset(suite.name, table_name=judge.judged_table(self.sector))
        batch = asset.add_batch_definition_whole_table(self.family).get_batch()
        validation: ExpectationSuiteValidationResult = batch.validate(suite, result_format="BASIC")
        position = {rule.id: place for place, rule in enumerate(rules)}
        validation.results.sort(key=lambda result: position[_rule_id(result)])
        return validation

    def failing(self, rules: list[Rule]) -> pl.DataFrame:
        """The records that break at least one of the rules, with their place, cells and what the rules say."""
        columns = self.source.query(f"DESCRIBE {name(f'core_{self.sector}')}")["column_name"].to_list()
        cells = sorted({f"{rule.column}{RAW}" for rule in rules if f"{rule.column}{RAW}" in columns})
        said = [judge.column(rule.id) for rule in rules]
        return self.source.query(
            f"SELECT {', '.join((_PLACE, *cells, *said))} FROM {name(f'core_{self.sector}')} "
            f"JOIN {judge.judged_table(self.sector)} USING (record_id) "
            f"WHERE NOT ({' AND '.join(f'coalesce({each}, true)' for each in said)})"
        )

    def list_issues(self, rule: Rule, failing: int, among: pl.DataFrame) -> pl.DataFrame:
        """All records that break the rule, of those that break any; RuleBroken if not as many as counted."""
        if f"{rule.column}{RAW}" not in among.columns:
            raise RuleBroken({rule.id: f'there is no column "{rule.column}{RAW}" in {self.table}'})
        found = among.filter(~pl.col(judge.column(rule.id).strip('"')))
        if found.height != failing:
            raise RuleBroken({rule.id: f"{failing} records were counted and {found.height} found"})
        return found.select(
            "record_id",
            "sector",
            "source_file",
            "source_row",
            pl.lit(self.tables.issues[rule.issue].family).alias("family"),
            pl.lit(rule.id).alias("rule_id"),
            pl.lit(rule.issue).alias("issue"),
            pl.lit(rule.column).alias("column"),
            masks.masked(found[f"{rule.column}{RAW}"].alias("value"), self.tables.masks.get(rule.column, "hide")),
            pl.lit(rule.severity).alias("severity"),
        )

    def _expectation(self, rule: Rule) -> RecordsFollowRule:
        said = judge.column(rule.id)
        return RecordsFollowRule(
            rule_id=rule.id,
            column=rule.column,
            applicable=f"{said} IS NOT NULL",
            failing=f"NOT {said}",
            mostly=rule.mostly,
            message=self.tables.issues[rule.issue].message_vi,
            source=rule.source,
        )

    def condition(self, rule: Rule) -> Condition:
        """The rule in SQL. Errors: RuleBroken if its arguments do not fit."""
        scope = Scope(
            table=self.table,
            night=self.night,
            sector_tables=tuple(f"core_{sector}" for sector in self.sectors),
        )
        try:
            return conditions.build(rule.expect, rule.column, rule.args, scope)
        except (TypeError, ValueError) as fault:
            raise RuleBroken({rule.id: str(fault)}) from fault


def _judge(batches: list[Batch]) -> None:
    """Every rule of these families, on every record of the sector: one pass over each table that they look at."""
    for table in dict.fromkeys(batch.table for batch in batches):
        looking = [batch for batch in batches if batch.table == table]
        said = {rule.id: batch.condition(rule) for batch in looking for rule in batch.rules}
        if said:
            judge.keep(
                looking[0].source,
                looking[0].sector,
                table,
                said,
                anew=looking[0].family != "live",
                fillers=looking[0].tables.fillers,
            )


def _tallies(rules: list[Rule], validation: ExpectationSuiteValidationResult) -> dict[str, tuple[int, int]]:
    """Rule → records it applies to, records that break it. A rule that raised looks failed to GX: it is broken."""
    by_rule = {_rule_id(result): result for result in validation.results}
    causes = {rule.id: cause for rule in rules if (cause := _cause(by_rule[rule.id])) is not None}
    if causes:
        raise RuleBroken(causes)
    tallies = {rule.id: by_rule[rule.id].result for rule in rules}
    return {rule_id: (tally["applicable"], tally["failing"]) for rule_id, tally in tallies.items()}


def _rule_id(result: Any) -> str:
    return str(result.expectation_config.kwargs["rule_id"])


def _cause(result: Any) -> str | None:
    info = result.exception_info or {}
    entries = [info] if "raised_exception" in info else list(info.values())
    raised = [entry["exception_message"] for entry in entries if entry.get("raised_exception")]
    if raised:
        return str(raised[0])
    return None if "applicable" in result.result else "Great Expectations gave no figures"


def _sorted_issues(parts: list[pl.DataFrame]) -> pl.DataFrame:
    empty = pl.DataFrame(schema=ISSUE_COLUMNS)
    return pl.concat([empty, *parts]).sort(
        "sector", "source_file", "source_row", "rule_id", "record_id", nulls_last=True
    )


def _with_share(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    counted = {column: kind for column, kind in RESULT_COLUMNS.items() if column != "share"}
    frame = pl.DataFrame(rows, schema=counted, orient="row")
    followed = (pl.col("applicable") - pl.col("failing")) / pl.col("applicable")
    share = pl.when(pl.col("applicable") > 0).then(followed).alias("share")
    return frame.with_columns(share).sort("sector", "family", "rule_id")
