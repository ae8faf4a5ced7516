"""Files that no table can draw: bombs, pipes, links, locked and lying packages."""

import gzip
import io
import os
import re
import socket
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import xlwt  # type: ignore[import-untyped]
from xlwt.CompoundDoc import XlsDoc  # type: ignore[import-untyped]

from tests.corpus.grid import sheets
from tests.corpus.table import PLAIN_LIST
from tests.corpus.workbooks import repacked, workbook

_LONG_AGO = (2026, 11, 1, 0, 0, 0)
_CSV = "\n".join(line.replace(" | ", ",") for line in PLAIN_LIST.splitlines()) + "\n"
_GOOD = _CSV.encode()
_SECRET = "outside/secret.csv"


def _zip_of(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


def _outside(path: Path) -> Path:
    """The secret beside the workspace: inbox/<sector>/<file> is four steps below it."""
    return path.parents[3] / _SECRET


def bomb(path: Path) -> None:
    """A ZIP with 60 MB of the same row, some 500 to one."""
    header, row = _GOOD.splitlines(keepends=True)[:2]
    path.write_bytes(_zip_of(**{"danh_sach.csv": header + row * 800_000}))


def lying_bomb(path: Path) -> None:
    """The same, its headers saying that it is 100 bytes."""
    bomb(path)
    data = bytearray(path.read_bytes())
    size = struct.pack("<I", 100)
    data[22:26] = size
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = size
    path.write_bytes(bytes(data))


def nested_zip(path: Path) -> None:
    """A ZIP in a ZIP."""
    path.write_bytes(_zip_of(**{"trong.zip": _zip_of(**{"danh_sach.csv": _GOOD})}))


def zip_slip(path: Path) -> None:
    """Members that would leave the folder they are unpacked into."""
    path.write_bytes(_zip_of(**{"../../../outside/secret.csv": _GOOD}))


def zip_absolute(path: Path) -> None:
    """A member with an absolute name."""
    path.write_bytes(_zip_of(**{"/tmp/sachsong_corpus_slip.csv": _GOOD}))


def zip_backslash(path: Path) -> None:
    """A member with the name that Windows would take for another folder."""
    path.write_bytes(_zip_of(**{"..\\..\\danh_sach.csv": _GOOD}))


def zip_symlink(path: Path) -> None:
    """A member that is a link to a file outside."""
    info = zipfile.ZipInfo("danh_sach.csv", _LONG_AGO)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, str(_outside(path)))


def zip_encrypted(path: Path) -> None:
    """A member with a password, by its flag."""
    data = bytearray(_zip_of(**{"danh_sach.csv": _GOOD}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))


def zip_bad_crc(path: Path) -> None:
    """A good member beside one with a byte of its checksum flipped."""
    damaged = _GOOD.replace("Nguyễn Văn An".encode(), "Nguyễn Văn Am".encode())
    data = bytearray(_zip_of(**{"hong.csv": damaged, "tot.csv": _GOOD}))
    data[14] ^= 0xFF
    data[data.index(b"PK\x01\x02") + 16] ^= 0xFF
    path.write_bytes(bytes(data))


