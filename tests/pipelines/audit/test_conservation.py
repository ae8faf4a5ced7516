import pytest

from pipelines.audit.conservation import check_conservation
from pipelines.config import Run
from pipelines.errors import Unbalanced
from tests.pipelines.filled_run import change


def test_every_file_balances(run: Run) -> None:
    account = check_conservation(run)
    assert account.select("source_file", "rows_counted", "links", "rejected", "difference").rows() == [
        ("bhxh_kcn.xlsx", 16, 16, 0, 0),
        ("danh_sach_loi.xlsx", 0, 0, 0, 0),
        ("hs_q1.csv", 22, 22, 0, 0),
        ("hs_q3.csv", 14, 12, 2, 0),
        ("tiem_chung.csv", 11, 11, 0, 0),
    ]


SPOILT = [
    ("DELETE FROM links WHERE source_file = 'tiem_chung.csv' AND source_row = 5", "tiem_chung", "11", "link lost"),
    ("DELETE FROM rejected WHERE source_row = 14", "hs_q3.csv", "14", "a rejected row lost"),
    ("INSERT INTO links FROM links WHERE source_row = 2 AND sector = 'insurance'", "bhxh_kcn", "16", "link twice"),
    ("UPDATE files SET rows_counted = 23 WHERE source_file = 'hs_q1.csv'", "hs_q1.csv", "23", "reader 1 lost a row"),
    ("DELETE FROM files WHERE source_file = 'hs_q1.csv'", "hs_q1.csv", "0", "links of a file that nobody counted"),
    ("UPDATE files SET rows_counted = 7 WHERE refused IS NOT NULL", "danh_sach_loi", "7", "rows of a refused file"),
]


@pytest.mark.parametrize(("sql", "file", "counted", "why"), SPOILT)
def test_a_difference_names_the_file_and_the_numbers(run: Run, sql: str, file: str, counted: str, why: str) -> None:
    change(run, sql)
    with pytest.raises(Unbalanced) as fault:
        check_conservation(run)
    assert file in str(fault.value), why
    assert f"đếm được {counted} dòng" in str(fault.value), why


def test_two_faults_are_told_together(run: Run) -> None:
    change(run, "DELETE FROM links WHERE source_row = 4")
    with pytest.raises(Unbalanced) as fault:
        check_conservation(run)
    assert str(fault.value).count("đếm được") == 4


def test_a_file_with_two_sheets_is_one_account(run: Run) -> None:
    change(
        run,
        "INSERT INTO files BY NAME SELECT * REPLACE ('Sheet2' AS sheet, 3 AS rows_counted) FROM files "
        "WHERE source_file = 'bhxh_kcn.xlsx'",
    )
    with pytest.raises(Unbalanced, match="đếm được 19 dòng dữ liệu, nhưng liên kết 16"):
        check_conservation(run)
