"""Rows of one code of the department: what one settles, it settles for the others, and for no more than them."""

from pathlib import Path

import pytest

from matching.groups import MOST_ROWS
from tests.matching.tables import links, person, record, registry

Row = dict[str, object]
PLACE = {"commune_code": "26734", "province_code": "79"}
HOA = person("079190000001", "Lê Thị Thanh Hoa", "1990-07-12", "Nữ", **PLACE)
BINH = person("079190000777", "Trần Quốc Bình", "1985-02-03", "Nam", **PLACE)


def _sure(code: str | None = "TC1") -> Row:
    return record("Lê Thị Thanh Hoa", "1990-07-12", "Nữ", "079190000001", group_key=code)


def _doubtful(code: str | None = "TC1", name: str = "Lê Thị Thanh Hoa", number: str | None = None) -> Row:
    return record(name, "1990", "Nữ", number, group_key=code, **PLACE)


OTHERS_CODE = record("Trần Quốc Bình", "1985-02-03", "Nam", "079190000777", group_key="TC1")
OF_ANOTHER = record("Lê Thị Thanh Hoa", "1990", "Nữ", "079190000777", group_key="TC1")
CASES = [
    ([_doubtful()], "review", "alone it is a human's"),
    ([_doubtful(), _sure()], "link", "the other dose of the code is surely hers"),
    ([_doubtful(), _sure("TC2")], "review", "another code"),
    ([_doubtful(None), _sure(None)], "review", "no code"),
    ([_doubtful(), _sure(), OTHERS_CODE], "review", "the code stands for two people"),
    ([_doubtful(), *[_sure()] * MOST_ROWS], "review", "a code of so many rows is a filler"),
    ([OF_ANOTHER, _sure()], "review", "the number of somebody else"),
    ([_doubtful(name="Lê Thị Thanh Mai"), _sure()], "none", "a sister's name"),
]


@pytest.mark.parametrize(("rows", "decision", "why"), CASES)
def test_the_first_row(tmp_path: Path, rows: list[Row], decision: str, why: str) -> None:
    found = links(registry(tmp_path, [HOA, BINH]), rows, one=False)
    assert found["decision"][0] == decision, why


def test_the_reason_says_so(tmp_path: Path) -> None:
    found = links(registry(tmp_path, [HOA, BINH]), [_doubtful(), _sure()], one=False)
    assert "theo hồ sơ khác có cùng mã của ngành" in found["reason"][0]
    assert "mã của ngành" not in found["reason"][1]
