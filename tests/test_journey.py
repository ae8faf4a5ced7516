"""One record of each sector, from the department's file to what each user reads. Start here to see how it all fits.

* **An**, insurance: the four fields agree → `agreed`, the gateway is asked and says so → `verified`, nothing to mend.
* **Bình**, a pupil: right number, but day and month are swapped → `wrong_information`, on her school's list.
* **Cúc**, vaccinated: nobody like her in the registry → `not_found`, never asked, on the list.
* **Dũng**, insurance: four fields agree → `verified`, but he lives in another province now → on the list all the same.
"""

from datetime import date

import fastexcel
import polars as pl
import pytest

from pipelines.audit import verify
from pipelines.config import Run, Settings
from pipelines.night import hops, runs
from pipelines.registry import load
from pipelines.workspace import run_tables

REGISTRY = """person_id,full_name,date_of_birth,sex,province,commune
079087001234,Nguyễn Văn An,1987-09-05,Nam,79,26734
001312000007,Trần Thị Bình,2012-07-04,Nữ,01,00004
001085000009,Phạm Văn Dũng,1985-03-02,Nam,79,26740
"""
FILES = {
    "insurance/a.csv": """Danh sách người tham gia,,,,,
Họ và tên,Ngày sinh,Giới tính,Số CCCD,Mã tỉnh,Mã số BHXH
NGUYỄN VĂN AN,05/09/1987,Nam,'079087001234,79,7912345678
""",
    "insurance/d.csv": """Họ và tên,Ngày sinh,Giới tính,Số CCCD,Mã tỉnh,Mã xã,Mã số BHXH
Phạm Văn Dũng,02/03/1985,Nam,'001085000009,01,00004,7912345679
""",
    "students/b.csv": """ho_ten;ngay_sinh;gioi_tinh;so_dinh_danh;ma_tinh;ma_hoc_sinh
Trần Thị Bình;07/04/2012;Nữ;001312000007;01;0100000001
Tổng cộng: 1;;;;;
""",
    "vaccination/c.csv": """Họ tên|Ngày sinh|Giới tính|CMND/CCCD|Tỉnh|Mã tiêm chủng
Lê Thị Cúc|12/12/1950|Nữ||Hà Nội|0100000000099
""",
}
AN, BINH, CUC, DUNG = "a.csv", "b.csv", "c.csv", "d.csv"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The night, hop by hop, without Prefect: the flow adds order, retries and a schedule, nothing else."""
    workspace = tmp_path_factory.mktemp("workspace")
    for name, text in FILES.items():
        path = workspace / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (workspace / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    settings = Settings(workspace=workspace, night=date(2026, 11, 22), asks=True)
    load.load(settings, workspace / "registry.csv")
    run = runs.open_run(settings)
    for hop in hops.HOPS:
        hops.run_hop(run, hop)
    return run


def rows(run: Run, sql: str) -> list[tuple[object, ...]]:
    with run_tables.connect(run, read_only=True) as connection:
        return run_tables.query(connection, sql).rows()


def _cells(run: Run, sector: str) -> list[list[str]]:
    """The cells of the sector's workbooks, a list a row."""
    books = [fastexcel.read_excel(path) for path in sorted((run.reports / "lists").glob(f"{sector}-*.xlsx"))]
    named = [(book, name) for book in books for name in book.sheet_names]
    sheets = (book.load_sheet(name, header_row=None, dtypes="string").to_polars() for book, name in named)
    return [[str(cell) for cell in row] for sheet in sheets for row in sheet.rows()]


def test_read_keeps_every_cell_as_text_and_names_what_it_leaves_out(run: Run) -> None:
    assert rows(run, "SELECT source_row, full_name, id_number FROM raw_insurance") == [
        (3, "NGUYỄN VĂN AN", "'079087001234"),
        (2, "Phạm Văn Dũng", "'001085000009"),
    ]
    assert rows(run, "SELECT source_file, source_row, code FROM rejected") == [(BINH, 3, "not_a_record")]


