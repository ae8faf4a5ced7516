"""Reads the table of recipients, `<workspace>/recipients.csv`, and finds each listed record's.

A row says which records a recipient gets: those of a sector, and where a cell is filled in of that province, commune,
industrial zone, unit. A record goes to the row that says most about it; one that no row wants goes to its sector's
office in its province, `<sector>-<province or 00>`, as all do where there is no table.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import duckdb
import polars as pl

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.report import labels
from pipelines.sectors.schema import Sector
from vn import territories

FILE = "recipients.csv"
COLUMNS = ("recipient", "title", "sector", "province", "commune", "zone", "unit", "sees_corrections")
"""Columns of the table, in this order. `sees_corrections`: whether the list may show what the registry holds."""

NAME = r"[a-z0-9][a-z0-9-]{0,63}"
"""What a recipient may be called: it becomes the workbook's name."""

YES, NO = ("có", "yes", "1"), ("", "không", "no", "0")


class Recipient(NamedTuple):
    """Who gets a list."""

    name: str
    title: str
    sector: str
    sees_corrections: bool


class Recipients(NamedTuple):
    """The table of recipients."""

    named: Mapping[str, Recipient]
    rules: pl.DataFrame
    """One row a row of the table: `recipient, sector, province_code, commune_code, zone, unit`; null for any."""

    def find(self, name: str, sector: Sector) -> Recipient:
        """The recipient of this name: the table's, or the sector's office in a province."""
        if name in self.named:
            return self.named[name]
        province = name.rpartition("-")[2]
        where = "chưa rõ tỉnh" if province == "00" else labels.province_title(province)
        return Recipient(name, f"{sector.title_vi} · {where}", sector.name, False)

    def of_whole(self, sector: str) -> str:
        """Name of whoever gets what belongs to no place: the recipient of the whole sector, else its office «00»."""
        places = ("province_code", "commune_code", "zone", "unit")
        whole = self.rules.filter(pl.col("sector") == sector, *(pl.col(name).is_null() for name in places))
        return str(whole["recipient"][0]) if whole.height else f"{sector}-00"

    def is_known(self, name: str, sector: str) -> bool:
        """Whether somebody of this name can get a list of the sector."""
        return name in self.named or re.fullmatch(rf"{sector}-\d\d", name) is not None


_RULES = {name: pl.String for name in ("recipient", "sector", "province_code", "commune_code", "zone", "unit")}


def read(settings: Settings, sectors: Mapping[str, Sector]) -> Recipients:
    """The workspace's table; an empty one if there is none. Errors: BadInput with every fault of the table."""
    path = settings.workspace / FILE
    if not path.is_file():
        return Recipients({}, pl.DataFrame(schema=_RULES))
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as fault:
        raise BadInput("recipients", f"{FILE}: hãy lưu bằng CSV, mã UTF-8 / save it as CSV in UTF-8.") from fault
    if not rows or tuple(rows[0]) != COLUMNS:
        raise BadInput("recipients", f"{FILE}: cần đúng các cột / needs exactly the columns: {','.join(COLUMNS)}.")
    told = [{name: (row[name] or "").strip() for name in COLUMNS} for row in rows]
    named: dict[str, Recipient] = {}
    faults = [f"{at}: {fault}" for at, row in enumerate(told, 2) for fault in _faults(row, sectors, named)]
    if faults:
        raise BadInput("recipients", f"{FILE}: dòng có lỗi / rows at fault: {'; '.join(faults)}.")
    return Recipients(named, pl.DataFrame([_rule(row) for row in told], schema=_RULES, orient="row"))


def assign(connection: duckdb.DuckDBPyConnection, recipients: Recipients) -> None:
    """Fills the connection's temporary table `recipient_of`: `sector, record_id, recipient` of what needs work."""
    connection.register("recipient_rules", recipients.rules.with_row_index("place").to_arrow())
    connection.execute(_ASSIGN)
    connection.unregister("recipient_rules")


def _faults(row: Mapping[str, str], sectors: Mapping[str, Sector], named: dict[str, Recipient]) -> Iterator[str]:
    """What is wrong with a row; `named` learns its recipient."""
    name = row["recipient"]
    if not re.fullmatch(NAME, name):
        yield "recipient: chỉ gồm a-z, 0-9, dấu - / small letters, digits and - only"
    if row["sector"] not in sectors:
        yield f"sector: không có ngành này / no such sector, known: {', '.join(sectors)}"
    if not row["title"]:
        yield "title: trống / empty"
    if row["sees_corrections"].lower() not in (*YES, *NO):
        yield "sees_corrections: có hoặc không / yes or no"
    for place, code in (("province", _province(row)), ("commune", _commune(row))):
        if row[place] and code is None:
            yield f"{place}: không có «{row[place]}» / no such {place}"
    read = Recipient(name, row["title"], row["sector"], row["sees_corrections"].lower() in YES)
    if named.setdefault(name, read) != read:
        yield f"{name}: dòng trước ghi khác title, sector hoặc sees_corrections / an earlier row says otherwise"


def _rule(row: Mapping[str, str]) -> tuple[str | None, ...]:
    return (row["recipient"], row["sector"], _province(row), _commune(row), row["zone"] or None, row["unit"] or None)


def _province(row: Mapping[str, str]) -> str | None:
    return _code(territories.standardise_provinces(pl.Series([row["province"] or None], dtype=pl.String)))


def _commune(row: Mapping[str, str]) -> str | None:
    province = pl.Series([_province(row)], dtype=pl.String)
    return _code(territories.standardise_communes(pl.Series([row["commune"] or None], dtype=pl.String), province))


def _code(codes: pl.Series) -> str | None:
    found: str | None = codes[0]
    return found


# Places and units are few beside records: rules are held against each of them once. Names of zones and units count
# without case and marks; the later column of the table says more than those before it.
_ASSIGN = """
CREATE OR REPLACE TEMP TABLE recipient_of AS
WITH place AS (
    SELECT DISTINCT sector, province_code, commune_code, zone, unit FROM outcomes WHERE needs_work
), fits AS (
    SELECT place.*, rule.recipient
    FROM place JOIN recipient_rules AS rule ON rule.sector = place.sector
     AND (rule.province_code IS NULL OR rule.province_code = place.province_code)
     AND (rule.commune_code IS NULL OR rule.commune_code = place.commune_code)
     AND (rule.zone IS NULL OR lower(strip_accents(rule.zone)) = lower(strip_accents(place.zone)))
     AND (rule.unit IS NULL OR lower(strip_accents(rule.unit)) = lower(strip_accents(place.unit)))
    QUALIFY row_number() OVER (
        PARTITION BY place.sector, place.province_code, place.commune_code, place.zone, place.unit
        ORDER BY (rule.unit IS NOT NULL)::INT * 8 + (rule.zone IS NOT NULL)::INT * 4
               + (rule.commune_code IS NOT NULL)::INT * 2 + (rule.province_code IS NOT NULL)::INT DESC, rule.place
    ) = 1
)
SELECT outcomes.sector, outcomes.record_id,
       coalesce(fits.recipient, outcomes.sector || '-' || coalesce(outcomes.province_code, '00')) AS recipient
FROM outcomes LEFT JOIN fits
  ON fits.sector = outcomes.sector AND fits.province_code IS NOT DISTINCT FROM outcomes.province_code
 AND fits.commune_code IS NOT DISTINCT FROM outcomes.commune_code
 AND fits.zone IS NOT DISTINCT FROM outcomes.zone AND fits.unit IS NOT DISTINCT FROM outcomes.unit
WHERE outcomes.needs_work
"""
