"""Shows what changed rules, values and a changed model do to the last nights' records, before anybody approves them."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from matching.model import Model
from pipelines.audit.approved import Change, require_examples
from pipelines.config import Run, Settings
from pipelines.errors import Terminal
from pipelines.link import hop as link
from pipelines.night import runs
from pipelines.sectors import schema
from pipelines.standardise.core_rows import core_rows
from pipelines.workspace import run_schema, run_tables, state
from rules import tables
from rules.errors import TableError

NIGHTS = 7
"""Most nights that are looked at."""
READ_BY = ("pipelines/sectors/", "sectors/")
"""What the names of tables begin with by which a night reads its files."""
VALUES = "vn/"
"""What the names of tables of values begin with."""
_SLICE_ROWS = 100_000
"""Rows standardised at a time: some 200 MB with what they were."""


@dataclass(frozen=True)
class RuleEffect:
    """What a changed rule does to one sector of one night."""

    run_id: str
    rule: str
    sector: str
    before: int
    """Records that broke the rule as that night ran it."""
    after: int
    newly: int
    """Records that break it now and did not."""
    no_longer: int


@dataclass(frozen=True)
class ValueEffect:
    """In how many records of the last night a column has another value by the tables as they are now."""

    run_id: str
    sector: str
    column: str
    records: int


@dataclass(frozen=True)
class Preview:
    """What the changes do."""

    rules: list[RuleEffect]
    links: list[dict[str, Any]]
    """Decisions of the last night's records under the old and the new model: `sector, before, after, records`."""
    values: list[ValueEffect]
    untried: tuple[str, ...] = ()
    """Changed tables of which only a night can tell the effect: files are read by them."""


def preview(settings: Settings, changes: Collection[Change], nights: int = NIGHTS) -> Preview:
    """What the changes do to the last nights whose tables are still there; nothing is stored.

    Errors: BadInput if no night has its tables, or a changed rule contradicts its own examples; Terminal if it cannot
    be run.
    """
    require_examples(settings, changes)
    held = runs.with_tables(settings)[:nights]
    named = {each.name.partition(" ")[2] for each in changes if each.name.startswith("rules/") and " " in each.name}
    effects = [effect for run in held for effect in _rule_effects(run, named)] if named else []
    is_model = any(each.name.startswith("matching/") for each in changes)
    untried = tuple(each.name for each in changes if each.name.startswith(READ_BY))
    values = list(value_effects(held[0])) if any(each.name.startswith(VALUES) for each in changes) else []
    return Preview(effects, link_effects(held[0]) if is_model else [], values, untried)


def _rule_effects(run: Run, names: Collection[str]) -> Iterator[RuleEffect]:
    with run_tables.connect(run, read_only=True) as connection:
        issues = run_tables.read_table(connection, run_schema.ISSUES).filter(pl.col("rule_id").is_in(list(names)))
        sectors = {
            name: sector.title_vi
            for name, sector in schema.of_settings(run.settings).items()
            if not sector.foreign and run_tables.has_table(connection, run_schema.core_table(name))
        }
    key = ["rule_id", "sector", "record_id"]
    was, now = issues.select(key), _found(run, names, sectors).select(key)
    for rule, sector in sorted({*was.select(key[:2]).rows(), *now.select(key[:2]).rows()}):
        one, other = (set(each.filter(rule_id=rule, sector=sector)["record_id"]) for each in (was, now))
        yield RuleEffect(run.run_id, rule, sector, len(one), len(other), len(other - one), len(one - other))


def _found(run: Run, names: Collection[str], sectors: dict[str, str]) -> pl.DataFrame:
    """Issues of these rules as they are now, over the run's records; found on a copy, whose verdicts are replaced."""
    from rules import check

    known = tables.load()
    wanted = replace(known, rules=tuple(rule for rule in known.rules if rule.id in names))
    not_asked = {name: sector.not_asked for name, sector in schema.of_settings(run.settings).items()}
    with _copied(run) as copy:
        try:
            found = check.check(
                partial(run_tables.of_run, copy), sectors, tables.FAMILIES, copy.data_docs, run.settings.night,
                tables=wanted, not_asked=not_asked,
            )  # fmt: skip
        except TableError as fault:
            raise Terminal(str(fault)) from fault
    return found.issues


def link_effects(run: Run, model_instead: Model | None = None) -> list[dict[str, Any]]:
    """Decisions of the run's records before and after: `sector, before, after, records`; linked anew on a copy of its
    tables, by this model instead of the default one.
    """
    with run_tables.connect(run, read_only=True) as connection:
        was = run_tables.query(connection, "SELECT record_id, sector, decision FROM links")
    with _copied(run) as copy:
        link.link(copy, model_instead)
        with run_tables.connect(copy, read_only=True) as connection:
            now = run_tables.query(connection, "SELECT record_id, decision AS after FROM links")
    return (
        was.join(now, on="record_id")
        .group_by("sector", pl.col("decision").alias("before"), "after")
        .agg(pl.len().alias("records"))
        .sort("sector", "before", "after")
        .to_dicts()
    )


def value_effects(run: Run) -> Iterator[ValueEffect]:
    """The columns in which records of the run would have another value now, of its rows of text standardised anew."""
    with run_tables.connect(run, read_only=True) as connection:
        for name, sector in schema.of_settings(run.settings).items():
            raw, core = run_schema.raw_table(name), run_schema.core_table(name)
            differing: Counter[str] = Counter()
            rows = run_tables.query(connection, f"SELECT count(*) AS n FROM {raw}")["n"].item()
            for first in range(0, rows, _SLICE_ROWS):
                part: dict[str, object] = {"first": first, "behind": first + _SLICE_ROWS}
                text, was = (run_tables.query(connection, _PART.format(table=table), part) for table in (raw, core))
                now = core_rows(text, sector, run.settings.night)
                # The tenant follows the person, not the record alone (pipelines/link/touched.py).
                for column in now.drop("tenant").columns:
                    differing[column] += int(was[column].ne_missing(now[column]).sum())
            for column, records in sorted(differing.items()):
                if records:
                    yield ValueEffect(run.run_id, name, column, records)


_PART = "SELECT * FROM {table} WHERE rowid >= $first AND rowid < $behind ORDER BY rowid"
"""Rows lie in the same order in `raw_<sector>` and `core_<sector>`."""


@contextmanager
def _copied(run: Run) -> Iterator[Run]:
    """The run with a copy of its tables in a folder of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sachsong-") as folder:
        inside = run.settings.model_copy(
            update={"workspace": Path(folder), "state_url": run.settings.state_url or _sqlite(run.settings)}
        )
        copy = run.model_copy(update={"settings": inside})
        copy.database.parent.mkdir(parents=True)
        shutil.copy(run.database, copy.database)
        (Path(folder) / "registry").symlink_to(run.settings.registry_directory.resolve())
        yield copy


def _sqlite(settings: Settings) -> str:
    return state.sqlite_file(settings.workspace / "state.sqlite").render_as_string(hide_password=False)
