"""The whole circle: night, list, answers, next night, corrected file, loaded again, verified."""

import shutil
from datetime import timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.registry import load
from pipelines.review import list_answers, people
from pipelines.review.corrections import approve, write
from pipelines.workspace import audit_log, state
from tests.pipelines.nights import through
from tests.pipelines.review.web.visitor import PASSWORD, Visitor, served

REGISTRY = """person_id,full_name,date_of_birth,sex,province,commune
079087001234,Nguyễn Văn An,1987-09-05,Nam,79,26734
079185012345,Trần Thị Bình,1985-04-07,Nữ,79,26734
"""
LIST = (
    "BHXH TP. HỒ CHÍ MINH;;;;;;\r\n"
    "Mã số BHXH;Họ và tên;Ngày sinh;Giới tính;Số CCCD;Mã tỉnh;Đơn vị\r\n"
    "7911111111;NGUYỄN VĂN AN;5/9/1987;Nữ;079087001234;79;Công ty Sao Mai\r\n"
    "7922222222;TRẦN THỊ BÌNH;7/4/1985;Nữ;;79;Công ty Sao Mai\r\n"
    "7933333333;LÊ HOÀNG KHÔI;1/2/1990;Nam;079090000077;79;Công ty Hoa Sen\r\n"
)
CORRECTED = LIST.replace(";Nữ;079087001234", ";Nam;079087001234").replace(";Nữ;;79", ";Nữ;079185012345;79")