def zip_cut(path: Path) -> None:
    """A ZIP whose end did not arrive."""
    whole = _zip_of(**{"danh_sach.csv": _GOOD})
    path.write_bytes(whole[: len(whole) * 2 // 3])


def zip_empty(path: Path) -> None:
    """A ZIP with nothing in it."""
    path.write_bytes(_zip_of())


def zip_doubled(path: Path) -> None:
    """Two members of one name, with different people."""
    lines = _GOOD.splitlines(keepends=True)
    with zipfile.ZipFile(path, "w") as archive:
        for rows in (lines[:3], [lines[0], *lines[3:]]):
            # ZipFile itself warns of a second member of the same name.
            archive.writestr(zipfile.ZipInfo(f"ds{len(archive.namelist())}.csv", _LONG_AGO), b"".join(rows))
    path.write_bytes(path.read_bytes().replace(b"ds1.csv", b"ds0.csv"))


def zip_overlapping(path: Path) -> None:
    """Two names in the directory for the same bytes."""
    data = _zip_of(**{"danh_sach.csv": _GOOD})
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[at:end]
    closing = bytearray(data[end:])
    struct.pack_into("<HHI", closing, 8, 2, 2, 2 * len(entry))
    path.write_bytes(data[:at] + entry + entry.replace(b"danh_sach", b"danh_sich") + bytes(closing))


def gzip_bomb(path: Path) -> None:
    """80 MB of one row in gzip."""
    header, row = _GOOD.splitlines(keepends=True)[:2]
    path.write_bytes(gzip.compress(header + row * 1_000_000, mtime=0))


def fifo(path: Path) -> None:
    """A pipe nobody writes into: who opens it waits for ever."""
    os.mkfifo(path)
    _beside(path)


def unix_socket(path: Path) -> None:
    """A socket."""
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path is short
        made.bind(path.name)
        os.chdir(here)
    _beside(path)


def symlink(path: Path) -> None:
    """A link to a file outside the inbox."""
    path.symlink_to(_outside(path))
    _beside(path)


def symlink_to_folder(path: Path) -> None:
    """A link to a folder outside the inbox."""
    path.symlink_to(_outside(path).parent, target_is_directory=True)
    _beside(path)


def dangling_symlink(path: Path) -> None:
    """A link to nothing."""
    path.symlink_to(path.parent / "khong_co.csv")
    _beside(path)


def folder_named_csv(path: Path) -> None:
    """A folder that is called like a file, with a file in it."""
    path.mkdir()
    (path / "danh_sach.csv").write_bytes(_GOOD)


def name_not_utf8(path: Path) -> None:
    """A file name in an old code page."""
    with open(os.fsencode(path.parent) + b"/danh s\xe1ch.csv", "wb") as file:  # noqa: PTH123
        file.write(_GOOD)


_OPEN: list[object] = []


def still_written(path: Path) -> None:
    """A file that this very process still has open for writing."""
    for held in _OPEN:
        held.close()  # type: ignore[attr-defined]
    _OPEN.clear()
    file = path.open("wb")
    file.write(_GOOD)
    file.flush()
    _OPEN.append(file)
    _beside(path)


def partial_download(path: Path) -> None:
    """A file that a program has not finished fetching, by its name."""
    path.write_bytes(_GOOD[:200])
    _beside(path)


def office_lock(path: Path) -> None:
    """What Excel leaves beside a workbook that is open: no data."""
    path.write_bytes(b"\x05admin" + b" " * 159)
    _beside(path)


def _beside(path: Path) -> None:
    (path.parent / "tot.csv").write_bytes(_GOOD)


def xlsx_password(path: Path) -> None:
    """An encrypted workbook: an OLE file with one stream EncryptedPackage."""
    out = io.BytesIO()
    XlsDoc().save(out, bytes(range(256)) * 20)
    path.write_bytes(_renamed(out.getvalue(), "EncryptedPackage"))


def _renamed(compound: bytes, name: str) -> bytes:
    """The OLE file with its stream Workbook called otherwise."""
    old = "Workbook".encode("utf-16-le")
    at = compound.index(old)
    entry = name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2)
    return compound[:at] + entry + compound[at + 66 :]


def xls_password(path: Path) -> None:
    """An XLS with a FILEPASS record behind its beginning."""
    book = xlwt.Workbook()
    book.add_sheet("Sheet1").write(0, 0, "x")
    stream = book.get_biff_data()
    locked = stream[:20] + bytes.fromhex("2f00060000003412 7856".replace(" ", "")) + stream[20:]
    XlsDoc().save(str(path), locked)


def utf16_byte_lost(path: Path) -> None:
    """UTF-16 in which a byte of the second person's name did not arrive."""
    data = b"\xff\xfe" + _CSV.encode("utf-16-le")
    at = data.index("Bình".encode("utf-16-le"))
    path.write_bytes(data[:at] + data[at + 1 :])


def gzip_cut(path: Path) -> None:
    """A gzip whose end did not arrive."""
    whole = gzip.compress(_GOOD, mtime=0)
    path.write_bytes(whole[: len(whole) * 2 // 3])


def xlsx_without_references(path: Path) -> None:
    """A workbook as some programs write it: rows and cells in order, with no references."""

    def changed(part: str, data: bytes) -> bytes:
        return re.sub(rb' (r|spans)="[A-Z0-9:]+"', b"", data) if part.endswith("sheet1.xml") else data

    path.write_bytes(repacked(workbook("xlsx", sheets(PLAIN_LIST)), changed))


def xlsx_inline(path: Path) -> None:
    """A workbook with its text in the cells."""
    rows = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell.strip()}</t></is></c>' for cell in line.split("|")) + "</row>"
        for line in PLAIN_LIST.splitlines()
    )
    path.write_bytes(_with_sheet_data(rows))


def xlsx_last_row(path: Path) -> None:
    """A workbook with somebody in the last row that a sheet can have."""

    def changed(part: str, data: bytes) -> bytes:
        last = '<row r="1048576"><c r="B1048576" t="inlineStr"><is><t>Nguyễn Văn An</t></is></c></row></sheetData>'
        return data.replace(b"</sheetData>", last.encode()) if part.endswith("sheet1.xml") else data

    path.write_bytes(repacked(workbook("xlsx", sheets(PLAIN_LIST)), changed))


def _with_sheet_data(rows: str) -> bytes:
    def changed(part: str, data: bytes) -> bytes:
        if not part.endswith("sheet1.xml"):
            return data
        return re.sub(rb"<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>".encode(), data)

    return repacked(workbook("xlsx", sheets(PLAIN_LIST)), changed)


_XXE = '<!DOCTYPE sst [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
_LAUGHS = "<!DOCTYPE sst [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{level} '{f'&a{level - 1};' * 10}'>" for level in range(1, 10)
)


