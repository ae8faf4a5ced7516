"""The good files that are spoilt: a table of people in every format and the usual encodings."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

from tests.corpus.grid import Sheet, sheets, shown
from tests.corpus.make import content

_HEADER = "STT | Họ và tên | Ngày sinh | Giới tính | Số CCCD | Mã số BHXH | Địa chỉ | Ghi chú"
_ROWS = """\
1 | Nguyễn Văn An | 05/09/1987 | Nam | 079087001234 | 7912345678 | 12 Lê Lợi, Bến Nghé |
2 | Trần Thị Bình | 15/12/1990 | Nữ | 001190005678 | 0198765432 | 5 Trần Phú | mới
3 | Lê Hoàng Đức | 28/02/2015 | Nam | 048215000321 |  | Thôn Đông |
4 | Phạm Ngọc Ánh | 09/03/2016 | Nữ | 036316007890 | 3612345670 | Xóm Mới |
5 | Võ Thị Hồng | 1954 | Nữ | n:79154000111 |  | 7 Hai Bà Trưng | chuyển đến
6 | Đặng Quốc Hưng | n:29224 | Nam | 024123456 |  |  |
"""
TITLE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nDANH SÁCH NGƯỜI THAM GIA\n\n"
CLOSING = "Tổng cộng: 06 người\n\nNgười lập biểu | | | Giám đốc\n"


@dataclass(frozen=True)
class Way:
    """How a table becomes a file."""

    name: str
    ending: str
    encode: Callable[[str], bytes]
    """From a drawing (see `tests.corpus.grid`)."""
    is_text: bool
    is_delimited: bool
    """Text, perhaps in an archive."""


def _way(name: str, ending: str, **how: object) -> Way:
    is_delimited = how.get("format", "csv") in ("csv", "tsv")
    is_text = is_delimited and "wrap" not in how
    return Way(name, ending, lambda drawn: content({**how, "grid": drawn}), is_text, is_delimited)


WAYS = (
    _way("csv", "csv"),
    _way("csv bom", "csv", bom=True),
    _way("csv quoted crlf", "csv", quoting="all", newline="\r\n"),
    _way("csv semicolon cr", "csv", delimiter=";", newline="\r"),
    _way("tsv", "tsv", format="tsv"),
    _way("csv windows-1258", "csv", encoding="windows-1258"),
    _way("csv tcvn3", "csv", encoding="western", letters=[{"lettering": "tcvn3"}]),
    _way("csv vni", "csv", encoding="western", letters=[{"lettering": "vni"}]),
    _way("csv utf-16 le", "csv", encoding="utf-16-le"),
    _way("csv utf-16 be", "txt", encoding="utf-16-be", delimiter=";"),
    _way("xlsx", "xlsx", format="xlsx"),
    _way("xls", "xls", format="xls"),
    _way("ods", "ods", format="ods"),
    _way("parquet", "parquet", format="parquet"),
    _way("zip of csv", "zip", wrap=["danh sách.csv"]),
    _way("zip of xlsx", "zip", format="xlsx", wrap=["lớp/6A1.xlsx"]),
    _way("gzip", "csv.gz", wrap=["gzip"]),
)

_SHARES = {"xlsx": 3, "xls": 2, "ods": 2, "csv": 4, "csv quoted crlf": 3}


def any_way(chance: Random) -> Way:
    """One of the ways; plain CSV and workbooks more often."""
    return chance.choices(WAYS, [_SHARES.get(way.name, 1) for way in WAYS])[0]


def any_table(chance: Random, *, sheets_too: bool) -> str:
    """A drawing of a good table: with or without title and closing lines, on one sheet or two."""
    title = TITLE if chance.random() < 0.25 else ""
    closing = CLOSING if chance.random() < 0.25 else ""
    drawn = f"{title}{_HEADER}\n{_ROWS}{closing}"
    if sheets_too and chance.random() < 0.2:
        return f"=== Một\n{drawn}=== Hai\n{_HEADER}\n{_ROWS}"
    return drawn


@cache
def whole(way: Way, drawn: str) -> bytes:
    """The file's bytes; the same table is asked for again and again."""
    return way.encode(drawn)


def filled_rows(drawn: str, way: Way) -> dict[str, tuple[bool, ...]]:
    """By sheet, which of its rows hold anything; in text, quotes and byte-order marks alone are nothing."""
    nothing = _NOTHING_IN_TEXT if way.is_delimited else None
    return {sheet.name: _filled(sheet, nothing) for sheet in sheets(drawn)}


_NOTHING_IN_TEXT = ' \t\r\n"\ufeff'


def _filled(sheet: Sheet, nothing: str | None) -> tuple[bool, ...]:
    return tuple(any(shown(cell).strip(nothing) for cell in row) for row in sheet.rows)
