"""The hop `link`: who each record is in the registry.

Linking needs nothing but a sector's records and the snapshot (`matching.link`); this hop gives it both and keeps the
answer. Sectors are independent of one another: in each, a person may have one record or many.
"""

from pathlib import Path

import polars as pl

from matching import Linkage, LinkOptions, linkage
from pipelines import registry, store
from pipelines.config import Run, Settings
from pipelines.sectors import schema

_ORDER = ("source_file", "sheet", "source_row", "record_id")


def link(run: Run) -> dict[str, int]:
    """Counts of decisions and of block values too common to use; writes `links`, one row a record.

    Shape: `links` has the columns of docs/architecture.md, sorted by sector, source_file, sheet, source_row.
    """
    snapshot = registry.current(run.settings).path
    with store.connect(run) as connection:
        sectors = [name for name in schema.known() if store.has_table(connection, store.core_table(name))]
        cores = {name: store.read_table(connection, store.core_table(name), ", ".join(_ORDER)) for name in sectors}
        found = [link_sector(cores.pop(name), name, snapshot, run.settings) for name in sectors]
        links = pl.concat([each.links for each in found]).sort("sector", *_ORDER)
        store.replace_table(connection, store.LINKS, links)
    decisions = links["decision"].value_counts()
    return {
        "records": links.height,
        **{name: int(decisions.filter(decision=name)["count"].sum()) for name in ("link", "review", "none")},
        "blocks_dropped": sum(block.dropped_values for each in found for block in each.blocks),
    }


def link_sector(core: pl.DataFrame, sector: str, snapshot: Path, settings: Settings) -> Linkage:
    """The links of one sector's core table, in its order, against a registry snapshot."""
    options = LinkOptions(
        one_record_per_person=schema.load(sector).one_record_per_person,
        threads=settings.threads,
        memory_mb=settings.memory_mb,
    )
    return linkage(core, snapshot, options)
