"""A sector that is only a table, the one of docs/new-sector.md: from the department's messy file to what it gets back.

* **An**: the four fields agree, his name is in an old font → `verified`, nothing to mend.
* **Bình**: day and month are swapped → `wrong_information`, on the list of driving licences.
* **Cúc**: nobody like her in the registry → `not_found`.
"""

import json
import re
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from pipelines.audit import verify
from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.registry import load
from pipelines.verify.queue import status
from pipelines.workspace import run_schema, run_tables
from rules import tables
from tests.pipelines.nights import through
from tests.pipelines.terminal import Sachsong

ROOT = Path(__file__).parents[3]
NAME = "driving_licence"
REGISTRY = """person_id,full_name,date_of_birth,sex,province,commune
079087001234,Nguyễn Văn An,1987-09-05,Nam,79,26734
001192000007,Trần Thị Bình,1992-07-04,Nữ,01,00004
"""
AN, BINH, CUC = 5, 6, 7
FILE = """DANH SÁCH GIẤY PHÉP LÁI XE CẤP THÁNG 11,,,,,,,,,,
,,,,,,,,,,
STT,Giấy phép lái xe,,,,,Người lái xe,,,,
,Số,Hạng,Ngày cấp,Có giá trị đến,Nơi cấp,Họ và tên,Ngày sinh,Giới tính,Số CCCD,Mã tỉnh
1,790123456789,B1,15/03/2021,15/03/2031,Phòng CSGT,NguyÔn V¨n An,05/09/1987,Nam,'079087001234,79
2,010123456780,A1,01/07/2022,Không thời hạn,Sở GTVT Hà Nội,Trần Thị Bình,07/04/1992,Nữ,001192000007,01
3,010123456781,C,31/02/2020,01/01/2030,Sở GTVT Hà Nội,Lê Thị Cúc,12/12/1950,Nữ,,Hà Nội
Tổng cộng: 3,,,,,,,,,,
"""


def on_page(file: str) -> str:
    """A file as the page shows it."""
    page = (ROOT / "docs" / "new-sector.md").read_text(encoding="utf-8")
    (text,) = re.findall(rf"```toml\n(# {re.escape(file)}\n.*?)```", page, re.DOTALL)
    return str(text)


def page_table() -> str:
    return on_page(f"sectors/{NAME}.toml")


def prepared(workspace: Path) -> Settings:
    for name, text in {
        f"sectors/{NAME}.toml": page_table(),
        f"inbox/{NAME}/gplx.csv": FILE,
        "registry.csv": REGISTRY,
    }.items():
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text(text, encoding="utf-8")
    settings = Settings(workspace=workspace, night=date(2026, 11, 22), asks=True)
    load.load(settings, workspace / "registry.csv")
    return settings


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return through(prepared(tmp_path_factory.mktemp("workspace")))


def rows(run: Run, sql: str) -> list[tuple[object, ...]]:
    with run_tables.connect(run, read_only=True) as connection:
        return run_tables.query(connection, sql).rows()


def test_explain_shows_what_each_header_is_taken_for(run: Run, sachsong: Sachsong) -> None:
    file = run.settings.inbox_directory / NAME / "gplx.csv"
    arguments = ("load", "--explain", "--sector", NAME, "--workspace", run.settings.workspace, file)
    code, out, _ = sachsong(*arguments, "--json")
    (sheet,) = json.loads(out)
    assert code == 0
    assert {each["header"]: each["column"] for each in sheet["columns"]} == {
        "STT": None,
        "Giấy phép lái xe / Số": "licence_number",
        "Giấy phép lái xe / Hạng": "licence_class",
        "Giấy phép lái xe / Ngày cấp": "issue_date",
        "Giấy phép lái xe / Có giá trị đến": "expiry_date",
        "Giấy phép lái xe / Nơi cấp": "issuing_office",
        "Người lái xe / Họ và tên": "full_name",
        "Người lái xe / Ngày sinh": "date_of_birth",
        "Người lái xe / Giới tính": "sex",
        "Người lái xe / Số CCCD": "id_number",
        "Người lái xe / Mã tỉnh": "province_code",
    }
    assert "Số GPLX" in sachsong(*arguments)[1]
    assert "Licence number" in sachsong("--lang", "en", *arguments)[1]


