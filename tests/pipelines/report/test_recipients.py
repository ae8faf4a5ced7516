"""Who gets which record: the row of the table that says most about it, else the sector's office in its province."""

from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.report import recipients, worklist
from pipelines.sectors import schema
from pipelines.workspace import run_tables
from tests.pipelines.filled_run import change

HEAD = ",".join(recipients.COLUMNS)
TABLE = f"""{HEAD}
bhxh-hn,BHXH Hà Nội,insurance,Hà Nội,,,,
kcn,Ban quản lý KCN,insurance,01,,KCN Thăng Long,,có
kcn,Ban quản lý KCN,insurance,79,,,,có
sao-mai,Công ty Sao Mai,insurance,,,,cong ty tnhh sao mai,
"""


def read(folder: Path, table: str) -> recipients.Recipients:
    (folder / recipients.FILE).write_text(table, encoding="utf-8-sig")
    return recipients.read(Settings(workspace=folder), schema.load_all())


def given(run: Run, table: str) -> dict[str, str]:
    """Recipient of each insurance record that needs work."""
    known = read(run.settings.workspace, table)
    with run_tables.connect(run) as connection:
        worklist.prepare(connection, schema.of_settings(run.settings))
        recipients.assign(connection, known)
        rows = run_tables.query(connection, "SELECT * FROM recipient_of WHERE sector = 'insurance'")
    return {str(row["record_id"]).rpartition("-")[2]: row["recipient"] for row in rows.to_dicts()}


def test_without_a_table_each_province_has_its_list(run: Run) -> None:
    assert set(given(run, f"{HEAD}\nx,X,students,,,,,\n").values()) <= {
        "insurance-00", "insurance-01", "insurance-48", "insurance-79",
    }  # fmt: skip


def test_the_row_that_says_most_gets_the_record(run: Run) -> None:
    change(run, "UPDATE core_insurance SET unit = NULL WHERE source_row < 16")
    change(run, "UPDATE core_insurance SET zone = 'KCN THĂNG LONG' WHERE source_row < 6")
    change(run, "UPDATE links SET status = 'wrong_id', decision = 'link'; DELETE FROM verifications")
    got = given(run, TABLE)
    with run_tables.connect(run) as connection:
        sql = "SELECT source_row, province_code, zone, unit FROM core_insurance"
        rows = run_tables.query(connection, sql).to_dicts()
    for row in (row for row in rows if str(row["source_row"]) in got):
        place = row["province_code"] or "00"
        wanted = {"01": "kcn" if row["zone"] else "bhxh-hn", "79": "kcn"}.get(place, f"insurance-{place}")
        assert got[str(row["source_row"])] == ("sao-mai" if row["unit"] else wanted), row
    assert set(got.values()) == {"kcn", "bhxh-hn", "sao-mai", "insurance-48", "insurance-00"}


def test_names_of_recipients(tmp_path: Path) -> None:
    known, insurance = read(tmp_path, TABLE), schema.load("insurance")
    assert known.find("kcn", insurance) == recipients.Recipient("kcn", "Ban quản lý KCN", "insurance", True)
    assert known.find("insurance-48", insurance).title == "Bảo hiểm xã hội · Đà Nẵng"
    assert known.find("insurance-00", insurance).title == "Bảo hiểm xã hội · chưa rõ tỉnh"
    assert known.of_whole("insurance") == "insurance-00"
    assert read(tmp_path, f"{HEAD}\nall,Cả nước,insurance,,,,,\n").of_whole("insurance") == "all"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Hà Nội,A,insurance,,,,,", "small letters"),
        ("a,A,insurence,,,,,", "no such sector"),
        ("a,,insurance,,,,,", "title"),
        ("a,A,insurance,Sài Gòn Mới,,,,", "no such province"),
        ("a,A,insurance,,99999,,,", "no such commune"),
        ("a,A,insurance,,,,,perhaps", "yes or no"),
        ("a,A,insurance,,,,,\na,B,insurance,01,,,,", "3: a: "),
    ],
)
def test_every_fault_of_the_table_is_named(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(BadInput, match=r"recipients\.csv") as refused:
        read(tmp_path, f"{HEAD}\n{row}\n")
    assert told in str(refused.value)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="exactly the columns"):
        read(tmp_path, "recipient,title\na,A\n")
    with pytest.raises(BadInput, match="exactly the columns"):
        read(tmp_path, "")
