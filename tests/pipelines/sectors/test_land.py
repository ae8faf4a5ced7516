"""A sector that holds less than the registry: forty land-use certificates, written as docs/new-sector.md says."""

from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.config import Run, Settings
from pipelines.link.explain import explain_links
from pipelines.registry import load, snapshot
from pipelines.workspace import run_schema, run_tables
from tests.pipelines.nights import through

LAND = """
title_vi = "Đất đai"
title_en = "Land"
one_record_per_person = false
of_holders = true
key = "certificate"

[[column]]
name = "certificate"
kind = "code"
title_vi = "Số giấy chứng nhận"
title_en = "Certificate"
aliases = ["Số GCN"]
required = true
example = "CH00001"

[[column]]
name = "sex"
kind = "sex"
title_vi = "Giới tính"
title_en = "Sex"
"""
WITHOUT_BIRTH = """
[[column]]
name = "date_of_birth"
kind = "date"
title_vi = "Ngày sinh"
title_en = "Date of birth"
"""
NIGHT = date(2026, 11, 22)
PEOPLE = 40
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm")
GIVEN = ("An", "Bình", "Cúc", "Dũng", "Giang", "Hạnh", "Khánh", "Lan", "Minh", "Oanh")


@dataclass(frozen=True)
class Person:
    number: str
    name: str
    born: str
    sex: str


def people() -> list[Person]:
    """Forty people of Hồ Chí Minh City born in September 1987, men and women in turn."""
    rows = []
    for n in range(PEOPLE):
        is_man = n % 2 == 0
        name = f"{SURNAMES[n // 10]} {'Văn' if is_man else 'Thị'} {GIVEN[n % 10]}"
        rows.append(
            Person(f"079{0 if is_man else 1}87{n:06}", name, f"1987-09-{n % 28 + 1:02}", "Nam" if is_man else "Nữ")
        )
    return rows


HOLDERS = {
    0: "Ông {}", 1: "Bà {}", 2: "Hộ ông {}", 3: "HỘ BÀ {}", 4: "Hộ gia đình ông {}",
    # With others: nobody of them is the record's person.
    5: "Hộ ông Nguyễn Văn An và bà {}", 6: "{}, Trần Thị Bình", 7: "Ông Lê Văn Cúc và vợ là bà {}",
    8: "{}; Phạm Thị Lan",
}  # fmt: skip
SEVERAL = (5, 6, 7, 8)
OTHER_NAME, NO_SUCH_NUMBER = 38, 39
"""Of these two the certificate says something else than the registry."""
AGREEING = PEOPLE - len(SEVERAL) - 2


def night(place: Path, *, has_birth: bool) -> Run:
    """The night over the forty certificates; neither variant has a column of sexes."""
    registry = ["person_id,full_name,date_of_birth,sex"]
    rows = ["Số GCN,Chủ hộ,Số CCCD,Mã tỉnh" + (",Ngày sinh" if has_birth else "")]
    for n, person in enumerate(people()):
        registry.append(",".join((person.number, person.name, person.born, person.sex)))
        name = "Đặng Hoàng Phúc" if n == OTHER_NAME else person.name
        number = "079087999999" if n == NO_SUCH_NUMBER else person.number
        cells = [f"CH{n:05}", f'"{HOLDERS.get(n, "{}").format(name)}"', number, "79"]
        rows.append(",".join([*cells, *([person.born] if has_birth else [])]))
    for folder, name, text in (
        ("sectors", "land.toml", LAND if has_birth else LAND + WITHOUT_BIRTH),
        ("inbox/land", "dat.csv", "\n".join(rows)),
        (".", "registry.csv", "\n".join(registry)),
    ):
        (place / folder).mkdir(parents=True, exist_ok=True)
        (place / folder / name).write_text(text, encoding="utf-8")
    settings = Settings(workspace=place, night=NIGHT, asks=True, threads=1)
    load.load(settings, place / "registry.csv")
    return through(settings)