def test_standardise_understands_the_cells(run: Run) -> None:
    columns = "full_name, date_of_birth, sex, id_number, id_kind, province_code, tenant"
    assert rows(run, f"SELECT {columns} FROM core_insurance") == [
        ("Nguyễn Văn An", "1987-09-05", "Nam", "079087001234", "cccd", "79", "insurance-79"),
        ("Phạm Văn Dũng", "1985-03-02", "Nam", "001085000009", "cccd", "01", "insurance-01"),
    ]
    assert rows(run, f"SELECT {columns} FROM core_students") == [
        ("Trần Thị Bình", "2012-04-07", "Nữ", "001312000007", "cccd", "01", "students-01")
    ]
    assert rows(run, f"SELECT {columns} FROM core_vaccination") == [
        ("Lê Thị Cúc", "1950-12-12", "Nữ", None, "missing", "01", "vaccination-01")
    ]


def test_check_finds_what_the_record_itself_shows(run: Run) -> None:
    found = rows(run, "SELECT source_file, family, \"column\" FROM issues WHERE family = 'complete' ORDER BY ALL")
    assert (CUC, "complete", "id_number") in found
    assert not [issue for issue in found if issue[0] == AN and issue[2] == "id_number"]


def test_link_says_who_it_is_and_why(run: Run) -> None:
    found = rows(run, "SELECT source_file, decision, status, person_id, differs FROM links ORDER BY source_file")
    assert found == [
        (AN, "link", "agreed", "079087001234", ""),
        (BINH, "link", "wrong_information", "001312000007", "date_of_birth"),
        (CUC, "none", "not_found", None, ""),
        (DUNG, "link", "agreed", "001085000009", ""),
    ]
    reasons = dict(rows(run, "SELECT source_file, reason FROM links"))
    assert all(str(reason).endswith(".") for reason in reasons.values())


def test_verify_asks_about_the_links_only(run: Run) -> None:
    found = rows(run, "SELECT source_file, state, result, status, asked_on FROM verifications ORDER BY source_file")
    assert found[0] == (AN, "answered", "MATCH", "verified", "2026-11-22")
    assert [row[0] for row in found] == [AN, BINH, DUNG]
    # A fuzzy hit is a proposed correction, never "verified".
    assert found[1][3] is None


def test_live_finds_what_only_the_gateway_knows(run: Run) -> None:
    files = {row[0] for row in rows(run, "SELECT DISTINCT source_file FROM issues WHERE family = 'live'")}
    assert BINH in files
    assert AN not in files


def test_who_moved_is_told_to_whoever_has_the_record(run: Run) -> None:
    found = rows(run, "SELECT source_file, \"column\", value, severity FROM issues WHERE issue = 'PERSON_MOVED'")
    assert found == [(DUNG, "province_code", "01", "warning")], "the record's own place, not the registry's"
    (told,) = (row for row in _cells(run, "insurance") if "Phạm Văn Dũng" in row)
    assert any(cell.startswith("Đã xác thực đúng, nhưng ") for cell in told), "why a verified record is on the list"
    assert any("tỉnh/thành phố" in cell for cell in told)
    assert not [row for row in _cells(run, "insurance") if "Nguyễn Văn An" in row]
    assert not [cell for row in _cells(run, "insurance") for cell in row if "Hồ Chí Minh" in cell or "Sài Gòn" in cell]


def test_report_hands_each_user_their_part(run: Run) -> None:
    links = pl.read_parquet(run.directory / "links.parquet")
    assert links.columns == [
        "record_id",
        "sector",
        "source_file",
        "source_row",
        "person_id",
        "decision",
        "status",
        "weight",
        "probability",
        "margin",
        "reason",
    ]
    assert links["status"].to_list() == ["verified", "wrong_information", "not_found", "verified"]
    cleaned = pl.read_parquet(run.cleaned / "insurance.parquet")
    assert cleaned.select("full_name", "status").rows() == [
        ("Nguyễn Văn An", "verified"),
        ("Phạm Văn Dũng", "verified"),
    ]

    summary = (run.reports / "summary.html").read_text(encoding="utf-8")
    assert "079087001234" not in summary
    assert "Nguyễn Văn An" not in summary

    text = "\n".join(cell for row in _cells(run, "students") for cell in row)
    assert "Trần Thị Bình" in text
    assert "001*****0007" in text
    assert "001312000007" not in text
    # What the registry holds stays there.
    assert "04/07/2012" not in text


def test_the_manifest_holds(run: Run) -> None:
    assert verify.verify(run.directory / "manifest.json") == []
    (run.reports / "summary.html").write_text("changed", encoding="utf-8")
    (fault,) = verify.verify(run.directory / "manifest.json")
    assert fault.path.endswith("reports/summary.html")
