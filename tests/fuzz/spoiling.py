"""Bytes spoilt at random: flips, cuts, quotes, NULs, lines, and the XML and the directory of packages."""

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from random import Random

Change = Callable[[bytes, Random], bytes]
_LONG_AGO = (2026, 11, 1, 0, 0, 0)


def _at(data: bytes, chance: Random) -> int:
    return chance.randrange(len(data) + 1)


def _flipped(data: bytes, chance: Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 8, 40])):
        if out:
            out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def _replaced(data: bytes, chance: Random) -> bytes:
    out = bytearray(data)
    for _ in range(chance.choice([1, 3, 20])):
        if out:
            out[chance.randrange(len(out))] = chance.choice(
                [0, 9, 10, 13, 26, 34, 44, 59, 128, 255, chance.randrange(256)]
            )
    return bytes(out)


def _cut_end(data: bytes, chance: Random) -> bytes:
    return data[: _at(data, chance)]


def _cut_start(data: bytes, chance: Random) -> bytes:
    return data[chance.choice([1, 2, 3, _at(data, chance)]) :]


def _cut_middle(data: bytes, chance: Random) -> bytes:
    start = _at(data, chance)
    return data[:start] + data[start + chance.choice([1, 2, 7, 100]) :]


def _piece_again(data: bytes, chance: Random) -> bytes:
    start = _at(data, chance)
    piece = data[start : start + chance.choice([1, 4, 60, 500])]
    return data[:start] + piece * chance.choice([2, 2, 3, 50]) + data[start:]


def _inserted(data: bytes, chance: Random) -> bytes:
    at = _at(data, chance)
    return data[:at] + chance.choice(_INSERTED) + data[at:]


_INSERTED = (
    b"\0",
    b"\0" * 64,
    b'"',
    b'""',
    b'"\n',
    b",",
    b",,,,,,",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\t",
    b"|",
    b";" * 9,
    b"\x1a",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xc4\x90",
    b"\xe1",
    b"\xa0",
    b"x" * 5000,
    b"\x85",
    b"'",
    b"\\",
)


def _file_again(data: bytes, chance: Random) -> bytes:
    return data + data


