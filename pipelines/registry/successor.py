"""Checks that a file may replace the registry in force, unless somebody orders it.

A wrong file that became the registry would make every record of the night «not found», and would be kept.
"""

import polars as pl

from pipelines.config import Settings
from pipelines.errors import RegistryInvalid
from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.table import Table
from pipelines.registry import snapshot as snapshots
from pipelines.registry.snapshot import Snapshot
from pipelines.sectors import schema

GONE_SHARE = 0.01
"""Largest share of people in force that the new file may lack: who dies or emigrates stays with that status, only
errors are deleted.
"""
CHANGED_SHARE = 0.10
"""Largest share of people with the same number and another name or date of birth: corrections are rare, another
numbering is not.
"""
SECTOR_COLUMNS = 2
"""Number of columns that only a sector's records have and that make a file a sector's list; with the sector's own code
one is enough.
"""
HELD = {
    "status": pl.col("status") != "alive",
    "old_ids": pl.col("old_ids").list.len() > 0,
    "other_names": pl.col("other_names").list.len() > 0,
    "death_date": pl.col("death_date").is_not_null(),
    "updated_at": pl.col("updated_at").is_not_null(),
}
"""Columns that only a registry has: a list of pupils or insured has none of them."""


def sector_columns(table: Table, settings: Settings) -> list[str]:
    """The headers of a file that make it a sector's list, empty if it may be a registry."""
    if table.header is None:
        return []
    headers = table.header.unknown.values()
    packaged = [{column.name for column in sector.column} for sector in schema.load_all().values()]
    shared = set.intersection(*packaged) | {column.name for column in schema.vietnam_registry().column}
    for sector in schema.of_settings(settings).values():
        words = HeaderAliases(sector)
        own = {
            header: column.name for header in headers if (column := words.column(header)) and column.name not in shared
        }
        if len(set(own.values())) >= SECTOR_COLUMNS or sector.key in own.values():
            return sorted(own)
    return []


def require_successor(settings: Settings, after: Snapshot) -> None:
    """Returns if the new snapshot may be put in force.

    Errors: RegistryInvalid with the counts before and after, if it is a sector's list, lacks people or what is known
    of them, or holds other people under their numbers.
    """
    if after.sector_columns:
        raise _not_ours(
            "sector_file",
            f"«{after.source_file}» là danh sách ngành (cột {', '.join(after.sector_columns)}), không phải dữ liệu "
            "dân cư",
            "a sector's list, not the registry",
        )
    if not (settings.registry_directory / snapshots.POINTER).is_file():
        return
    before = snapshots.current(settings)
    if before.path == after.path:
        return
    counts = _compared(before, after)
    people = f"đang dùng {_told(before.people)} người, tệp mới {_told(after.people)} người"
    if counts["gone"] > GONE_SHARE * before.people:
        raise _not_ours(
            "registry_shrinks",
            f"Bản mới thiếu {_told(counts['gone'])} người của bản đang dùng ({people})",
            f"{counts['gone']} people in force are missing; {before.people} before, {after.people} after",
        )
    if counts["changed"] > CHANGED_SHARE * (before.people - counts["gone"]):
        raise _not_ours(
            "registry_differs",
            f"{_told(counts['changed'])} số định danh là của người khác trong bản mới ({people})",
            f"{counts['changed']} numbers have another name or date of birth; {before.people} before, "
            f"{after.people} after",
        )
    lacking = [name for name in HELD if counts[f"{name}_before"] and not counts[f"{name}_after"]]
    if lacking and before.people * GONE_SHARE < sum(counts[f"{name}_before"] for name in lacking):
        raise _not_ours(
            "registry_lacks",
            f"Bản mới không có dữ liệu {', '.join(lacking)} mà bản đang dùng có ({people})",
            f"nothing in {', '.join(lacking)}; {before.people} people before, {after.people} after",
        )


def _compared(before: Snapshot, after: Snapshot) -> dict[str, int]:
    """People in force who are `gone`, who are `changed`, and how many hold each of HELD before and after."""
    told = ("person_id", "full_name", "date_of_birth")
    one, other = (pl.scan_parquet(each.path, glob=False) for each in (before, after))
    both = one.select(told).join(other.select(told), on="person_id", how="left", suffix="_after", maintain_order="none")
    is_gone = pl.col("full_name_after").is_null() & pl.col("date_of_birth_after").is_null()
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_after")) for name in told[1:])
    people = both.select(gone=is_gone.sum(), changed=(~is_gone & differs).sum())
    held = [
        each.select(condition.sum().alias(f"{name}_{when}") for name, condition in HELD.items())
        for each, when in ((one, "before"), (other, "after"))
    ]
    counted = pl.concat(pl.collect_all([people, *held], engine="streaming"), how="horizontal")
    return {name: int(value or 0) for name, value in counted.row(0, named=True).items()}


def _told(count: int) -> str:
    return f"{count:,}".replace(",", ".")


def _not_ours(code: str, vi: str, en: str) -> RegistryInvalid:
    return RegistryInvalid(
        code, f"{vi}; dữ liệu đang dùng được giữ nguyên. Nếu đúng là muốn thay, thêm --replace / {en}: add --replace."
    )