def test_a_mapping_file_helps_where_a_header_is_not_understood(tmp_path: Path, run: Run, sachsong: Sachsong) -> None:
    file, mapping = tmp_path / "list.csv", tmp_path / "chosen.toml"
    file.write_text(FILE.replace(",Số,", ",Số BL,"), encoding="utf-8")
    mapping.write_text(on_page(f"inbox/{NAME}/mapping.toml"), encoding="utf-8")
    arguments = ("load", "--explain", "--sector", NAME, "--workspace", run.settings.workspace, file, "--json")
    code, out, _ = sachsong(*arguments)
    (refused,) = json.loads(out)
    assert (code, refused["refused"], "Số BL" in refused["message"]) == (2, "missing_column", True)
    code, out, _ = sachsong(*arguments, "--mapping", mapping)
    (sheet,) = json.loads(out)
    (column,) = [each for each in sheet["columns"] if each["column"] == "licence_number"]
    assert (code, column["how"]) == (0, "mapping")


def test_its_cells_are_understood_by_their_kinds(run: Run) -> None:
    columns = "source_row, full_name, licence_number, licence_class, issue_date, expiry_date, name_repairs, tenant"
    assert rows(run, f"SELECT {columns} FROM core_{NAME}") == [
        (AN, "Nguyễn Văn An", "790123456789", "B1", "2021-03-15", "2031-03-15", "tcvn3", f"{NAME}-79"),
        (BINH, "Trần Thị Bình", "010123456780", "A1", "2022-07-01", None, "", f"{NAME}-01"),
        (CUC, "Lê Thị Cúc", "010123456781", "C", None, "2030-01-01", "", f"{NAME}-01"),
    ]
    assert rows(run, "SELECT source_row, code FROM rejected") == [(8, "not_a_record")]


def test_it_is_linked_and_asked_about(run: Run) -> None:
    found = rows(run, f"SELECT source_row, decision, status FROM ({run_schema.OUTCOMES_SQL}) ORDER BY 1")
    assert found == [(AN, "link", "verified"), (BINH, "link", "wrong_information"), (CUC, "none", "not_found")]
    assert rows(run, "SELECT source_row, tenant, state FROM verifications ORDER BY 1") == [
        (AN, f"{NAME}-79", "answered"),
        (BINH, f"{NAME}-01", "answered"),
    ]
    tenants = {row["tenant"]: row["answered"] for row in status.status(run.settings)["tenants"]}
    assert tenants == {f"{NAME}-79": 1, f"{NAME}-01": 1}


def test_it_is_asked_the_rules_that_all_sectors_share_and_no_others(run: Run) -> None:
    asked = {str(row[0]) for row in rows(run, f"SELECT DISTINCT rule_id FROM rule_results WHERE sector = '{NAME}'")}
    shared = {rule.id for rule in tables.load_rules() if rule.sectors == ("*",)}
    assert asked == shared
    assert (CUC, "id_number") in rows(run, "SELECT source_row, \"column\" FROM issues WHERE family = 'complete'")


def test_the_department_gets_its_list(run: Run) -> None:
    book = fastexcel.read_excel(run.reports / "lists" / f"{NAME}-01.xlsx")
    cells = book.load_sheet("Cần xử lý", header_row=None, dtypes="string").to_polars().rows()
    assert cells[2][1:6] == ("Tệp · dòng", "Số GPLX", "Hạng", "Nơi cấp", "Họ và tên")
    assert [row[2:6] for row in cells[3:]] == [
        ("010123456780", "A1", "Sở GTVT Hà Nội", "Trần Thị Bình"),
        ("010123456781", "C", "Sở GTVT Hà Nội", "Lê Thị Cúc"),
    ]
    assert [row[1].endswith(f" · {place}") for row, place in zip(cells[3:], (BINH, CUC), strict=True)] == [True, True]
    assert "001*****0007" in cells[3]
    cleaned = pl.read_parquet(run.cleaned / f"{NAME}.parquet")
    assert cleaned.select("issuing_office", "status").rows()[0] == ("Phòng CSGT", "verified")


def test_the_page_calls_it_by_its_title(run: Run) -> None:
    page = (run.reports / "summary.html").read_text(encoding="utf-8")
    assert page.count("Giấy phép lái xe") > 3
    assert "Driving licences" in page
    assert 'href="lists/index.html"' in page
    assert "Nguyễn Văn An" not in page
    assert "Giấy phép lái xe" in (run.data_docs / "index.html").read_text(encoding="utf-8")


