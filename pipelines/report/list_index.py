"""Writes the index of the lists, for the officer who sends them out: a page and the same as CSV."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipelines.config import Run
from pipelines.report import labels, templating
from pipelines.sectors.schema import Sector
from pipelines.workspace import atomic_files

SHOWN_UNITS = 200
"""Rows of the table of industrial zones on the page; `zones.csv` has all."""


class Entry(NamedTuple):
    """One list."""

    sector: str
    recipient: str
    title: str
    file: str
    records: int
    before: int | None
    """Records of the list the last night that had one."""
    mended: int
    """Number of answered records that are mended; beside it those that stand as they stood, and those whose answer was
    refused or contradicted.
    """
    open: int
    refused: int
    list_id: str


def write_index(run: Run, sectors: Mapping[str, Sector], entries: Sequence[Entry], zones: pl.DataFrame) -> None:
    """Writes `reports/lists/index.html`, `index.csv` and `zones.csv`. `zones` as `worklist.unmatched_by_zone`."""
    folder = run.reports / "lists"
    shown = zones.select(
        "sector",
        labels.titles_of(zones["province_code"], labels.province_title).alias("province"),
        "zone",
        "unit",
        "records",
        "unmatched",
    )
    _csv(folder / "index.csv", pl.DataFrame(entries, schema=_ENTRY, orient="row"))
    _csv(folder / "zones.csv", shown)
    page = (
        templating.environment()
        .get_template("lists.html")
        .render(
            night=run.settings.night,
            run_id=run.run_id,
            sectors=sectors,
            entries=entries,
            zones=shown.head(SHOWN_UNITS).to_dicts(),
            zones_left=max(0, shown.height - SHOWN_UNITS),
            unmatched=int(shown["unmatched"].sum()),
            by_zone=_by_zone(shown),
        )
    )
    with atomic_files.atomic(folder / "index.html") as temporary:
        temporary.write_text(page, encoding="utf-8")


_ENTRY = {
    **dict.fromkeys(("sector", "recipient", "title", "file"), pl.String),
    **dict.fromkeys(("records", "before", "mended", "open", "refused"), pl.Int64),
    "list_id": pl.String,
}


def _by_zone(shown: pl.DataFrame) -> list[dict[str, object]]:
    """Each zone's sum, the most unmatched first."""
    return (
        shown.group_by("sector", "province", "zone")
        .agg(pl.col("unit").count().alias("units"), pl.sum("records", "unmatched"))
        .sort("unmatched", "sector", "province", "zone", descending=[True, False, False, False], nulls_last=True)
        .to_dicts()
    )


def _csv(path: Path, frame: pl.DataFrame) -> None:
    with atomic_files.atomic(path) as temporary:
        frame.write_csv(temporary, include_bom=True)
