"""The hop `link`: finds the registry's person for each record.

Linking needs nothing but a sector's records and the snapshot (`matching.link`); this hop gives it both and keeps the
answer. Sectors are independent of one another: in each, a person may have one record or many. What was found out is
remembered in `<workspace>/linked`, which can be deleted at any time: only the seconds depend on it.
"""

import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from matching import COLUMNS, Linkage, LinkOptions, linkage, model
from matching.incremental import linkage as incremental
from matching.model import Model
from matching.records import TEXT
from pipelines.config import Run, Settings
from pipelines.link import examples, human_decisions, residences, touched
from pipelines.registry import snapshot as snapshots
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector
from pipelines.workspace import provenance, run_schema, run_tables

_ORDER = ("source_file", "sheet", "source_row", "record_id")


def link(run: Run, model_instead: Model | None = None) -> dict[str, int]:
    """Counts of decisions, of dropped block values, of contents looked up and weighed, and of human decisions used and
    lapsed; writes `links` and `habits`.

    `model_instead` of the default tables: to see what another model would do.
    Shape: `links` has the columns of docs/architecture.md, sorted by sector, source_file, sheet, source_row; `habits`
    is JSON by sector, what the weights were set by (`matching.train.Habits`). Also keeps `residences`, `examples`,
    `touched` and `newborns`, and gives records of who moved to the new place's tenant.
    """
    snapshot = snapshots.current(run.settings).path
    held = human_decisions.in_force(run.settings)
    with run_tables.connect(run) as connection:
        sectors = _present(connection, schema.of_settings(run.settings))
        names = [sector.name for sector in sectors]
        done = [
            _link_after_others(connection, sector, snapshot, run.settings, held, model_instead) for sector in sectors
        ]
        found, told = [night for night, _ in done], [applied for _, applied in done]
        links = pl.concat([each.links for each in found]).sort("sector", *_ORDER)
        run_tables.replace_table(connection, run_schema.LINKS, links)
        habits = [each.habits.model_dump_json() for each in found]
        run_tables.replace_table(connection, run_schema.HABITS, pl.DataFrame({"sector": names, "habits": habits}))
        residences.keep(connection, names, snapshot)
        touched.keep(connection, names, snapshot, run.settings.night)
        examples.keep(connection, links, snapshot, run.settings)
    counted = links["decision"].value_counts()
    return {
        "records": links.height,
        **{name: int(counted.filter(decision=name)["count"].sum()) for name in ("link", "review", "none")},
        "blocks_dropped": sum(each.blocks_dropped for each in found),
        "looked_up": sum(each.looked_up for each in found),
        "weighed": sum(each.weighed for each in found),
        "told": sum(each.verdicts.height for each in told),
        "lapsed": sum(each.lapsed for each in told),
    }


def forget(settings: Settings) -> None:
    """Deletes the memory of linking, so that the next night looks up every record again."""
    shutil.rmtree(settings.linked_directory, ignore_errors=True)


def _present(connection: duckdb.DuckDBPyConnection, sectors: Mapping[str, Sector]) -> list[Sector]:
    """The sectors that have records; the first if none has, because even no links have columns."""
    with_records = [
        sector
        for name, sector in sectors.items()
        if run_tables.query(connection, f"SELECT 1 FROM {run_schema.core_table(name)} LIMIT 1").height
    ]
    return with_records or list(sectors.values())[:1]


def link_sector(core: pl.DataFrame, sector: Sector, snapshot: Path, settings: Settings) -> Linkage:
    """The links of one sector's core table, in its order, against a registry snapshot."""
    return linkage(core, snapshot, options_of(sector, settings))


def _link_after_others(
    connection: duckdb.DuckDBPyConnection,
    sector: Sector,
    snapshot: Path,
    settings: Settings,
    held: pl.DataFrame,
    model_instead: Model | None,
) -> tuple[incremental.Night, human_decisions.Applied]:
    """The sector's links from what nights before found out, what has changed since, and what humans told of it."""
    core = core_of(connection, sector)
    told = human_decisions.applied(held, sector.name, core, snapshot, settings)
    # Fingerprints are Polars's hashes and block values DuckDB's: another version may hash otherwise.
    code = [provenance.code_digest("matching", "vn")[:16], version("polars"), version("duckdb")]
    kept = incremental.Memory(settings.linked_directory / sector.name, "-".join(code))
    options = options_of(sector, settings, model_instead)
    return incremental.linkage(core, snapshot, options, kept, told.verdicts), told


def options_of(sector: Sector, settings: Settings, model_instead: Model | None = None) -> LinkOptions:
    """How a sector's records are linked; `model_instead` of the default tables, not of a sector's own."""
    return LinkOptions(
        one_record_per_person=sector.one_record_per_person,
        model=model.not_asking(sector.model or model_instead or model.load(), sector.not_asked),
        threads=settings.threads,
        memory_mb=settings.memory_mb,
    )


def core_of(connection: duckdb.DuckDBPyConnection, sector: Sector) -> pl.DataFrame:
    """The columns of a sector's records that matching reads, sorted."""
    table = run_schema.core_table(sector.name)
    held = run_tables.query(connection, f"SELECT * FROM {table} LIMIT 0").columns
    wanted = [name for name in (*COLUMNS[:5], *TEXT, "birth_year") if name in held]
    if not sector.one_record_per_person and sector.key in held:
        wanted.append(f"{sector.key} AS group_key")
    if sector.one_record_per_person:
        wanted.append(
            f"{run_schema.filled_cells([each.name for each in sector.column if each.name in held])} AS filled"
        )
    return run_tables.query(connection, f"SELECT {', '.join(wanted)} FROM {table} ORDER BY {', '.join(_ORDER)}")
