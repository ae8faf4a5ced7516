"""Scores records and groups of records in each of the four words: đúng, đủ, sạch, sống, never blended into one.

A record passes a family if a rule of it applies and it breaks none of severity error; where nobody has answered what a
rule asks (not asked yet, no person found) it is not known. This is the project's own reading of the words.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from matching.evaluation.intervals import wilson_columns
from pipelines.config import Run
from pipelines.workspace import run_schema, run_tables
from rules import tables
from rules.tables import FAMILIES

LEVELS: Mapping[str, tuple[str, ...]] = {
    "night": (),
    "sector": ("sector",),
    "province": ("sector", "province_code"),
    "commune": ("sector", "province_code", "commune_code"),
    "unit": ("sector", "province_code", "unit"),
}
"""Level → by what its groups are told apart. A unit's name stands in many provinces."""

KEYS = ("sector", "province_code", "commune_code", "unit")
COUNTS = ("records", "applicable", "passing", "failing", "not_known", "warned")
STATES = ("pass", "fail", "not_known", "not_applicable")


FILE = "scores.parquet"


def run_before(run: Run) -> Path | None:
    """The folder of the newest finished run of an earlier night that has scores; None if there is none."""
    night = run.settings.night.isoformat()
    finished = [path.parent for path in run.settings.runs_directory.glob("*/manifest.json")]
    earlier = [path for path in finished if path.name[:10] < night and (path / FILE).is_file()]
    return max(earlier, key=lambda path: (path.name[:10], int(path.name[11:])), default=None)


_DECIDED = """
SELECT links.record_id, links.sector, coalesce(verifications.decision, links.decision) AS decision
FROM links LEFT JOIN verifications USING (record_id)
"""


class _Rule(NamedTuple):
    rule_id: str
    family: str
    is_error: bool
    is_not_known: bool

    @property
    def column(self) -> str:
        return f'"{self.rule_id}"'


def keep(connection: duckdb.DuckDBPyConnection, night: str) -> None:
    """Writes the run's tables `cards` and `scores` from what the rules said of each record.

    Errors: KeyError if a rule's kind of issue is not in the tables any more.
    """
    run_tables.replace_table(connection, run_schema.CARDS, pl.DataFrame(schema=_schema(run_schema.CARDS)))
    rules = _rules(connection)
    finest = [_of_sector(connection, sector, rules[sector]) for sector in sorted(rules)]
    groups = pl.concat([pl.DataFrame(schema=dict.fromkeys(KEYS, pl.String)), *finest], how="diagonal")
    parts = [part for level in LEVELS for part in _of_level(groups, level, rules)]
    told = pl.concat([pl.DataFrame(schema=_counted()), *parts]).with_columns(
        pl.lit(night).alias("night"), **wilson_columns(pl.col("passing"), pl.col("applicable"))
    )
    in_order = told.select(list(_schema(run_schema.SCORES))).sort(_order(told), nulls_last=True)
    run_tables.replace_table(connection, run_schema.SCORES, in_order)


def _schema(table: str) -> dict[str, run_schema.Type]:
    return run_schema.BY_NAME[table].schema


def _order(told: pl.DataFrame) -> list[pl.Expr]:
    """The table's order. Its few texts, which stand in hundreds of thousands of rows, are sorted once each."""
    names = run_schema.BY_NAME[run_schema.SCORES].order
    return [pl.col(name).cast(pl.Enum(told[name].drop_nulls().unique().sort())) for name in names]


def _counted() -> dict[str, run_schema.Type]:
    return {name: kind for name, kind in _schema(run_schema.SCORES).items() if name not in _LATER}


_LATER = ("night", "share", "low", "high")


def _rules(connection: duckdb.DuckDBPyConnection) -> dict[str, list[_Rule]]:
    """Sector → the rules that were run for it, of sectors whose records were judged."""
    if not run_tables.has_table(connection, run_schema.RULE_RESULTS):
        return {}
    known = tables.load_issues()
    found: dict[str, list[_Rule]] = {}
    ran = run_tables.read_table(connection, run_schema.RULE_RESULTS, "sector, family, rule_id")
    for sector, family, rule_id, code in ran.select("sector", "family", "rule_id", "issue").iter_rows():
        issue = known[code]
        found.setdefault(sector, []).append(_Rule(rule_id, family, not issue.warning, issue.not_known))
    judged = {name: run_tables.has_table(connection, run_schema.judged_table(name)) for name in found}
    return {name: rules for name, rules in found.items() if judged[name]}