def _line_again(data: bytes, chance: Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    at = chance.randrange(len(lines))
    return b"".join([*lines[:at], *[lines[at]] * chance.choice([2, 3, 40]), *lines[at + 1 :]])


def _line_gone(data: bytes, chance: Random) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def _lines_shuffled(data: bytes, chance: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def _delimiters_swapped(data: bytes, chance: Random) -> bytes:
    old, new = chance.sample([b",", b";", b"\t", b"|", b" ", b"^"], 2)
    return data.replace(old, new, chance.choice([-1, 1, 5]))


def _line_ends_swapped(data: bytes, chance: Random) -> bytes:
    old, new = chance.sample([b"\r\n", b"\n", b"\r", b"\n\n", b"\n\r"], 2)
    return data.replace(old, new, chance.choice([-1, 1, 3]))


def _quotes_gone(data: bytes, chance: Random) -> bytes:
    return data.replace(b'"', b"", chance.choice([-1, 1, 2, 3]))


def _second_language(data: bytes, chance: Random) -> bytes:
    at = data.rfind(b"\n", 0, _at(data, chance)) + 1
    lines = ["Đỗ Thị Ú,01/01/1990,Nữ\n".encode("utf-16-le"), "Đỗ Thị Ú,1,2,3,4\n".encode(), b"Nguy\xd4n V\xa8n,1,2,3\n"]
    line = chance.choice(lines)
    return data[:at] + line + data[at:]


ANY: tuple[Change, ...] = (_flipped, _replaced, _cut_end, _cut_start, _cut_middle, _piece_again, _inserted, _file_again)
"""What can befall any file."""

TEXT: tuple[Change, ...] = (
    _flipped,
    _replaced,
    _cut_end,
    _cut_middle,
    _piece_again,
    _inserted,
    _inserted,
    _line_again,
    _line_gone,
    _lines_shuffled,
    _delimiters_swapped,
    _line_ends_swapped,
    _quotes_gone,
    _second_language,
    _file_again,
)
"""What can befall text."""


def _element_again(xml: bytes, chance: Random) -> bytes:
    found = _elements(xml)
    if not found:
        return xml
    start, end = chance.choice(found)
    return xml[:end] + xml[start:end] * chance.choice([1, 1, 30]) + xml[end:]


def _element_gone(xml: bytes, chance: Random) -> bytes:
    found = _elements(xml)
    if not found:
        return xml
    start, end = chance.choice(found)
    return xml[:start] + xml[end:]


def _attribute_changed(xml: bytes, chance: Random) -> bytes:
    found = list(re.finditer(rb'[\w:]+="([^"]*)"', xml))
    if not found:
        return xml
    one = chance.choice(found)
    new = chance.choice(
        [b"", b"0", b"-1", b"1", b"99999999999", b"A1", b"XFD1048576", b"s", b"inlineStr", b"x&y", b"\xc4"]
    )
    return xml[: one.start(1)] + new + xml[one.end(1) :]


def _text_changed(xml: bytes, chance: Random) -> bytes:
    found = list(re.finditer(rb">([^<]+)<", xml))
    if not found:
        return xml
    one = chance.choice(found)
    new = chance.choice(
        [b"", b" ", b"999999", b"-1", b"&#0;", b"&amp;", b"&x;", b"1e999", b"NaN", b"\x00", b"\xff", b"x" * 9000]
    )
    return xml[: one.start(1)] + new + xml[one.end(1) :]


def _tag_broken(xml: bytes, chance: Random) -> bytes:
    found = list(re.finditer(rb"</?[\w:]+", xml))
    one = chance.choice(found) if found else None
    return xml[: one.start() + 1] + b"q" + xml[one.start() + 1 :] if one else xml


def _entity_added(xml: bytes, chance: Random) -> bytes:
    doctype = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    return re.sub(rb"(<\?xml[^>]*\?>)", rb"\1" + doctype, xml, count=1)


def _elements(xml: bytes) -> list[tuple[int, int]]:
    """Where whole rows, cells and texts stand."""
    pattern = rb"<(row|c|si|sheet|table:table-row|table:table-cell|mergeCell|Relationship)\b[^>]*?(?:/>|>.*?</\1>)"
    return [one.span() for one in re.finditer(pattern, xml, re.DOTALL)]


XML: tuple[Change, ...] = (
    _element_again,
    _element_gone,
    _attribute_changed,
    _attribute_changed,
    _text_changed,
    _text_changed,
    _tag_broken,
    _entity_added,
    *ANY,
)
"""What can befall a part of a package."""


def repackaged(data: bytes, chance: Random) -> tuple[bytes, list[str]]:
    """The package with one or two of its parts spoilt, or a part lost, doubled or called otherwise."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    done = []
    for _ in range(chance.randint(1, 2)):
        at = chance.choices(range(len(parts)), [_weight(name) for name, _ in parts])[0]
        name, part = parts[at]
        kind = chance.random()
        if kind < 0.85:
            change = chance.choice(XML)
            parts[at] = (name, change(part, chance))
            done.append(f"{name} {change.__name__.strip('_')}")
        elif kind < 0.9 and len(parts) > 1:
            del parts[at]
            done.append(f"{name} gone")
        elif kind < 0.95:
            parts.append((name, part))
            done.append(f"{name} twice")
        else:
            parts[at] = (
                chance.choice(["../x.xml", "/x", "x" * 300, "a\\b.csv", "é.csv", "", f"{name}/", name.upper()]),
                part,
            )
            done.append(f"{name} renamed")
    return _package(parts, chance), done


def _weight(name: str) -> int:
    return 8 if re.search(r"sheet\d|sharedStrings|content\.xml|workbook\.xml$|\.csv|\.xlsx", name) else 1


def _package(parts: list[tuple[str, bytes]], chance: Random) -> bytes:
    out = io.BytesIO()
    compression = zipfile.ZIP_STORED if chance.random() < 0.1 else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that stands twice
        for name, part in parts:
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type = compression
            archive.writestr(info, part)
    return out.getvalue()
