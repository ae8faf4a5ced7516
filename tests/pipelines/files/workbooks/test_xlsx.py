"""What comes out of an XLSX file, cell by cell, however its XML was written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import UnreadableFile
from tests.pipelines.files.workbooks.building import (
    DATE,
    ELEVEN_ZEROS,
    MAIN,
    TWELVE_ZEROS,
    relation,
    rows_of,
    sheets_of,
    worksheet,
    xlsx,
)


def number(value: str, style: int = 0, at: str = "A1") -> str:
    return f'<row><c r="{at}" s="{style}"><v>{value}</v></c></row>'


def typed(kind: str, value: str, at: str = "A1") -> str:
    return f'<row><c r="{at}" t="{kind}"><v>{value}</v></c></row>'


def inline(text: str) -> str:
    return f'<row><c r="A1" t="inlineStr"><is>{text}</is></c></row>'


TEXTS = [
    "<t>Nguyễn Văn An</t>",
    '<t xml:space="preserve">  </t>',
    '<r><t xml:space="preserve">Nguyễn </t></r><r><rPr><b/></rPr><t>Văn</t></r><rPh sb="0" eb="1"><t>kana</t></rPh>',
    "<t>tổ 1&#10;xã &amp; huyện</t>",
    "<t><![CDATA[a<b]]><!-- a note --></t>",
    "<t>_x000D_</t>",
]


@pytest.mark.parametrize(
    ("row", "text", "why"),
    [
        (number("79203012345"), "79203012345", "eleven digits, General"),
        (number("79203012345.0"), "79203012345", "as a careless writer has it"),
        (number("1.23E+11"), "123000000000", "a number has all its digits"),
        (number("1E-7"), "0.0000001", "no exponent for small ones either"),
        (number("8.6999999999999993"), "8.7", "as Excel writes 8.7"),
        (number("123456789012345678"), "123456789012345678", "more digits than a double keeps"),
        (number("79203012345", TWELVE_ZEROS), "079203012345", "the officer sees twelve digits"),
        (number("79203012345.0", TWELVE_ZEROS), "079203012345", "the officer sees twelve digits"),
        (number("5", ELEVEN_ZEROS), "000000000005", "a # behind a zero shows a digit too"),
        (number("1079203012345", TWELVE_ZEROS), "1079203012345", "more digits than zeros"),
        (number("1.5", TWELVE_ZEROS), "1.5", "not a whole number"),
        (number("-5", TWELVE_ZEROS), "-5", "not a whole number without a sign"),
        (number("41188", DATE), "2012-10-06 00:00:00", "a date"),
        (number("41188.5", DATE), "2012-10-06 12:00:00", "a date and a time"),
        (number("79203012345", DATE), "79203012345", "a number in a column of dates: the first reader loses it"),
        (number("7.9203012345E10", DATE), "79203012345", "the same, with an exponent"),
        (typed("str", "1,23E+11"), "1,23E+11", "a text stays as it is"),
        (typed("str", "000000005999"), "000000005999", "a text of digits stays a text"),
        (typed("b", "1"), "true", "yes or no"),
        (typed("e", "#N/A"), "#N/A", "an error is shown as Excel shows it: the first reader loses it"),
        (typed("d", "2012-10-06"), "2012-10-06", "an ISO date"),
        (typed("s", "0"), "Nguyễn Văn An", "a shared text"),
        (typed("s", "2"), "Nguyễn Văn", "formatted runs make one text, how to pronounce it is left out"),
        (typed("s", "3"), "tổ 1\nxã & huyện", "line breaks and entities"),
        (typed("s", "4"), "a<b", "CDATA and a comment"),
        (inline('<t xml:space="preserve"> An</t>'), " An", "spaces that are to be kept"),
        (inline("<r><t>a</t></r><r><t>b</t></r><rPh><t>k</t></rPh>"), "ab", "runs in the cell itself"),
        (inline("<t>a_x000D_b</t>"), "a\rb", "an escaped line break"),
        ("<row><c><f>1+1</f><v>2</v></c></row>", "2", "a formula's value"),
        ('<row><c t="str"><f>A2&amp;"x"</f><v>ax</v></c></row>', "ax", "a formula's text"),
        ('<row><c r="a1"><v>1</v></c></row>', "1", "an address in small letters"),
        ('<row><c r="A1"><v>1</v><v>2</v></c></row>', "2", "a value twice: both readers take the last"),
    ],
)
def test_a_cell(tmp_path: Path, row: str, text: str, why: str) -> None:
    assert rows_of(xlsx(tmp_path / "x.xlsx", worksheet(row), texts=TEXTS)) == [(1, text)], why


@pytest.mark.parametrize(
    ("rows", "read", "why"),
    [
        (
            "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
            [(1, "1", "2"), (2, "3", None)],
            "bare",
        ),
        ('<row r="2"><c r="B2"><v>1</v></c><c><v>2</v></c></row>', [(2, None, "1", "2")], "an address, then none"),
        (number("1", at="A3") + number("2", at="B1"), [(1, None, "2"), (3, "1", None)], "rows out of order"),
        (number("1", at="A3") + number("2", at="B3"), [(3, "1", "2")], "a row in two pieces"),
        ('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>', [(1, "2", "1")], "cells out of order"),
        (number("1", at="C3"), [(3, None, None, "1")], "columns count from A, rows from 1"),
        (number("1") + number("2", at="A1"), [(1, "cells_disagree")], "one place, two values: nobody knows which"),
        (number("1") + typed("s", "1", "A2") + typed("s", "0", "A3"), [(1, "1"), (3, "Nguyễn Văn An")], "a blank text"),
        (typed("s", "5") + typed("s", "0", "A2"), [(2, "Nguyễn Văn An")], "an escaped line break alone is blank"),
        (typed("e", "#N/A", "A1") + typed("e", "#REF!", "B2"), [(1, "#N/A", None), (2, None, "#REF!")], "errors alone"),
        ('<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>', [(1, "1")], "a hidden or filtered row is read"),
        ('<row r="9"/><row r="10" s="3"><c r="A10" s="1"/></row>' + number("1"), [(1, "1")], "formatted, but empty"),
        (number("1") + typed("str", "x" * 1_000_001, "A2"), [(1, "1"), (2, "row_too_long")], "over a megabyte"),
    ],
)
def test_rows(tmp_path: Path, rows: str, read: list[tuple[object, ...]], why: str) -> None:
    assert rows_of(xlsx(tmp_path / "x.xlsx", worksheet(rows), texts=TEXTS)) == read, why


def test_dates_of_the_1904_system(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "x.xlsx", worksheet(number("39726", DATE)), book='<workbookPr date1904="1"/>')
    assert rows_of(path) == [(1, "2012-10-06 00:00:00")]


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        (
            f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row></x:sheetData>'
            "</x:worksheet>",
            "prefixed",
        ),
        (worksheet(number("1")).replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"), "the strict form"),
        (worksheet(number("1"), before='<dimension ref="B2:XFD9"/>'), "a dimension that is wrong"),
        ('<?xml version="1.0" encoding="UTF-8"?>\n<!-- c -->' + worksheet(f"\n{number('1')}\n"), "indented"),
    ],
)
def test_other_ways_to_write_a_sheet(tmp_path: Path, sheet: str, why: str) -> None:
    assert rows_of(xlsx(tmp_path / "x.xlsx", sheet)) == [(1, "1")], why


def test_formulas_that_nobody_computed_are_counted(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="B2"><f>1+1</f></c><c r="C2"><f>1+1</f><v/></c></row>'
    )
    (sheet,) = sheets_of(xlsx(tmp_path / "x.xlsx", worksheet(rows)))
    assert (sheet["unvalued"], sheet["first_unvalued"]) == (2, "B2")


def test_merged_cells_are_told(tmp_path: Path) -> None:
    merges = '<mergeCells count="2"><mergeCell ref="A3:A5"/><mergeCell ref="$A$1:B1"/></mergeCells>'
    (sheet,) = sheets_of(xlsx(tmp_path / "x.xlsx", worksheet(number("1"), after=merges)))
    assert sheet["merges"] == [(1, 1, 1, 2), (3, 5, 1, 1)]


def test_sheets_are_numbered_with_those_that_are_no_tables(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "x.xlsx",
        worksheet(number("1")),
        sheets='<sheet name="Đồ thị" r:id="c"/><sheet name="A &amp; B" state="veryHidden" r:id="s"/>'
        '<sheet name="trống" r:id="e"/><sheet name="Ẩn" state="hidden" r:id="h"/>',
        relations=relation("c", "chartsheet", "chartsheets/sheet1.xml")
        + relation("s", "worksheet", "/xl/worksheets/sheet1.xml")
        + relation("e", "worksheet", "worksheets/sheet2.xml")
        + relation("h", "worksheet", "worksheets/sheet3.xml"),
        parts={
            "xl/chartsheets/sheet1.xml": f'<chartsheet xmlns="{MAIN}"/>',
            "xl/worksheets/sheet2.xml": worksheet(""),
            "xl/worksheets/sheet3.xml": worksheet(number("2")),
        },
    )
    found = [(sheet["number"], sheet["name"], sheet["hidden"], sheet["cells"]) for sheet in sheets_of(path)]
    assert found == [(2, "A & B", True, [(1, None, ["1"])]), (4, "Ẩn", True, [(1, None, ["2"])])]


BOMB = "<!DOCTYPE w [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'>]>"
OUTSIDE = "<!DOCTYPE w [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
TWO_SHEETS = '<sheet name="S" r:id="rId1"/><sheet name="{}" r:id="{}"/>'
SHEET = relation("rId1", "worksheet", "worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("sheet", "options", "code", "told"),
    [
        (worksheet(""), {}, "empty_file", "không có dòng nào"),
        (worksheet('<row r="1"><c r="A1" t="str"><v> </v></c></row>'), {}, "empty_file", "không có dòng nào"),
        (BOMB + worksheet(inline("<t>&b;</t>")), {}, "damaged_file", "DTD"),
        (OUTSIDE + worksheet(inline("<t>&a;</t>")), {}, "damaged_file", "DTD"),
        (worksheet(number("1"))[:-20], {}, "damaged_file", "sheet1.xml"),
        (worksheet(number("1").replace("</c>", "</d>")), {}, "damaged_file", "sheet1.xml"),
        (worksheet(number("1") + number("1", at="XFD1048576")), {}, "too_heavy", "XFD1048576"),
        (worksheet(number("1", at="XFE1")), {}, "damaged_file", "XFE"),
        (worksheet(number("1", at="A0")), {}, "damaged_file", "dòng 0"),
        (worksheet(number("1", at="A1048577")), {}, "damaged_file", "1048577"),
        (worksheet(typed("e", "#SPILL!", "B7")), {}, "damaged_file", "B7"),
        (worksheet(typed("z", "1", "B7")), {}, "damaged_file", "B7"),
        (worksheet(number("1")), {"parts": {"xl/worksheets/sheet1.xml": None}}, "damaged_file", "thiếu phần"),
        (worksheet(number("1")), {"parts": {"xl/workbook.xml": None}}, "damaged_file", "thiếu phần"),
        (worksheet(number("1")), {"relations": ""}, "damaged_file", "không trỏ đến phần nào"),
        (worksheet(number("1")), {"sheets": TWO_SHEETS.format("T", "rId1")}, "damaged_file", "dùng chung"),
        (worksheet(number("1")), {"sheets": TWO_SHEETS.format("s", "rId1")}, "damaged_file", "trùng tên"),
        (
            worksheet(number("1")),
            {"relations": SHEET + relation("t", "sharedStrings", "other.xml")},
            "damaged_file",
            "sharedStrings",
        ),
    ],
)
def test_workbooks_that_are_refused(
    tmp_path: Path, sheet: str, options: Mapping[str, Any], code: str, told: str
) -> None:
    with pytest.raises(UnreadableFile, match=told) as refusal:
        sheets_of(xlsx(tmp_path / "x.xlsx", sheet, **options))
    assert refusal.value.code == code
