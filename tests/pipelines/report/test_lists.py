"""One workbook a recipient, the index of them all, and last night's figures beside tonight's."""

from datetime import timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines.config import Run
from pipelines.report.hop import report
from pipelines.workspace import issued_lists
from tests.pipelines.filled_run import NIGHT, change, make_run


def cover(path: Path) -> dict[str, tuple[object, ...]]:
    """Label → the cells beside it, of the first sheet."""
    rows = openpyxl.load_workbook(path)["Hướng dẫn"].iter_rows(values_only=True)
    return {str(row[0]): row[1:] for row in rows if row[0]}


def test_the_index_adds_up_to_what_is_listed(written: Run) -> None:
    index = pl.read_csv(written.reports / "lists" / "index.csv")
    listed = pl.read_parquet(written.directory / "listed.parquet")
    assert dict(index.group_by("sector").agg(pl.sum("records")).iter_rows()) == dict(
        listed.group_by("sector").len().iter_rows()
    )
    assert set(index["list_id"]) >= set(listed["list_id"])
    assert {f"{name}.xlsx" for name in index["recipient"]} == {
        path.name for path in (written.reports / "lists").glob("*.xlsx")
    }
    page = (written.reports / "lists" / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{file}"' in page for file in index["file"])
    assert "Tiêm chủng · Đà Nẵng" in page


def test_the_cover_has_last_nights_figures_beside_tonights(tmp_path: Path) -> None:
    report(make_run(tmp_path))
    later = make_run(tmp_path, night=NIGHT + timedelta(days=1))
    change(later, "UPDATE links SET status = 'verified' WHERE sector = 'students' AND status = 'not_found'")
    change(later, "DELETE FROM issues WHERE sector = 'students'")
    change(later, "DELETE FROM verifications WHERE sector = 'students'")
    report(later)
    before, after = tmp_path / "runs", later.reports / "lists" / "students.xlsx"
    first = cover(before / f"{NIGHT}-1" / "reports" / "lists" / "students.xlsx")["Cần xử lý"]
    assert first == (24, "–")
    tonight, last = cover(after)["Cần xử lý"]
    assert last == 24
    assert isinstance(tonight, int)
    assert tonight < 24


def test_industrial_zones_are_counted_by_employer(run: Run) -> None:
    change(run, "UPDATE core_insurance SET zone = 'KCN Thăng Long', province_code = '01'")
    change(run, "UPDATE core_insurance SET unit = 'Công ty Hoa Sen' WHERE source_row > 10")
    change(run, "UPDATE links SET decision = 'none', status = 'not_found' WHERE sector = 'insurance'")
    report(run)
    zones = pl.read_csv(run.reports / "lists" / "zones.csv").select("province", "zone", "unit", "records", "unmatched")
    assert zones.rows() == [
        ("Hà Nội", "KCN Thăng Long", "Công ty TNHH Sao Mai", 9, 9),
        ("Hà Nội", "KCN Thăng Long", "Công ty Hoa Sen", 7, 7),
    ]
    page = (run.reports / "lists" / "index.html").read_text(encoding="utf-8")
    assert "Khu công nghiệp: 16 hồ sơ chưa tìm thấy người" in page
    assert "Công ty Hoa Sen" in page


def test_a_run_reported_again_keeps_its_lists_once(run: Run) -> None:
    report(run)
    (before,) = [issued_lists.before(run.settings, "2026-11-23")]
    report(run)
    assert issued_lists.before(run.settings, "2026-11-23") == before
    assert issued_lists.before(run.settings, NIGHT.isoformat()) == {}
    assert issued_lists.of_list(run.settings, before["students"].list_id) == before["students"]
    assert issued_lists.of_list(run.settings, "0" * 16) is None


def test_only_who_may_sees_what_the_registry_holds(run: Run, tmp_path: Path) -> None:
    registry = tmp_path / "registry.csv"
    person = "079087000123,Phạm Thị Đúng,1999-01-02,Nữ"
    registry.write_text(f"person_id,full_name,date_of_birth,sex\n{person}\n", encoding="utf-8")
    load_registry(run, registry)
    change(
        run,
        "UPDATE links SET decision = 'link', status = 'wrong_information', differs = 'full_name,sex', "
        "person_id = '079087000123' WHERE sector = 'students' AND source_row = 2",
    )
    table = run.settings.workspace / "recipients.csv"
    for may, told in (
        ("", "Theo giấy tờ gốc: Họ và tên, Giới tính"),
        ("có", "Họ và tên: Phạm Thị Đúng\nGiới tính: Nữ"),
    ):
        table.write_text(table.read_text(encoding="utf-8").replace("students,,,,,\n", f"students,,,,,{may}\n"), "utf-8")
        report(run)
        sheet = openpyxl.load_workbook(run.reports / "lists" / "students.xlsx")["Cần xử lý"]
        header, *rows = list(sheet.iter_rows(min_row=3, values_only=True))
        assert told in [row[header.index("Đề xuất sửa")] for row in rows]
        assert ("Phạm Thị Đúng" in str(rows)) == bool(may)
        (validation,) = sheet.data_validations.dataValidation
        assert ("Đúng người này" in validation.formula1) == bool(may), "only who saw the person can say so"


def load_registry(run: Run, path: Path) -> None:
    from pipelines.registry import load

    load.load(run.settings, path)


@pytest.mark.parametrize("sheet", ["Hướng dẫn", "Tổng quan", "Cần xử lý", "Giải thích mã"])
def test_nothing_but_the_answers_can_be_written(written: Run, sheet: str) -> None:
    found = openpyxl.load_workbook(written.reports / "lists" / "students.xlsx")[sheet]
    open_cells = {cell.coordinate for row in found.iter_rows() for cell in row if not cell.protection.locked}
    assert found.protection.sheet
    assert {"".join(filter(str.isalpha, name)) for name in open_cells} == {
        "Hướng dẫn": {"B", "C"},
        "Cần xử lý": {"O", "P"},
    }.get(sheet, set())


def test_a_duplicate_is_told_which_record_to_keep_and_why(written: Run) -> None:
    told = []
    for path in sorted((written.reports / "lists").glob("*.xlsx")):
        for sheet in openpyxl.load_workbook(path).worksheets:
            told += [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if "Nên giữ" in str(cell)]
    assert len(told) == 2
    assert all("• Nên giữ hồ sơ ở " in text and ", vì đầy đủ hơn." in text for text in told)
