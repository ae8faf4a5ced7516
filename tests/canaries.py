"""Planted identities that nothing else says, files that hold them in every state, and a search for them in any file."""

import io
import re
import sqlite3
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import NamedTuple

import polars as pl
import xlsxwriter

SYLLABLES = tuple(
    re.findall(
        r"\w+",
        "Ánh Bảo Cẩm Diễm Đoan Giáng Hạnh Huyền Khả Lệ Liên Mộng Mỹ Ngân Ngọc Nhã Nhung Oanh Phượng Quế Quỳnh Sương "
        "Thảo Thu Thùy Trâm Trúc Tú Tuyết Uyên Vân Yến",
    )
)
FAMILY = "Lò Khuyên"
"""All of their names begin so, and nobody else's."""
NAME = re.compile(r"l[oò][\s_.-]*khuy[eê]n[\s_.-]*[^\W\d_]", re.I)
NUMBER = re.compile(r"\d{9,}")
PACKED = re.compile(rb"\x1f\x8b|x[\x01\x5e\x9c\xda]")


class Canary(NamedTuple):
    """Somebody of whom nothing may be seen where it does not belong."""

    name: str
    number: str
    year: int
    code: str
    """By which their department knows them: 10 digits."""

    @property
    def born(self) -> str:
        return f"05/09/{self.year}"


def plant(many: int) -> list[Canary]:
    """At most 1,024 identities."""
    pairs = list(product(SYLLABLES, SYLLABLES))[:many]
    years = [1960 + at % 40 for at in range(many)]
    return [
        Canary(f"{FAMILY} {a} {b}", f"0790{year % 100:02d}{417_113 + 31 * at}", year, f"{7_905_417_113 + 37 * at}")
        for at, ((a, b), year) in enumerate(zip(pairs, years, strict=True))
    ]


HEADER = ("Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Mã tỉnh", "Mã xã", "Ghi chú")
CODES = {"insurance": "Mã số BHXH", "students": "Mã học sinh", "vaccination": "Mã tiêm chủng"}
SECTORS = tuple(CODES)


def _row(at: int, canary: Canary) -> tuple[str, ...]:
    """The canary's row in one of ten states."""
    name, born, number, note = canary.name, canary.born, canary.number, ""
    match at % 10:
        case 1:
            born = f"09/05/{canary.year}"
        case 2:
            name = f"{name} Lan"
        case 3:
            number = ""
        case 4:
            number = number[:-1]
        case 5:
            name, number = number, name
        case 6:
            note = f"con bà {name}, {number}"
        case 7:
            born = f"{number} {name}"
        case 8:
            name = f"{name} ({number})"
        case 9:
            number = f"{number[:6]}.{number[6:]}E+1"
    return name, born, "Nam", number, "79", "26734", note, canary.code


def lay_out(workspace: Path, canaries: list[Canary]) -> None:
    """A registry with most of them, and an inbox of lists: CSV, a workbook, rows too long, a file without a header."""
    people = [f"{each.number},{each.name},{each.year}-09-05,Nam,79,26734" for at, each in enumerate(canaries) if at % 7]
    head = "person_id,full_name,date_of_birth,sex,province,commune"
    (workspace / "registry.csv").write_text("\n".join([head, *people, ""]), encoding="utf-8")
    for number, sector in enumerate(SECTORS):
        rows = [_row(at // 3, each) for at, each in enumerate(canaries) if at % 3 == number]
        folder = workspace / "inbox" / sector
        folder.mkdir(parents=True)
        header = (*HEADER, CODES[sector])
        lines = [";".join(f'"{cell}"' for cell in row) for row in (header, *rows)]
        too_long = ";".join([*rows[0], *rows[0], *rows[0]])
        (folder / "a.csv").write_text("\n".join([*lines, too_long, ""]), encoding="utf-8")
        (folder / "no-header.csv").write_text("\n".join(lines[1:]), encoding="utf-8")
        (folder / "unclosed.csv").write_text("\n".join([*lines[:3], f'"{rows[0][0]};{rows[0][3]}']), encoding="utf-8")
    with xlsxwriter.Workbook(workspace / "inbox" / "students" / "b.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([(*HEADER, CODES["students"]), *(_row(at, each) for at, each in enumerate(canaries))]):
            sheet.write_row(at, 0, row)


def found_in(root: Path, canaries: list[Canary]) -> dict[str, str]:
    """Path below the root → what of a canary its bytes or its own name say, also inside packed formats."""
    secrets = {text for each in canaries for text in (each.number, each.code)}
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        said = set(secrets_in(name, secrets))
        if path.is_file() and not path.is_symlink():
            said |= {what for text in texts_of(path) for what in secrets_in(text, secrets)}
        if said:
            found[name] = sorted(said)[0]
    return found


def secrets_in(text: str, secrets: set[str]) -> Iterator[str]:
    """What of the canaries the text says: numbers, codes, and names in any case, with or without marks."""
    yield from secrets.intersection(NUMBER.findall(text))
    plain = unicodedata.normalize("NFC", text)
    if "\\u" in plain:
        plain += re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), plain)
    yield from (hit.group() for hit in NAME.finditer(plain))


def texts_of(path: Path) -> Iterator[str]:
    """The file's bytes as text, and what lies packed in it: ZIP, Parquet, SQLite, deflated parts."""
    content = path.read_bytes()
    yield content.decode("utf-8", errors="replace")
    yield content.decode("utf-16-le", errors="ignore")
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name
                yield packed.read(name).decode("utf-8", errors="replace")
    elif content[:4] == b"PAR1":
        frame = pl.read_parquet(io.BytesIO(content))
        yield "\n".join(str(row) for row in frame.iter_rows())
    elif content[:15] == b"SQLite format 3":
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            yield "\n".join(database.iterdump())
    else:
        yield from _inflated(content)


def _inflated(content: bytes) -> Iterator[str]:
    for start in PACKED.finditer(content):
        try:
            yield zlib.decompressobj(wbits=47).decompress(content[start.start() :]).decode("utf-8", errors="replace")
        except zlib.error:
            continue