def _entity(doctype: str, name: str) -> Callable[[Path], None]:
    def made(path: Path) -> None:
        def changed(part: str, data: bytes) -> bytes:
            if part != "xl/sharedStrings.xml":
                return data
            head, rest = data.split(b"?>", 1)
            return head + b"?>\n" + doctype.encode() + rest.replace("Thôn Đông".encode(), f"&{name};".encode())

        path.write_bytes(repacked(workbook("xlsx", sheets(PLAIN_LIST)), changed))

    return made


def ods_entity(path: Path) -> None:
    """An ODS whose content asks for a file of the machine."""

    def changed(part: str, data: bytes) -> bytes:
        if part != "content.xml":
            return data
        head, rest = data.split(b"?>", 1)
        return head + b"?>\n" + _XXE.encode() + rest.replace("Thôn Đông".encode(), b"&secret;")

    path.write_bytes(repacked(workbook("ods", sheets(PLAIN_LIST)), changed))


def ods_repeated(path: Path) -> None:
    """An ODS of a few hundred bytes with a billion empty cells, and a name repeated a million times over a row."""

    def changed(part: str, data: bytes) -> bytes:
        wide = b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        tall = (
            b'<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row></table:table>'
        )
        return data.replace(b"</table:table-row>", wide).replace(b"</table:table>", tall)

    path.write_bytes(repacked(workbook("ods", sheets(PLAIN_LIST)), changed))


def ods_repeated_text(path: Path) -> None:
    """An ODS that says one row of text a million times, each cell a thousand times."""

    def changed(part: str, data: bytes) -> bytes:
        if part != "content.xml":
            return data
        row = (
            '<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="string" '
            'table:number-columns-repeated="1000"><text:p>An</text:p></table:table-cell></table:table-row></table:table>'
        )
        return data.replace(b"</table:table>", row.encode())

    path.write_bytes(repacked(workbook("ods", sheets(PLAIN_LIST)), changed))


def xlsx_bomb(path: Path) -> None:
    """A workbook whose sheet has 120 MB of spaces."""

    def changed(part: str, data: bytes) -> bytes:
        return (
            data.replace(b"<sheetData>", b"<sheetData>" + b" " * 120_000_000) if part.endswith("sheet1.xml") else data
        )

    path.write_bytes(repacked(workbook("xlsx", sheets(PLAIN_LIST)), changed))


def xlsx_large_cell(path: Path) -> None:
    """A workbook with a cell of 100 MB in its table of texts."""

    def changed(part: str, data: bytes) -> bytes:
        return data.replace("Thôn Đông".encode(), b"x" * 100_000_000) if part == "xl/sharedStrings.xml" else data

    path.write_bytes(repacked(workbook("xlsx", sheets(PLAIN_LIST)), changed))


def wide_csv(path: Path) -> None:
    """10,000 columns behind ours, all with a name."""
    lines = _CSV.splitlines()
    names = ",".join(f"Cột {number}" for number in range(10_000))
    path.write_text("\n".join([f"{lines[0]},{names}", *(line + ",x" * 10_000 for line in lines[1:])]) + "\n", "utf-8")


def wide_xlsx(path: Path) -> None:
    """10,000 columns behind ours, all with a name."""
    lines = PLAIN_LIST.splitlines()
    names = " | ".join(f"Cột {number}" for number in range(10_000))
    drawn = "\n".join([f"{lines[0]} | {names}", *(f"{line}{' | x' * 10_000}" for line in lines[1:])])
    path.write_bytes(workbook("xlsx", sheets(drawn)))


MAKERS: dict[str, Callable[[Path], None]] = {
    "billion_laughs": _entity(_LAUGHS + "]>", "a9"),
    "xxe": _entity(_XXE, "secret"),
    **{
        made.__name__: made
        for made in (
            bomb,
            lying_bomb,
            nested_zip,
            zip_slip,
            zip_absolute,
            zip_backslash,
            zip_symlink,
            zip_encrypted,
            zip_bad_crc,
            zip_cut,
            zip_empty,
            zip_doubled,
            zip_overlapping,
            gzip_bomb,
            fifo,
            unix_socket,
            symlink,
            symlink_to_folder,
            dangling_symlink,
            folder_named_csv,
            name_not_utf8,
            still_written,
            partial_download,
            office_lock,
            xlsx_password,
            xls_password,
            ods_entity,
            ods_repeated,
            ods_repeated_text,
            xlsx_bomb,
            xlsx_large_cell,
            wide_csv,
            wide_xlsx,
            utf16_byte_lost,
            gzip_cut,
            xlsx_without_references,
            xlsx_inline,
            xlsx_last_row,
        )
    },
}
"""By what name the table asks for each."""
