"""Which rows are replaced by a corrected file: same department's code, in a later version of the list.

Two files of a sector are versions of one list where at least half of the smaller one's codes stand in both. The later
one is the one whose content first came on a later night; of one night, the one whose name says so (`_v2`, `(2)`,
`lần 2`, `sửa`, a date). Where neither tells, nothing is replaced, and both files say so.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import duckdb
import polars as pl
from sqlalchemy import insert, select

from pipelines import state, store
from pipelines.config import Settings
from pipelines.read.notes import Note
from pipelines.sectors.headings import spaced
from pipelines.sectors.schema import Sector
from pipelines.state_tables import first_seen

SHARED = 0.5
"""Of the smaller file's codes: as many make two files versions of one list."""

_DATE = re.compile(r"\b(?:(20\d\d) ?(\d\d) ?(\d\d)|(\d\d) (\d\d) (20\d\d))\b")
_NUMBER = re.compile(r"\b(?:v|ver|version|lan|ban|so) ?(\d{1,3})\b|\b(\d{1,2})$")
_WORD = re.compile(r"\b(da sua|chinh sua|dieu chinh|cap nhat|hieu chinh|sua|moi|final|chinh thuc)\b")

FirstNights = Mapping[tuple[str, str], str]


class Version(NamedTuple):
    """What a file's name says of its place among versions."""

    base: str
    """The name without that."""
    date: str
    number: int


def version(source_file: str) -> Version:
    """`ds_lop_6_v2.xlsx` is version 2 of `ds lop 6`; a name without a mark is version 0."""
    folder = PurePosixPath(source_file)
    name = spaced(folder.name.removesuffix(folder.suffix))
    date, number = "", 0
    if found := _DATE.search(name):
        year, month, day, day_, month_, year_ = found.groups()
        date = f"{year or year_}{month or month_}{day or day_}"
        name = name.replace(found.group(), " ")
    if found := _NUMBER.search(name.strip()):
        number = int(found.group(1) or found.group(2))
        name = name.replace(found.group(), " ")
    if found := _WORD.search(name):
        number = max(number, 1)
        name = name.replace(found.group(), " ")
    return Version(f"{folder.parent}/{' '.join(name.split())}", date, number)


def first_nights(settings: Settings, contents: Iterable[tuple[str, str, str]]) -> FirstNights:
    """The night on which each `(sector, sha256, source_file)` first came, as (sector, sha256) → night; remembered.

    A night that is run again finds what it found the first time.
    """
    coming = sorted(set(contents))
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        known = {
            (row.sector, row.sha256): row.night
            for row in connection.execute(select(first_seen.c.sector, first_seen.c.sha256, first_seen.c.night))
        }
        night = settings.night.isoformat()
        new = {(sector, digest): name for sector, digest, name in coming if (sector, digest) not in known}
        if new:
            connection.execute(
                insert(first_seen),
                [
                    {"sector": sector, "sha256": digest, "night": night, "source_file": name}
                    for (sector, digest), name in sorted(new.items())
                ],
            )
    return {**known, **dict.fromkeys(new, night)}


def supersede(
    connection: duckdb.DuckDBPyConnection,
    sectors: Mapping[str, Sector],
    files: Sequence[dict[str, Any]],
    nights: FirstNights,
) -> None:
    """Moves replaced rows from `raw_<sector>` to `rejected`, and adds to the files' notes what replaced what."""
    for sector in sectors.values():
        of_sector = {each["source_file"]: each for each in files if each["sector"] == sector.name}
        if len(of_sector) < 2:
            continue
        connection.execute(_KEYED.format(raw=store.raw_table(sector.name), key=_key(sector)))
        order = _Order(of_sector, nights)
        for one, other, shared in store.query(connection, _SHARED, {"share": SHARED}).iter_rows():
            order.add(one, other, shared)
        if order.replaced:
            _move(connection, sector, order)
        connection.execute("DROP TABLE keyed")