@pytest.fixture
def night(settings: Settings) -> Settings:
    (settings.workspace / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    load.load(settings, settings.workspace / "registry.csv", replace=True)
    path = settings.workspace / "inbox" / "insurance" / "a.csv"
    path.write_bytes(LIST.encode("utf-8"))
    return settings.model_copy(update={"asks": True})


def statuses(run: Run) -> list[str]:
    return pl.read_parquet(run.directory / "links.parquet").sort("source_row")["status"].to_list()


def cover(run: Run) -> dict[str, object]:
    """Label → the cell beside it, of the list's first sheet."""
    book = openpyxl.load_workbook(run.reports / "lists" / "insurance-79.xlsx")
    return {str(row[0]): row[1] for row in book["Hướng dẫn"].iter_rows(values_only=True)}


def answered(run: Run, target: Path) -> None:
    """The list as a department sends it back: the first two mended."""
    book = openpyxl.load_workbook(run.reports / "lists" / "insurance-79.xlsx")
    sheet, heads = book["Cần xử lý"], [cell.value for cell in book["Cần xử lý"][3]]
    book["Hướng dẫn"]["B4"] = "Nguyễn Thị Mai"
    for row in sheet.iter_rows(min_row=4):
        is_known = str(row[heads.index("Họ và tên")].value) != "Lê Hoàng Khôi"
        row[heads.index("Kết quả xử lý")].value = "Đã sửa" if is_known else "Không sửa được"
    book.save(target)


def test_what_a_department_mends_is_verified(night: Settings) -> None:
    inbox = night.workspace / "inbox" / "insurance"
    first = through(night)
    assert statuses(first) == ["wrong_information", "missing_id", "not_found"]

    # The list comes back, but the file is still the old one.
    answered(first, inbox / "tra_loi.xlsx")
    second_night = night.model_copy(update={"night": night.night + timedelta(days=1)})
    (taken,) = list_answers.take_inbox(second_night)
    assert (taken.noted, taken.refused) == (3, 0)
    second = through(second_night)
    assert cover(second)["Đã trả lời nhưng hồ sơ vẫn như cũ"] == 3
    files = pl.read_parquet(second.directory / "files.parquet")
    assert files.filter(source_file="tra_loi.xlsx")["refused"].to_list() == ["answers"]

    # Nobody has approved the corrections; then somebody has.
    with pytest.raises(BadInput, match=r"insurance/a\.csv"):
        write.write(second_night)
    with pytest.raises(BadInput, match="--by"):
        approve.approve(second_night, "", "")
    (approved,) = approve.approve(second_night, "Trần Văn Duyệt", "Quyết định 12")
    assert (approved.cells, approved.records) == (2, 2)
    (written,) = write.write(second_night)
    assert written.copy is not None
    assert written.copy.read_bytes().decode("utf-8") == CORRECTED, "as it came, but for two cells"
    changes = pl.read_csv(written.changes, infer_schema=False).select("source_row", "column", "before", "after")
    assert changes.rows() == [("3", "sex", "Nữ", "Nam"), ("4", "id_number", None, "079185012345")]
    with state.opened(night) as engine, state.reading(engine) as connection:
        assert [each.by for each in audit_log.entries(connection, "corrections")] == ["Trần Văn Duyệt"]

    # Loaded again: the two are verified, and the list says so.
    shutil.copy(written.copy, inbox / "a_v2.csv")
    third_night = night.model_copy(update={"night": night.night + timedelta(days=2)})
    assert [each.again for each in list_answers.take_inbox(third_night)] == [3]
    third = through(third_night)
    assert statuses(third) == ["verified", "verified", "not_found"]
    told = cover(third)
    assert told["Đã sửa, hoặc không còn trong tệp"] == 2
    assert told["Đã trả lời nhưng hồ sơ vẫn như cũ"] == 1
    assert told["Cần xử lý"] == 1


def test_what_a_page_and_a_list_answer_is_kept_mended_and_verified(night: Settings) -> None:
    """Night, page and list, next night, corrected file, loaded again: verified."""
    inbox = night.workspace / "inbox" / "insurance"
    first = through(night)
    links = pl.read_parquet(first.directory / "links.parquet").sort("source_row")
    unnumbered, unknown = links["record_id"].to_list()[1:]

    # A reviewer says on the page who the record without a number is; the department says by list what it mended.
    with state.opened(night) as engine:
        with state.transaction(engine) as connection:
            made = people.add(connection, "chi", people.Role.second, ["insurance-79"], "test")
            people.change_password(connection, people.find(connection, "chi"), made, PASSWORD)
        with served(first, engine) as origin:
            chi = Visitor(origin, engine, "chi")
            assert chi.post(f"/record/{unnumbered}", {"said": "same", "place": "1"}).status_code == 303
            assert chi.post(f"/record/{unknown}", {"said": "nobody", "note": "đã hỏi công ty"}).status_code == 303
    answered(first, inbox / "tra_loi.xlsx")
    second_night = night.model_copy(update={"night": night.night + timedelta(days=1)})
    (taken,) = list_answers.take_inbox(second_night)
    assert (taken.noted, taken.refused) == (3, 0), "what was mended decides nothing: the file does"
    second = through(second_night)
    told = pl.read_parquet(second.directory / "links.parquet").sort("source_row")
    assert told["decision"].to_list() == ["link", "link", "none"], "as was answered on the page"
    assert told["person_id"].to_list()[1] == "079185012345"

    # The corrected file comes: what both said is mended.
    approve.approve(second_night, "Trần Văn Duyệt", "Quyết định 12", role="officer")
    (written,) = write.write(second_night)
    assert written.copy is not None
    shutil.copy(written.copy, inbox / "a_v2.csv")
    third_night = night.model_copy(update={"night": night.night + timedelta(days=2)})
    third = through(third_night)
    assert statuses(third) == ["verified", "verified", "not_found"]
    assert cover(third)["Đã sửa, hoặc không còn trong tệp"] == 2
    with state.opened(night) as engine, state.reading(engine) as connection:
        assert [each.by for each in audit_log.entries(connection, "decision")] == ["chi", "chi"]


def test_other_corrections_than_those_that_were_approved_are_not_written(night: Settings) -> None:
    through(night)
    approve.approve(night, "Trần Văn Duyệt", "Quyết định 12")
    (night.workspace / "inbox" / "insurance" / "a.csv").write_bytes(LIST.replace("5/9/1987", "6/9/1987").encode())
    with pytest.raises(BadInput, match="đã thay đổi từ đêm đó"):
        write.write(night)
    through(night)
    with pytest.raises(BadInput, match="Chưa ai duyệt"):
        write.write(night)
