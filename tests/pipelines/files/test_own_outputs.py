"""Outputs of ours are known when they come back, whatever saved them; a department's list never is."""

import shutil
import subprocess
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.errors import UnreadableFile
from pipelines.files import own_outputs
from pipelines.files.containers import identify

OURS = [
    ["Tệp", "Dòng", "Mã học sinh", "Họ và tên", "Tình trạng", "Việc cần làm", "Kết quả xử lý", "Ghi chú"],
    ["TỆP", "DÒNG", "Tình trạng", "Việc cần làm"],
    ["Tệp", "Trang tính", "Dòng", "Lý do và cách sửa"],
    ["record_id", "sector", "source_file", "source_row", "full_name", "id_number", "decision", "status", "person_id"],
    ["source_file", "sheet", "source_row", "code", "message"],
    ["sector", "source_file", "sheet", "arrived_as", "arrived_sha256"],
    ["Hồ sơ cần xử lý · Học sinh · đêm 28/11/2026", None],
]
THEIRS = [
    ["STT", "Họ và tên", "Ngày sinh", "Số CCCD", "Tình trạng", "Ghi chú", "Kết quả xử lý"],
    ["Mã HS", "Họ và tên", "Việc cần làm"],
    ["ma_hoc_sinh", "ho_ten", "status"],
    ["Tệp", "Dòng"],
]


@pytest.mark.parametrize("row", OURS)
def test_a_header_of_ours_is_refused_with_what_to_send_instead(row: list[str | None]) -> None:
    with pytest.raises(UnreadableFile, match="gửi bản xuất mới") as refused:
        own_outputs.refuse([["", None], row])
    assert refused.value.code == "own_output"


@pytest.mark.parametrize("row", THEIRS)
def test_a_department_s_header_is_read(row: list[str]) -> None:
    own_outputs.refuse([row])


def marked(path: Path) -> Path:
    """A workbook of ours of which somebody took every word away."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_custom_property(own_outputs.property_name(), "2026-11-28-1")
        book.add_worksheet().write_row(0, 0, ["Mã học sinh", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD"])
    return path


def test_the_mark_is_enough_without_any_word_of_ours(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="Sạch Sống"):
        identify.identify(marked(tmp_path / "ds.xlsx"))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
@pytest.mark.parametrize("ending", ["ods", "xlsx"])
def test_the_mark_outlives_libreoffice(tmp_path: Path, ending: str) -> None:
    source = marked(tmp_path / "ds.xlsx")
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = ["soffice", home, "--headless", "--convert-to", ending, "--outdir", str(tmp_path / "out"), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with pytest.raises(UnreadableFile, match="Sạch Sống"):
        identify.identify(tmp_path / "out" / f"ds.{ending}")
