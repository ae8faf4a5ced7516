"""The files of a case: bytes from what its row of the table says."""

import csv
import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tests.corpus import hostile
from tests.corpus.grid import Sheet, filled_below, sheets, shown
from tests.corpus.lettering import LETTERINGS, encoded
from tests.corpus.table import PLAIN_LIST, Case
from tests.corpus.workbooks import parquet, repacked, workbook

_WORKBOOKS = ("xlsx", "xls", "ods")
_LONG_AGO = (2026, 11, 1, 0, 0, 0)
How = Mapping[str, Any]


def make(case: Case, inbox: Path) -> None:
    """The case's files in its sector's folder of the inbox."""
    folder = inbox / case.sector
    folder.mkdir(parents=True, exist_ok=True)
    if mapping := case.how.get("mapping"):
        (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    for how in ({"file": case.file, **case.how}, *case.how.get("also", ())):
        if "make" in how:
            hostile.MAKERS[how["make"]](folder / how["file"])
            continue
        path = folder / how.get("folder", "") / how["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content(how))


def physical_rows(case: Case) -> int | None:
    """How many data rows the case's files hold, counted here; None if that cannot be said of them."""
    if case.rows is not None:
        return case.rows
    if "make" in case.how or "text" in case.how or case.refused:
        return None
    header, per_sheet = case.how.get("header", 1), case.how.get("headers", {})
    return sum(
        filled_below(sheet, per_sheet.get(sheet.name, header))
        for how in (case.how, *case.how.get("also", ()))
        for sheet in sheets(how.get("grid", PLAIN_LIST))
    )


def content(how: How) -> bytes:
    """One file's bytes."""
    drawn = [_lettered(sheet, how.get("letters", ())) for sheet in sheets(how.get("grid", PLAIN_LIST))]
    format_ = how.get("format", "csv")
    if format_ in _WORKBOOKS:
        data = workbook(format_, drawn, how.get("merged", ()), since_1904=how.get("since_1904", False))
    elif format_ == "parquet":
        data = parquet(drawn[0])
    else:
        data = _text(how, drawn[0])
    return _wrapped(_spliced(data, how), how)


def _text(how: How, sheet: Sheet) -> bytes:
    text = how["text"] if "text" in how else _delimited(how, sheet)
    for old, new in how.get("replace", ()):
        if old not in text:
            raise ValueError(f"nothing to replace: {old!r}")
        text = text.replace(old, new)
    newline = how.get("newline", "\n")
    lines = text.split("\n")
    own = how.get("line_encodings", {})
    usual = how.get("encoding", "utf-8")
    coded = [encoded(line, own.get(str(number), usual)) for number, line in enumerate(lines, start=1)]
    return (b"\xef\xbb\xbf" if how.get("bom") else b"") + encoded(newline, usual).join(coded)


def _delimited(how: How, sheet: Sheet) -> str:
    width = max(map(len, sheet.rows))
    out = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if how.get("quoting") == "all" else csv.QUOTE_MINIMAL
    delimiter = "\t" if how.get("format") == "tsv" else how.get("delimiter", ",")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n")
    writer.writerows([*map(shown, row), *[""] * (width - len(row))] if row else [] for row in sheet.rows)
    return out.getvalue()


def _lettered(sheet: Sheet, wishes: Sequence[How]) -> Sheet:
    """Some of the sheet's cells in another lettering; rows and columns are counted from 1, all where none is named."""
    for wish in wishes:
        change = LETTERINGS[wish["lettering"]]
        for y, row in enumerate(sheet.rows, start=1):
            for x, cell in enumerate(row, start=1):
                chosen = y in wish.get("rows", [y]) and x in wish.get("columns", [x])
                if chosen and isinstance(cell, str):
                    row[x - 1] = change(cell)
    return sheet


def _spliced(data: bytes, how: How) -> bytes:
    """Bytes put in the place of marks, parts of a package changed or added, the end cut off."""
    for mark, in_hex in how.get("splice", ()):
        data = data.replace(mark.encode(), bytes.fromhex(in_hex))
    for mark, text, times in how.get("grow", ()):
        data = data.replace(mark.encode(), text.encode() * times)
    if patches := how.get("patch", ()):
        data = repacked(data, lambda name, part: _patched(name, part, patches))
    if added := how.get("add", {}):
        data = repacked(data, None, **{name: text.encode() for name, text in added.items()})
    return data[: int(len(data) * how.get("kept", 1))]


def _patched(name: str, part: bytes, patches: Sequence[How]) -> bytes:
    for patch in patches:
        if patch["part"] == name:
            if patch["old"].encode() not in part:
                raise ValueError(f"{name}: nothing to patch: {patch['old']!r}")
            new = patch["new"].encode() * patch.get("times", 1)
            part = part.replace(patch["old"].encode(), new, 1)
    return part


def _wrapped(data: bytes, how: How) -> bytes:
    for wrap in how.get("wrap", ()):
        data = gzip.compress(data, mtime=0) if wrap == "gzip" else _zipped({wrap: data, **_others(how)})
    return data


def _others(how: How) -> dict[str, bytes]:
    """Further members of the archive."""
    return {member["member"]: content(member) for member in how.get("with", ())}


def _zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()
