"""Two nights over one inbox, a change feed between them: the second night's issues, tenants and newborns by hand."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from pipelines.config import Run, Settings
from pipelines.link import touched
from pipelines.night import runs
from pipelines.registry import load
from pipelines.registry import snapshot as snapshots
from pipelines.workspace import run_schema, run_tables
from tests.pipelines.nights import through

COLUMNS = "person_id,full_name,date_of_birth,sex,old_ids,province,commune,status"
PEOPLE = """
079087001234,Nguyễn Văn An,1987-09-05,Nam,,79,26734,
001190000007,Trần Thị Bình,1990-02-03,Nữ,,01,00004,
001190000009,Lê Thị Chi,1990-07-03,Nữ,,01,00004,
001090000011,Lê Văn Dũng,1990-05-06,Nam,,01,00004,
001190000014,Phạm Thị Hoa,1990-05-06,Nữ,,01,00004,
001190000017,Phạm Thị Hoa,1990-05-06,Nữ,,01,00004,
001190000018,Đỗ Thị Giang,1990-08-09,Nữ,,01,00004,
001190000019,Hồ Thị Kim,1990-10-11,Nữ,,01,00004,
"""
HEADER = "ho_ten,ngay_sinh,gioi_tinh,so_cccd,tinh"
INSURED = """
Nguyễn Văn An,05/09/1987,Nam,079087001234,79
Trần Thị Bình,03/02/1990,Nữ,001190000007,01
Lê Thị Chi,03/07/1990,Nữ,001190000009,01
Lê Văn Dũng,06/05/1990,Nam,001090000011,01
Phạm Thị Hoa,06/05/1990,Nữ,001190000014,01
Phạm Thị Hoa,06/05/1990,Nữ,001190000017,01
Đỗ Thị Giang,09/08/1990,Nữ,001190000018,01
Hồ Thị Kim,11/10/1990,Nữ,001190000019,01
Ngô Thị Bé Hai,02/11/2026,Nữ,079326000022,79
"""
DOSES = "Nguyễn Văn An,05/09/1987,Nam,079087001234,79,Vắc xin,1,01/10/2026\n"
FEED = """
079087001234,Nguyễn Văn An,1987-09-05,Nam,,79,26734,,update,death,1
001190000007,Trần Thị Bình,1990-02-03,Nữ,,48,20194,,update,,1
001190000010,Lê Thị Chi,1990-07-03,Nữ,001190000009,01,00004,,insert,,1
001190000009,,,,,,,,delete,,1
001090000011,Lê Văn Dụng,1990-05-06,Nam,,01,00004,,update,,1
001190000014,Phạm Thị Hoa,1990-05-06,Nữ,001190000017,01,00004,,update,,1
001190000017,,,,,,,,delete,,1
001190000018,Đỗ Thị Giang,1990-08-09,Nữ,,01,00004,,update,cancelled,1
079326000012,Nguyễn Thị Bé Một,2026-11-01,Nữ,,79,26734,,insert,,1
079326000022,Ngô Thị Bé Hai,2026-11-02,Nữ,,79,26734,,insert,,1
"""


class Nights(NamedTuple):
    """The night before the feed, and the one after it."""

    settings: Settings
    first: Run
    second: Run


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    folder = tmp_path_factory.mktemp("nights")
    for sector, text in (
        ("insurance", f"{HEADER}{INSURED}"),
        ("vaccination", f"{HEADER},vaccine_name,dose_number,dose_date\n{DOSES}"),
    ):
        (folder / "inbox" / sector).mkdir(parents=True)
        (folder / "inbox" / sector / "a.csv").write_text(text, encoding="utf-8")
    settings = Settings(workspace=folder, night=date(2026, 11, 22), asks=True)
    (folder / "whole.csv").write_text(f"{COLUMNS}{PEOPLE}", encoding="utf-8")
    load.load(settings, folder / "whole.csv")
    runs.close(first := through(settings))
    (folder / "feed.csv").write_text(f"{COLUMNS},change,event,feed_number{FEED}", encoding="utf-8")
    load.load(settings, folder / "feed.csv")
    next_night = settings.model_copy(update={"night": date(2026, 11, 23)})
    runs.close(second := through(next_night))
    return Nights(next_night, first, second)


def asked(run: Run, sql: str) -> list[tuple[object, ...]]:
    with run_tables.connect(run, read_only=True) as connection:
        return run_tables.query(connection, sql).rows()


ISSUES = "SELECT sector, source_row, issue FROM issues WHERE family IN ('live', 'clean') ORDER BY ALL"


@pytest.mark.long
def test_the_right_issue_the_same_night_without_a_new_file(nights: Nights) -> None:
    assert [row for row in asked(nights.first, ISSUES) if row[1] != 10] == []
    found = asked(nights.second, ISSUES)
    assert [row for row in found if row[1] != 10] == [
        ("insurance", 2, "PERSON_DECEASED"),
        ("insurance", 3, "PERSON_MOVED"),
        ("insurance", 4, "ID_CANCELLED"),
        ("insurance", 5, "GATEWAY_PARTIAL"),
        ("insurance", 7, "PERSON_TWICE"),
        ("insurance", 8, "ID_CANCELLED"),
        ("vaccination", 2, "PERSON_DECEASED"),
    ]


@pytest.mark.long
def test_each_touched_record_says_by_which_change(nights: Nights) -> None:
    assert asked(nights.first, "SELECT * FROM touched") == []
    found = asked(
        nights.second,
        "SELECT sector, source_row, event FROM touched JOIN links USING (record_id, sector) ORDER BY ALL",
    )
    assert found == [
        ("insurance", 2, "death"),
        ("insurance", 3, "move"),
        ("insurance", 4, "new_number"),
        ("insurance", 5, "correction"),
        ("insurance", 6, "merge"),
        ("insurance", 7, "merge"),
        ("insurance", 8, "cancelled"),
        ("insurance", 10, "birth"),
        ("vaccination", 2, "death"),
    ]


@pytest.mark.long
def test_a_new_number_proposes_its_correction(nights: Nights) -> None:
    assert asked(
        nights.second, "SELECT person_id, differs FROM links WHERE sector = 'insurance' AND source_row = 4"
    ) == [("001190000010", "id_number")]


@pytest.mark.long
def test_a_move_changes_the_tenant_and_only_of_who_moved(nights: Nights) -> None:
    tenants = "SELECT source_row, tenant FROM core_insurance ORDER BY ALL"
    before, after = asked(nights.first, tenants), asked(nights.second, tenants)
    assert dict(before)[3] == "insurance-01"
    assert [row for row in after if row not in before] == [(3, "insurance-48")]


@pytest.mark.long
def test_newborns_missing_in_insurance_are_counted_by_commune(nights: Nights) -> None:
    assert asked(nights.first, "SELECT * FROM newborns") == []
    [(province, commune, born, missing)] = asked(nights.second, "SELECT * FROM newborns")
    assert (province, born, missing) == ("79", 2, 1)
    with run_tables.connect(nights.second) as connection:
        snapshot = snapshots.current(nights.settings).path
        children = touched.newborns(connection, snapshot, nights.settings.night)
        sixth = touched.newborns(connection, snapshot, date(2032, 11, 1))
    assert children.select("person_id", "commune_code", "insured").rows() == [
        ("079326000012", commune, False),
        ("079326000022", commune, True),
    ]
    assert sixth["person_id"].to_list() == ["079326000022"], "on the sixth birthday a child is six"


def test_the_tenant_goes_back_when_no_change_tells_of_a_move(tmp_path: Path) -> None:
    core = pl.DataFrame({"record_id": ["r"], "sector": ["students"], "id_number": [None], "province_code": ["01"]})
    with run_tables.open_database(tmp_path / "one.duckdb") as connection:
        run_tables.replace_table(
            connection,
            "core_students",
            core.with_columns(pl.col("id_number").cast(pl.String), tenant=pl.lit("students-48")),
        )
        links = pl.DataFrame(
            {"record_id": ["r"], "sector": ["students"], "person_id": ["001190000007"], "decision": ["link"]}
        )
        run_tables.replace_table(connection, run_schema.LINKS, links)
        touched.keep(connection, ["students"], tmp_path / "whole.parquet", date(2026, 11, 22))
        assert run_tables.query(connection, "SELECT tenant FROM core_students").item() == "students-01"
