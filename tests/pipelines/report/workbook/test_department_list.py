import tempfile
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from pipelines.config import Run
from pipelines.report import worklist
from pipelines.report.hop import report
from pipelines.report.lists import write_lists
from pipelines.report.workbook import department_list, styles
from pipelines.report.workbook.department_list import ANSWERS
from pipelines.sectors import schema
from pipelines.workspace import run_tables
from tests.pipelines.filled_run import SECRET_ID, SECRET_NAME, change


def load(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def rows(path: Path, sheet: str = "Cần xử lý") -> list[tuple[object, ...]]:
    return list(load(path)[sheet].iter_rows(values_only=True))


def column(path: Path, title: str) -> list[object]:
    header, *body = rows(path)[2:]
    return [row[header.index(title)] for row in body]


@pytest.fixture(scope="module")
def book(written: Run) -> Path:
    return written.reports / "lists" / "students.xlsx"


def test_lists_the_records_that_need_work_by_province_commune_and_unit(book: Path) -> None:
    places = [str(place or "").rpartition(", ")[2] for place in column(book, "Xã/phường")]
    assert len(places) == 24
    # 01 Hà Nội, 48 Đà Nẵng, 79 Hồ Chí Minh by code; unknown places last.
    assert [place for at, place in enumerate(places) if at == 0 or places[at - 1] != place] == [
        "Hà Nội",
        "Đà Nẵng",
        "Hồ Chí Minh",
        "",
    ]
    assert set(column(book, "Tên trường")) == {"THCS Lê Lợi"}


def test_says_what_disagrees_and_what_to_mend_but_not_what_the_registry_holds(book: Path) -> None:
    index = column(book, "Họ và tên").index(SECRET_NAME)
    assert column(book, "Số định danh")[index] == "079*****2345"
    assert column(book, "Ngày sinh")[index] == "05/09/1987"
    assert column(book, "Sai ở đâu")[index] == "Sai thông tin: ngày sinh, giới tính"
    assert column(book, "Đề xuất sửa")[index] == "Theo giấy tờ gốc: Ngày sinh, Giới tính"
    assert column(book, "Một chỗ sửa là khớp")[index] == "Không: sai 2 chỗ"
    remedy = str(column(book, "Việc cần làm")[index]).split("\n")
    # What differs, then what the two issues add: sex or number, date of birth or number.
    assert remedy == ["• Đối chiếu giấy tờ gốc, sửa chỗ sai: ngày sinh, giới tính, số định danh."]
    with zipfile.ZipFile(book) as parts:
        assert all(SECRET_ID.encode() not in parts.read(name) for name in parts.namelist())


def test_what_the_next_nights_settle_is_no_work_for_a_department(run: Run) -> None:
    change(run, "UPDATE issues SET issue = 'NOT_ASKED', family = 'live'")
    report(run)
    index = column(run.reports / "lists" / "students.xlsx", "Họ và tên").index(SECRET_NAME)
    remedy = column(run.reports / "lists" / "students.xlsx", "Việc cần làm")[index]
    assert remedy == "• Đối chiếu giấy tờ gốc, sửa chỗ sai: ngày sinh, giới tính."


def test_who_lives_elsewhere_is_listed_though_verified_and_it_is_said_why(run: Run) -> None:
    """A warning alone lists nobody; that a person moved is told to whoever has the record."""
    change(run, "UPDATE issues SET issue = 'PERSON_MOVED', family = 'live' WHERE issue = 'NAME_LENGTH'")
    change(
        run,
        "UPDATE residences SET commune_registry = 'other' WHERE record_id IN "
        "(SELECT record_id FROM issues WHERE issue = 'PERSON_MOVED')",
    )
    report(run)
    book = run.reports / "lists" / "students.xlsx"
    told = [
        remedy
        for wrong, remedy in zip(column(book, "Sai ở đâu"), column(book, "Việc cần làm"), strict=True)
        if wrong == "Đã xác thực đúng, nhưng nơi cư trú trong hồ sơ khác CSDL quốc gia về dân cư: xã/phường"
    ]
    assert told
    remedy = "• Hỏi lại nơi cư trú hiện nay và cập nhật; chuyển hồ sơ về nơi mới nếu cần."
    assert set(told) == {remedy}


KEYS = [
    ("insurance", "079087001234", "079*****1234", "since 01/08/2025 the social insurance number is the ID"),
    ("insurance", "7912345678", "7912345678", "the old one of ten digits is the sector's own"),
    ("students", "079203012345", "079*****2345", "an ID put where the pupil's code belongs"),
    ("students", "079203012346", "079203012346", "a code of twelve digits that is not this person's ID"),
]


@pytest.mark.parametrize(("sector", "key", "shown", "why"), KEYS)
def test_a_code_that_is_an_id_is_masked(run: Run, sector: str, key: str, shown: str, why: str) -> None:
    name = {"insurance": "social_insurance_number", "students": "student_code"}[sector]
    change(run, f"UPDATE core_{sector} SET {name} = '{key}', id_number = '{SECRET_ID}' WHERE source_row = 2")
    report(run)
    first = rows(run.reports / "lists" / f"{sector}.xlsx")[3:]
    assert shown in {row[3] for row in first}, why
    assert shown == key or key not in {cell for row in first for cell in row}


def test_a_key_that_is_meant_as_an_id_is_always_masked() -> None:
    students = schema.load("students")
    columns = tuple(c.model_copy(update={"kind": "id"}) if c.name == students.key else c for c in students.column)
    batch = pl.DataFrame({"key": ["079203012346", "0792030123?", None], "id": [None, "001203012345", None]})
    shown = department_list._key(batch, students.model_copy(update={"column": columns})).to_list()
    assert shown[0] == "079*****2346"
    assert "0792030123" not in shown[1]
    assert shown[2] is None


def test_where_a_cell_could_not_be_understood_the_departments_own_text_stands(book: Path) -> None:
    assert "30/02/2011" in column(book, "Ngày sinh")
    assert "03/2012" in column(book, "Ngày sinh")
    assert "1954" in column(book, "Ngày sinh")


def test_a_name_that_looks_like_a_formula_is_text(book: Path) -> None:
    header, *body = list(load(book)["Cần xử lý"].iter_rows())[2:]
    names = [row[[cell.value for cell in header].index("Họ và tên")] for row in body]
    (suspect,) = [cell for cell in names if str(cell.value).startswith("=")]
    assert suspect.data_type == "s"
    assert suspect.hyperlink is None


def test_only_the_answers_can_be_written_and_only_from_the_list(book: Path) -> None:
    sheet = load(book)["Cần xử lý"]
    assert sheet.protection.sheet
    (validation,) = sheet.data_validations.dataValidation
    assert validation.formula1 == '"' + ",".join(ANSWERS) + '"'
    assert str(validation.sqref) == "O4:O27"
    unlocked = {cell.column for cell in sheet[4] if not cell.protection.locked}
    header = [cell.value for cell in sheet[3]]
    assert {header[index - 1] for index in unlocked} == {"Kết quả xử lý", "Ghi chú"}


def printed_points(sheet: Any) -> float:
    """The size of a sheet's text on A4 across, with a font a tenth wider than Arial: Excel's width is in its digits."""
    widths = [
        each.width
        for each in sheet.column_dimensions.values()
        if not each.hidden
        for _ in range(each.min, each.max + 1)
    ]
    pixels = sum(7.7 * width for width in widths)
    paper = (297 / 25.4 - 2 * sheet.page_margins.left) * 96
    return min(1.0, paper / pixels) * styles.POINTS


@pytest.mark.parametrize(
    ("name", "heads"),
    [("Tổng quan", "$5:$5"), ("Cần xử lý", "$3:$3"), ("Dòng bị loại", "$3:$3"), ("Giải thích mã", "$4:$4")],
)
@pytest.mark.parametrize("recipient", ["students", "insurance", "vaccination-79"])
def test_prints_on_a4_landscape_to_be_read_with_the_heads_on_every_page(
    written: Run, recipient: str, name: str, heads: str
) -> None:
    book = load(written.reports / "lists" / f"{recipient}.xlsx")
    if name not in book.sheetnames:
        assert (recipient, name) != ("students", "Dòng bị loại")
        return
    sheet = book[name]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
    assert sheet.print_title_rows == heads
    assert printed_points(sheet) >= 8


def test_the_heads_stay_and_sort(book: Path) -> None:
    sheet = load(book)["Cần xử lý"]
    assert sheet.freeze_panes == "C4"
    assert sheet.auto_filter.ref.startswith("A3:")


def test_no_head_is_cut(book: Path) -> None:
    """Each word has its line in the row's height: «Thông tin chưa khớp» is three words wide."""
    sheet = load(book)["Cần xử lý"]
    for cell in sheet[3]:
        lines = len(textwrap.wrap(str(cell.value), int(sheet.column_dimensions[cell.column_letter].width) - 1))
        assert sheet.row_dimensions[3].height >= lines * styles.LINE_HEIGHT, cell.value


def test_the_list_is_no_wider_than_can_be_read() -> None:
    for sector in schema.load_all().values():
        printed = [field.width for field in department_list.fields(sector)[:-1]]
        assert sum(printed) <= styles.READABLE, sector.name


def test_overview_adds_up_to_the_list(book: Path) -> None:
    sheet = rows(book, "Tổng quan")
    starts = [index for index, row in enumerate(sheet) if row[3] == "Tổng cộng"]
    ends = [*starts[1:], len(sheet)]
    for start, end in zip(starts, ends, strict=True):
        block = [row for row in sheet[start + 1 : end] if isinstance(row[3], int)]
        assert sum(int(str(row[3])) for row in block) == 24
        assert all(sum(int(str(cell)) for cell in row[4:]) == row[3] for row in block)
    assert {row[2] for row in sheet[starts[2] + 1 :] if row[3]} == {"THCS Lê Lợi"}


def test_rejected_rows_and_codes_have_their_sheets(book: Path) -> None:
    rejected = rows(book, "Dòng bị loại")[3:]
    assert rejected == [
        ("danh_sach_loi.xlsx", "Trang 1", None, "Thiếu cột bắt buộc «Ngày sinh»."),
        ("hs_q3.csv", None, 14, "Dòng có 9 ô, tiêu đề có 8"),
        ("hs_q3.csv", None, 15, "Dòng có 3 ô, tiêu đề có 8"),
    ], "in Vietnamese only"
    codes = [row[0] for row in rows(book, "Giải thích mã")]
    assert {"verified", "not_found", "ID_FORMAT"} <= set(codes)


def written_lists(run: Run, **most: int) -> dict[str, int]:
    with run_tables.connect(run) as connection:
        worklist.prepare(connection, schema.of_settings(run.settings))
        return write_lists(connection, run, **most)


def test_nothing_of_the_list_is_set_down_outside_of_the_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nonexistent")
    written_lists(run)
    assert {path.suffix for path in (run.reports / "lists").iterdir()} == {".xlsx", ".html", ".csv"}


def test_a_list_that_is_too_long_for_excel_is_a_csv_file_beside(run: Run) -> None:
    assert written_lists(run, rows_a_book=10)["students"] == 24
    folder = run.reports / "lists"
    assert len(rows(folder / "students.xlsx")) - 3 == 10
    beside = pl.read_csv(folder / "students.csv", infer_schema=False)
    assert beside.height == 24
    assert beside["Họ và tên"].to_list()[:10] == column(folder / "students.xlsx", "Họ và tên")
    assert not (folder / "vaccination-79.csv").exists(), "short enough"


def test_the_workbook_says_which_list_it_is_where_nobody_looks(written: Run, book: Path) -> None:
    workbook = load(book)
    hidden = {sheet.title: sheet.sheet_state for sheet in workbook}
    assert hidden.pop("sachsong") == "veryHidden"
    assert set(hidden.values()) == {"visible"}
    told = dict(workbook["sachsong"].iter_rows(values_only=True))
    listed = pl.read_parquet(written.directory / "listed.parquet").filter(list_id=told["list_id"])
    assert listed["record_id"].to_list() == column(book, "Mã hồ sơ")
    assert (told["run_id"], told["recipient"], told["records"]) == (written.run_id, "students", "24")
    assert workbook["Cần xử lý"].column_dimensions["Q"].hidden


def test_a_sector_with_nothing_to_mend_has_an_empty_list(run: Run) -> None:
    change(run, "UPDATE links SET status = 'agreed' WHERE sector = 'insurance'")
    change(run, "DELETE FROM issues WHERE sector = 'insurance'")
    report(run)
    assert len(rows(run.reports / "lists" / "insurance.xlsx")) == 3
