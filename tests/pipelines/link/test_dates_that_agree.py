"""A date that says the registry's day in another way is no difference: from the file to the gateway's answer."""

from datetime import date

import polars as pl
import pytest

from pipelines.config import Run, Settings
from pipelines.registry import load
from pipelines.workspace import run_tables
from tests.pipelines.nights import through

REGISTRY = """person_id,full_name,date_of_birth,sex
079210000011,Nguyễn Văn An,12/05/2010,Nam
079310000012,Trần Thị Bình,1965-09-25,Nữ
079150000013,Lê Văn Cường,1950,Nam
079150000014,Phạm Thị Dung,06/1950,Nữ
079150000015,Hồ Văn Giang,1950,Nam
079150000016,Đỗ Thị Hoa,03/04/1950,Nữ
"""
LIST = """Họ và tên,Ngày sinh,Giới tính,Số CCCD,Mã số BHXH
Nguyễn Văn An,2010-05-11T17:00:00Z,Nam,079210000011,7910000011
Trần Thị Bình,1965-09-25 00:00:00+08:00,Nữ,079310000012,7910000012
Lê Văn Cường,01/01/1950,Nam,079150000013,7910000013
Phạm Thị Dung,01/06/1950,Nữ,079150000014,7910000014
Hồ Văn Giang,02/01/1950,Nam,079150000015,7910000015
Đỗ Thị Hoa,1950,Nữ,079150000016,7910000016
"""
FOUND = [
    ("Nguyễn Văn An", "agreed", "", "M", "verified"),
    ("Trần Thị Bình", "agreed", "", "M", "verified"),
    ("Lê Văn Cường", "agreed", "", "M", "verified"),
    ("Phạm Thị Dung", "agreed", "", "M", "verified"),
    # The registry does not say which day of 1950: the second of January is the record's own.
    ("Hồ Văn Giang", "wrong_information", "date_of_birth", "P", "wrong_information"),
    # The registry has the day, the record only its year.
    ("Đỗ Thị Hoa", "wrong_information", "date_of_birth", "P", "wrong_information"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    workspace = tmp_path_factory.mktemp("workspace")
    (workspace / "inbox" / "insurance").mkdir(parents=True)
    (workspace / "inbox" / "insurance" / "a.csv").write_text(LIST, encoding="utf-8")
    (workspace / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    settings = Settings(workspace=workspace, night=date(2026, 11, 22), asks=True)
    load.load(settings, workspace / "registry.csv")
    return through(settings)


def _rows(run: Run, sql: str) -> pl.DataFrame:
    with run_tables.connect(run, read_only=True) as connection:
        return run_tables.query(connection, sql)


def test_what_says_the_same_day_is_verified_and_what_does_not_is_told(run: Run) -> None:
    found = _rows(
        run,
        """SELECT full_name, links.status, differs, birth_flag, coalesce(answer.status, links.status)
           FROM core_insurance JOIN links USING (record_id) JOIN verifications AS answer USING (record_id)
           ORDER BY links.source_row""",
    )
    assert found.rows() == FOUND


def test_the_form_of_the_date_is_told_all_the_same(run: Run) -> None:
    told = _rows(run, "SELECT record_id FROM issues WHERE issue = 'DOB_REPAIRED'")
    names = _rows(run, "SELECT record_id, full_name FROM core_insurance").join(told, on="record_id")
    assert set(names["full_name"]) == {"Nguyễn Văn An", "Lê Văn Cường"}


def test_the_original_cell_is_kept(run: Run) -> None:
    raw = _rows(run, "SELECT date_of_birth, date_of_birth_raw FROM core_insurance ORDER BY source_row")
    assert raw.row(0) == ("2010-05-12", "2010-05-11T17:00:00Z")
    assert raw.row(2) == ("1950-01-01", "01/01/1950")