@pytest.fixture(scope="module", params=[True, False], ids=["no sex", "no sex, no date of birth"])
def land(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return night(tmp_path_factory.mktemp("land"), has_birth=request.param)


def rows(run: Run, sql: str) -> list[Any]:
    with run_tables.connect(run, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_who_agrees_in_what_the_sector_holds_is_verified(land: Run) -> None:
    found = dict(rows(land, f"SELECT source_row - 2, status FROM ({run_schema.OUTCOMES_SQL})"))
    assert [n for n, status in found.items() if status == "verified"] == [
        n for n in range(PEOPLE) if n not in (*SEVERAL, OTHER_NAME, NO_SUCH_NUMBER)
    ]
    assert {found[n] for n in SEVERAL} == {"unverifiable"}
    assert "verified" not in (found[OTHER_NAME], found[NO_SUCH_NUMBER])


def test_several_holders_are_told_and_linked_to_none_of_them(land: Run) -> None:
    told = rows(land, "SELECT source_row - 2, rule_id FROM issues WHERE issue = 'NAME_SEVERAL' ORDER BY 1")
    assert told == [(n, "correct-name-single") for n in SEVERAL]
    linked = rows(land, "SELECT source_row - 2 FROM links WHERE decision = 'link' ORDER BY 1")
    assert not {n for (n,) in linked} & set(SEVERAL)
    others = rows(land, "SELECT DISTINCT issue FROM issues WHERE issue LIKE 'NAME%' AND severity = 'error'")
    assert others == [("NAME_SEVERAL",)], "a name of several is neither missing nor misspelt"


def test_nothing_is_said_of_what_the_sector_does_not_hold(land: Run) -> None:
    held = rows(land, "SELECT count(sex), count(date_of_birth) FROM core_land")[0]
    lacking = ["sex", *(["date_of_birth"] if held[1] == 0 else [])]
    assert held[0] == 0
    assert rows(land, f'SELECT * FROM issues WHERE "column" IN ({str(lacking)[1:-1]})') == []
    words = ["giới tính"] + (["ngày sinh", "năm sinh"] if len(lacking) == 2 else [])
    reasons = [reason for (reason,) in rows(land, "SELECT reason FROM links")]
    with run_tables.connect(land) as connection:
        links = run_tables.query(connection, "SELECT * FROM links ORDER BY source_row")
        explained = explain_links(connection, links, snapshot.current(land.settings).path, land.settings)
    said = [*reasons, *(sentence.vi for each in explained for sentence in each.sentences)]
    about_search = ("Không tìm thấy", "Không có ai trong", "Hồ sơ thiếu họ tên")  # what a search would need
    told = [sentence for sentence in said if not sentence.startswith(about_search)]
    assert [sentence for sentence in told for word in words if word in sentence.lower()] == []
    assert reasons.count("Khớp mọi thông tin mà ngành này có.") == AGREEING
    several = [reason for (reason,) in rows(land, "SELECT reason FROM links WHERE source_row BETWEEN 7 AND 10")]
    assert {"ô họ tên không ghi tên của một người" in reason for reason in several} == {True}
    assert "thiếu họ tên" not in " ".join(several)


def test_the_page_and_the_workbook_read_well(land: Run) -> None:
    page = unescape((land.reports / "summary.html").read_text(encoding="utf-8"))
    assert "Đất đai" in page
    assert "Ô họ tên ghi nhiều người" in page
    books = [openpyxl.load_workbook(path) for path in sorted((land.reports / "lists").glob("land-*.xlsx"))]
    sheets = [sheet for book in books for sheet in book]
    cells = [
        str(cell.value) for sheet in sheets for line in sheet.iter_rows() for cell in line if cell.value is not None
    ]
    assert [cell for cell in cells if "nhiều người" in cell]
    assert [cell for cell in cells if cell.endswith(":") or ": ;" in cell or "None" in cell] == []
    assert any("Hộ ông Nguyễn Văn An và bà" in cell for cell in cells), "by what the officer finds the row"
    heads = [[cell.value for cell in book["Cần xử lý"][3]] for book in books]
    has_birth = rows(land, "SELECT count(date_of_birth) FROM core_land")[0][0] > 0
    assert {("Giới tính" in each, "Ngày sinh" in each) for each in heads} == {(False, has_birth)}
