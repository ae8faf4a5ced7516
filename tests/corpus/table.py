"""The table of the corpus as objects: `cases/*.toml`, its people by name, its short forms spelt out."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent

PLAIN_LIST = """\
STT | Họ và tên | Ngày sinh | Giới tính | Số CCCD | Địa chỉ
1 | Nguyễn Văn An | 05/09/1987 | Nam | 079087001234 | 12 Lê Lợi
2 | Trần Thị Bình | 15/12/1990 | Nữ | 001190005678 | 5 Trần Phú
3 | Lê Hoàng Đức | 28/02/2015 | Nam | 048215000321 | Thôn Đông
4 | Phạm Ngọc Ánh | 09/03/2016 | Nữ | 036316007890 | Xóm Mới
"""
"""What a case is made of if it says nothing else: the four people, one a row."""
_PLAIN_ADDRESSES = {"an": "12 Lê Lợi", "binh": "5 Trần Phú", "duc": "Thôn Đông", "anh": "Xóm Mới"}


@dataclass(frozen=True)
class Record:
    """One row that must be read."""

    at: int
    """`source_row`, counted from 1 in the file or sheet, header and titles included."""
    fields: Mapping[str, Any]
    """Columns of `core_<sector>` with their values, None where there must be none; `extra` and `repairs` besides."""
    sheet: str | None
    file: str | None


@dataclass(frozen=True)
class Rejection:
    """One row that must be rejected."""

    at: int | None
    """None: a file or sheet as a whole."""
    code: str
    sheet: str | None
    file: str | None


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    name: str
    topic: str
    """The table's file name."""
    vi: str
    en: str
    file: str
    """What it is called in the sector's folder of the inbox."""
    sector: str
    how: Mapping[str, Any]
    """All that `make` needs, as it stands in the table."""
    rows: int | None
    """Physical data rows, where they cannot be counted in the case's grid."""
    records: tuple[Record, ...]
    alike: int
    """How many records there must be besides, which nobody would spell out."""
    rejected: tuple[Rejection, ...]
    rest: str | None
    """The code by which all other data rows are rejected."""
    refused: Mapping[str, str]
    """Code by file name, `name#sheet` where a sheet is meant, of what is refused as a whole."""
    says: tuple[str, ...]
    """Words that must stand in what `files` tells of the file."""
    encoding: str | None
    header_row: int | None
    heavy: bool
    """Looked at in a process of its own, for its memory."""
    xfail: str | None
    """The bug report of what is not mended yet."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Some of the mapping header → column that must be told."""


@cache
def cases() -> tuple[Case, ...]:
    """Every case, in the order of the table. Errors: ValueError if two have one name."""
    found = tuple(
        _case(path.stem, row)
        for path in sorted((_FOLDER / "cases").glob("*.toml"))
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    )
    names = [case.name for case in found]
    if doubles := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"cases stand twice: {', '.join(doubles)}")
    return found


@cache
def people() -> dict[str, dict[str, str]]:
    """The four people by their short names."""
    return tomllib.loads((_FOLDER / "people.toml").read_text(encoding="utf-8"))


_TOLD = {"name", "vi", "en", "sector", "rows", "says", "xfail", "heavy", "encoding_told", "columns"}
_EXPECTED = {"records", "alike", "rejected", "rest", "refused", "header_row"}


def _case(topic: str, row: Mapping[str, Any]) -> Case:
    how = {key: value for key, value in row.items() if key not in _TOLD | _EXPECTED}
    name = str(row["name"])
    file = str(how.pop("file", f"{name}.{how.get('format', 'csv')}"))
    return Case(
        name=name,
        topic=topic,
        vi=row["vi"],
        en=row["en"],
        file=file,
        sector=row.get("sector", "insurance"),
        how=how,
        rows=row.get("rows"),
        records=tuple(_record(each) for each in _rows_of(row)),
        alike=row.get("alike", 0),
        rejected=tuple(_rejection(each) for each in row.get("rejected", [])),
        rest=row.get("rest"),
        refused=_refused(file, row.get("refused", {})),
        says=tuple(row.get("says", ())),
        encoding=row.get("encoding_told"),
        header_row=row.get("header_row"),
        heavy=row.get("heavy", False),
        xfail=row.get("xfail"),
        columns=row.get("columns", {}),
    )


def _rows_of(row: Mapping[str, Any]) -> list[Any]:
    """The records as stated; "all": the plain list, with its addresses; "all+3": three lines further down."""
    stated = row.get("records", [])
    if isinstance(stated, list):
        return stated
    below = 2 + int(stated.removeprefix("all") or 0)
    return [
        {"at": below + position, "is": person, "address": address}
        for position, (person, address) in enumerate(_PLAIN_ADDRESSES.items())
    ]


def _record(stated: Any) -> Record:
    """A table, or for short "2 an"."""
    row = dict(stated) if isinstance(stated, dict) else dict(zip(("at", "is"), stated.split(), strict=True))
    at, sheet, file = int(row.pop("at")), row.pop("sheet", None), row.pop("file", None)
    person = people()[row.pop("is")] if "is" in row else {}
    return Record(at, {**person, **{key: _absent(key, value) for key, value in row.items()}}, sheet, file)


def _absent(column: str, value: Any) -> Any:
    """TOML has no null: an empty text stands for it, but for repairs, which are never null."""
    return None if value == "" and not column.endswith("repairs") else value


def _refused(file: str, stated: Any) -> dict[str, str]:
    """Codes by file name; `#sheet` is a sheet of the case's only file."""
    if isinstance(stated, str):
        return {file: stated}
    return {file + place if place.startswith("#") else place: code for place, code in stated.items()}


def _rejection(stated: Any) -> Rejection:
    """A table, or for short "5 ragged_row"; "- zip_bomb" is a file or sheet as a whole."""
    row = stated if isinstance(stated, dict) else dict(zip(("at", "code"), stated.split(), strict=True))
    at = row.get("at", "-")
    return Rejection(None if at == "-" else int(at), row["code"], row.get("sheet"), row.get("file"))