def test_the_terminal_calls_it_by_its_title(run: Run, sachsong: Sachsong) -> None:
    workspace = run.settings.workspace
    _, out, _ = sachsong("queue", "status", "--workspace", workspace)
    assert "Hà Nội · Giấy phép lái xe" in out
    # Another folder, as another worker of the same queue has one: its name is said, and nothing breaks.
    _, out, _ = sachsong("queue", "status", "--workspace", workspace, "--sectors", workspace / "elsewhere")
    assert f"Hà Nội · {NAME}" in out
    code, out, _ = sachsong("explain", "--workspace", workspace, "--file", "gplx.csv", "--row", BINH)
    assert code == 0


def test_its_table_is_kept_with_the_run_and_sealed(run: Run) -> None:
    kept = run.directory / "sectors" / f"{NAME}.toml"
    assert kept.read_text(encoding="utf-8") == page_table()
    assert f"sectors/{NAME}.toml" in json.loads((run.directory / "manifest.json").read_bytes())["sources"]["tables"]
    assert verify.verify(run.directory / "manifest.json") == []
    kept.write_text(page_table().replace("Hạng", "Loại"), encoding="utf-8")
    (fault,) = verify.verify(run.directory / "manifest.json")
    assert (fault.kind, fault.path) == ("changed", f"{run.run_id}/sectors/{NAME}.toml")
    kept.write_text(page_table(), encoding="utf-8")


def test_a_wrong_table_stops_the_night_before_any_work(tmp_path: Path, sachsong: Sachsong) -> None:
    settings = prepared(tmp_path)
    table = settings.sectors_directory / f"{NAME}.toml"
    table.write_text(page_table().replace('"licence_number"\n', '"licence_no"\n', 1), encoding="utf-8")
    (table.parent / "second.toml").write_text("title_vi = ", encoding="utf-8")
    registry_file = tmp_path / "r.csv"
    code, out, err = sachsong("nightly", "--workspace", tmp_path, "--registry", registry_file)
    assert (code, out) == (2, "")
    assert f"{NAME}.toml" in err
    assert "dòng 5: key" in err
    assert "second.toml" in err
    assert not (tmp_path / "runs").exists()
    with pytest.raises(BadInput, match="licence_no"):
        through(settings)


def test_what_a_sector_does_not_hold_is_not_asked_and_not_wrong(tmp_path: Path) -> None:
    """Land: no sex and, of Bình, a wrong date, which stays wrong."""
    (tmp_path / "sectors").mkdir()
    own = """title_vi = "Đất đai"
title_en = "Land"
one_record_per_person = false
key = "parcel"
[[column]]
name = "parcel"
kind = "code"
title_vi = "Số thửa"
title_en = "Parcel"
[[column]]
name = "sex"
kind = "sex"
title_vi = "Giới tính"
title_en = "Sex"
"""
    (tmp_path / "sectors" / "land.toml").write_text(own, encoding="utf-8")
    (tmp_path / "inbox" / "land").mkdir(parents=True)
    file = """Số thửa,Tên chủ sử dụng đất,Ngày sinh,Số CCCD,Mã tỉnh
T1,Nguyễn Văn An,05/09/1987,079087001234,79
T2,Trần Thị Bình,05/07/1992,001192000007,01
"""
    (tmp_path / "inbox" / "land" / "dat.csv").write_text(file, encoding="utf-8")
    (tmp_path / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    settings = Settings(workspace=tmp_path, night=date(2026, 11, 22), asks=True)
    load.load(settings, tmp_path / "registry.csv")
    run = through(settings)
    found = rows(run, f"SELECT source_row, status FROM ({run_schema.OUTCOMES_SQL}) ORDER BY 1")
    assert found == [(2, "verified"), (3, "wrong_information")]
    assert rows(run, "SELECT differs FROM links ORDER BY source_row") == [("",), ("date_of_birth",)]
    assert rows(run, "SELECT source_row, sex_flag FROM verifications ORDER BY 1") == [(2, "U"), (3, "U")]
    assert rows(run, "SELECT 1 FROM issues WHERE \"column\" = 'sex'") == []