def _of_sector(connection: duckdb.DuckDBPyConnection, sector: str, rules: Sequence[_Rule]) -> pl.DataFrame:
    """The sector's counts in the smallest groups (place and unit) that all others are sums of; adds its cards.

    Shape: KEYS, `records`, then `<family>:<count>` for each family and `<rule>:applicable`, `<rule>:passing`.
    """
    core, judged = run_schema.core_table(sector), run_schema.judged_table(sector)
    states = ", ".join(
        f"{expression} AS {name}"
        for family in FAMILIES
        for name, expression in _state(family, [rule for rule in rules if rule.family == family])
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE scored AS SELECT core.sector, core.record_id, core.province_code, "
        f"core.commune_code, core.unit, {states}, judged.* EXCLUDE (record_id) FROM {core} AS core "
        f"JOIN {judged} AS judged USING (record_id) "
        f"LEFT JOIN ({_DECIDED}) AS links ON links.record_id = core.record_id AND links.sector = core.sector"
    )
    connection.execute(
        f"INSERT INTO {run_schema.CARDS} SELECT record_id, sector, {', '.join(FAMILIES)} FROM scored ORDER BY record_id"
    )
    # A hundred of `count(*) FILTER` would pick the rows of each one by one: twice the time.
    of_family = ", ".join(
        f'count_if({condition})::BIGINT AS "{family}:{name}"'
        for family in FAMILIES
        for name, condition in _counts(family)
    )
    of_rule = "".join(
        f', count({rule.column}) AS "{rule.rule_id}:applicable"'
        f', count_if({rule.column})::BIGINT AS "{rule.rule_id}:passing"'
        for rule in rules
    )
    found = run_tables.query(
        connection,
        f"SELECT sector, province_code, commune_code, unit, count(*) AS records, {of_family}{of_rule} "
        "FROM scored GROUP BY ALL",
    )
    connection.execute("DROP TABLE scored")
    return found


def _state(family: str, rules: Sequence[_Rule]) -> Iterator[tuple[str, str]]:
    """The column of the family's state of a record in SQL, and the column whether it has a warning."""
    if not rules:
        yield family, "'not_applicable'"
        yield f"{family}_warned", "false"
        return
    is_broken = "({}) IS TRUE".format
    errors, warnings, unknown = (
        is_broken(" OR ".join(f"NOT {rule.column}" for rule in chosen) or "false")
        for chosen in (
            [rule for rule in rules if rule.is_error],
            [rule for rule in rules if not rule.is_error],
            [rule for rule in rules if rule.is_not_known],
        )
    )
    if family == "live":
        # Whether a person lives cannot be known while nobody knows who it is.
        unknown = f"{unknown} OR links.decision IS DISTINCT FROM 'link'"
    applies = f"coalesce({', '.join(rule.column for rule in rules)}) IS NOT NULL"
    yield (
        family,
        f"CASE WHEN NOT {applies} THEN 'not_applicable' WHEN {errors} THEN 'fail' "
        f"WHEN {unknown} THEN 'not_known' ELSE 'pass' END",
    )
    yield f"{family}_warned", warnings


def _counts(family: str) -> tuple[tuple[str, str], ...]:
    return (
        ("applicable", f"{family} <> 'not_applicable'"),
        ("passing", f"{family} = 'pass'"),
        ("failing", f"{family} = 'fail'"),
        ("not_known", f"{family} = 'not_known'"),
        ("warned", f"{family} = 'pass' AND {family}_warned"),
    )


def _of_level(groups: pl.DataFrame, level: str, rules: Mapping[str, Sequence[_Rule]]) -> Iterator[pl.DataFrame]:
    """The level's rows, a frame for each family and each rule: groups in which something is applicable."""
    if groups.is_empty():
        return
    keys = LEVELS[level]
    numbers = pl.exclude(KEYS)
    summed = groups.group_by(keys).agg(numbers.sum()) if keys else groups.select(numbers.sum())
    lacking = [pl.lit(None, pl.String).alias(key) for key in KEYS if key not in keys]
    summed = summed.with_columns(pl.lit(level).alias("level"), *lacking)
    for family in FAMILIES:
        counts = {name: pl.col(f"{family}:{name}") for name in COUNTS[1:]}
        yield _told(summed, family, None, counts)
    if level == "unit":  # a row for each school and rule would be most of the table, and is little to judge by
        return
    for rule_id, of_family in sorted({(rule.rule_id, rule.family) for each in rules.values() for rule in each}):
        applicable, passing = pl.col(f"{rule_id}:applicable"), pl.col(f"{rule_id}:passing")
        none = pl.lit(0, pl.Int64)
        counts = {"applicable": applicable, "passing": passing, "failing": applicable - passing}
        yield _told(summed, of_family, rule_id, counts | {"not_known": none, "warned": none}).filter(
            pl.col("applicable") > 0
        )


def _told(summed: pl.DataFrame, family: str, rule_id: str | None, counts: Mapping[str, pl.Expr]) -> pl.DataFrame:
    named = [pl.lit(family).alias("family"), pl.lit(rule_id, pl.String).alias("rule_id")]
    told = [expression.cast(pl.Int64).alias(name) for name, expression in counts.items()]
    found = summed.select("level", *KEYS, *named, pl.col("records").cast(pl.Int64), *told)
    return found.select(list(_counted()))