class _Order:
    """Which file of the sector replaces which."""

    def __init__(self, files: Mapping[str, dict[str, Any]], nights: FirstNights) -> None:
        self.files = files
        self._nights = nights
        self.replaced: list[tuple[str, str]] = []
        """(earlier, later)"""

    def add(self, one: str, other: str, shared: int) -> None:
        earlier, later = sorted((one, other), key=self.place)
        if self._is_known(earlier, later):
            self.replaced.append((earlier, later))
            return
        for each, beside in ((one, other), (other, one)):
            _note(
                self.files[each],
                "versions_unclear",
                f"{shared} mã của ngành cũng có trong tệp «{beside}», không rõ tệp nào mới hơn nên giữ cả hai; hãy đặt "
                "tên bản sửa là …_v2 hoặc gửi vào đêm khác / both files have these codes and none is known as newer.",
            )

    def place(self, name: str) -> tuple[str, str, int, str]:
        """By what files are put in order, the latest last."""
        said = version(name)
        return self.night(name), said.date, said.number, name

    def night(self, name: str) -> str:
        """When the content first came."""
        return self._nights.get((self.files[name]["sector"], self.files[name]["sha256"]), "")

    def _is_known(self, earlier: str, later: str) -> bool:
        if self.night(earlier) != self.night(later):
            return True
        one, other = version(earlier), version(later)
        return one.base == other.base and (one.date, one.number) < (other.date, other.number)


def _move(connection: duckdb.DuckDBPyConnection, sector: Sector, order: _Order) -> None:
    ranks = {name: rank for rank, name in enumerate(sorted(order.files, key=order.place))}
    pairs = pl.DataFrame(
        [(earlier, later, ranks[later]) for earlier, later in order.replaced],
        schema={"earlier": pl.String, "later": pl.String, "rank": pl.Int64},
        orient="row",
    )
    connection.register("pairs", pairs.to_arrow())
    connection.execute(_REPLACED)
    connection.unregister("pairs")
    connection.execute(_REJECT.format(rejected=store.REJECTED), {"sector": sector.name})
    raw = store.raw_table(sector.name)
    connection.execute(f"DELETE FROM {raw} WHERE record_id IN (SELECT record_id FROM replaced)")
    for earlier, later, rows in store.query(connection, _COUNTS).iter_rows():
        _note(
            order.files[later],
            "supersedes",
            f"Bản sửa: thay {rows} hồ sơ của tệp «{earlier}» theo mã của ngành / replaces records of that file.",
        )
        _note(
            order.files[earlier],
            "superseded",
            f"{rows} hồ sơ đã được thay bằng tệp «{later}» theo mã của ngành / replaced by that file.",
        )
    connection.execute("DROP TABLE replaced")


def _note(entry: dict[str, Any], code: str, message: str) -> None:
    entry["notes"] = json.dumps([*json.loads(entry["notes"]), vars(Note(code, message))], ensure_ascii=False)


def _key(sector: Sector) -> str:
    """SQL of the department's code of a record; null where the code itself is missing."""
    first, *others = (
        f"upper(regexp_replace(trim({store.identifier(name)}), '^''|\\.0$', '', 'g'))"
        for name in sector.record_key or (sector.key,)
    )
    return " || chr(31) || ".join([f"nullif({first}, '')", *(f"coalesce({each}, '')" for each in others)])


_KEYED = (
    "CREATE OR REPLACE TEMP TABLE keyed AS SELECT record_id, source_file, sheet, source_row, {key} AS key FROM {raw}"
)
_SHARED = """
WITH codes AS (SELECT DISTINCT source_file, key FROM keyed WHERE key IS NOT NULL),
     sizes AS (SELECT source_file, count(*) AS codes FROM codes GROUP BY ALL),
     common AS (
         SELECT one.source_file AS one, other.source_file AS other, count(*) AS shared
         FROM codes AS one JOIN codes AS other ON one.key = other.key AND one.source_file < other.source_file
         GROUP BY ALL
     )
SELECT one, other, shared FROM common
JOIN sizes AS first ON first.source_file = one JOIN sizes AS second ON second.source_file = other
WHERE shared >= $share * least(first.codes, second.codes)
ORDER BY one, other
"""
_REPLACED = """
CREATE OR REPLACE TEMP TABLE replaced AS
SELECT old.record_id, old.source_file, old.sheet, old.source_row,
       arg_max(new.source_file, (rank, new.source_row)) AS by_file,
       arg_max(new.source_row, (rank, new.source_row)) AS by_row
FROM keyed AS old JOIN pairs ON old.source_file = earlier
JOIN keyed AS new ON new.source_file = later AND new.key = old.key
GROUP BY ALL
"""
_REJECT = """
INSERT INTO {rejected} BY NAME
SELECT $sector AS sector, source_file, sheet, source_row, 'superseded' AS code,
       format('Đã được thay bằng dòng {{}} của tệp «{{}}» (cùng mã của ngành) / replaced by that row.', by_row, by_file)
           AS message
FROM replaced
"""
_COUNTS = "SELECT source_file, by_file, count(*) AS rows FROM replaced GROUP BY ALL ORDER BY ALL"
