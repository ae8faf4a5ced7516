"""Rarities that can be counted by hand."""

import math
from typing import Any

import pyarrow
import pytest

from matching import term_frequency
from matching.model import Stated
from matching.term_frequency import COLUMNS, LEAST, UNITS_PER_BIT, rate

COUNTED = Stated(people=0)
"""Nothing is believed before counting."""

PEOPLE: list[dict[str, Any]] = [
    {"name_key": "le thi an", "date_of_birth": "1990-05-07", "sex": "Nữ", "commune_code": "004", "mother_key": "vu"},
    {"name_key": "le thi an", "date_of_birth": "1990-05-08", "sex": "Nữ", "commune_code": "004", "mother_key": "vu"},
    {"name_key": "le van an", "date_of_birth": "1991-05-07", "sex": "Nam", "commune_code": "00008", "mother_key": None},
    {"name_key": "vu thi an", "date_of_birth": "1991", "sex": "Nữ", "commune_code": "00008", "mother_key": None},
]  # fmt: skip


def table(people: list[dict[str, Any]] = PEOPLE) -> pyarrow.Table:
    text = [
        "person_id",
        "name_key",
        "date_of_birth",
        "sex",
        "commune_code",
        "province_code",
        "mother_key",
        "father_key",
    ]
    fields = [*((name, pyarrow.string()) for name in text), ("birth_year", pyarrow.int16())]
    usual = {"person_id": "001190000000", "province_code": "01", "father_key": "le ba"}
    rows = [usual | {"birth_year": int(person["date_of_birth"][:4])} | person for person in people]
    return pyarrow.Table.from_pylist(rows, pyarrow.schema(fields))


def shares(people: pyarrow.Table, stated: Stated = COUNTED) -> dict[str, list[float]]:
    return {name: [2 ** (units / UNITS_PER_BIT) for units in column.tolist()] for name, column in rate(people, stated)}


@pytest.mark.parametrize(
    ("column", "person", "share", "why"),
    [
        ("given", 0, 1.0, "all four are called An"),
        ("year", 0, 1 / 2, "two of four were born in 1990"),
        ("month_day", 0, 1 / 2, "two of four on 7 May, of whatever year"),
        ("month_day", 3, 1 / 4, "one of four has no day"),
        ("commune", 2, 1 / 2, "two of four live there"),
        ("province", 0, 1.0, "all live in one"),
        ("cell_alone", 0, 1.0, "all numbers begin alike"),
        ("cell", 0, (2 - 1 + 1) / (2 - 1 + 20) * 2, "four have the cell here, two are women born in 1990 here"),
        ("mother", 0, (2 + 0.8 * 2e-5) / 4.8, "two of four; a fifth as many people weigh what is usual"),
        ("mother", 2, (2 + 0.8 * 2e-5) / 4.8, "two lack one"),
        ("father", 0, (4 + 0.8 * 2e-5) / 4.8, "all four"),
        ("ends", 0, (3 - 1 + 0.8 * 3 / 4) / 4.8, "two others are Lê … An; by the parts three of four would be"),
        ("front", 0, (2 - 1 + 0.8 * 3 / 4 * 3 / 4) / 4.8, "one other is Lê Thị …"),
        ("back", 0, (3 - 1 + 0.8 * 3 / 4) / 4.8, "two others are … Thị An"),
        ("sex", 0, (3 - 1 + 2.5 / 4) / 3, "of those called Thị An two others are women; and of the name An 2.5 of 4"),
        ("other_sex", 0, (3 - 3 + 1 - 2.5 / 4) / 3, "nobody called Thị An is a man"),
        ("date", 0, (1 - 1 + 4 / 50 * 2 / 4 / 365) / (4 * 1.02), "nobody else; 50 ago this year's days"),
    ],
)
def test_a_share_is_what_is_counted(column: str, person: int, share: float, why: str) -> None:
    # A rarity is rounded to a sixteenth of a bit.
    assert abs(math.log2(shares(table())[column][person]) - math.log2(max(share, LEAST))) <= 1 / 32, why


def test_a_name_is_drawn_from_the_country_to_the_decade_and_to_where_it_is_met() -> None:
    alone = [{"name_key": f"le {letter} an", "date_of_birth": "1990-01-01", "sex": "Nam", "commune_code": "00004"}
             for letter in "bcdefgh"]  # fmt: skip
    both = [alone[0] | {"date_of_birth": f"{year}-01-01", "province_code": at} for year in (1990, 1950) for at in "12"]
    found = shares(table(alone + both))["name"]
    assert found[0] > found[1], "five others of eleven have the first one's name"
    n, trust = 11, 2.2
    everywhere = (5 - 1 + trust * 5 / 11) / (n + trust)
    decade = (3 - 1 + term_frequency.LOCAL * everywhere) / (9 - 1 + term_frequency.LOCAL)
    here = (1 - 1 + term_frequency.LOCAL * decade) / (7 - 1 + term_frequency.LOCAL)
    assert abs(math.log2(found[0] / here)) <= 1 / 32


def test_every_column_is_there_once_for_everybody_and_more_people_than_a_slice_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = [(name, column.tolist()) for name, column in rate(table(), Stated())]
    assert sorted(name for name, _ in whole) == sorted(COLUMNS)
    assert all(len(column) == len(PEOPLE) and max(column) <= 0 for _, column in whole)
    monkeypatch.setattr(term_frequency, "_SLICE_ROWS", 3)
    assert [(name, column.tolist()) for name, column in rate(table(), Stated())] == whole


def test_what_is_stated_speaks_where_few_are_counted() -> None:
    stated = Stated(people=10**9, shares={"given": 1 / 64})
    assert set(shares(table(), stated)["given"]) == {1 / 64}


def test_of_nobody_nothing_is_rare() -> None:
    assert {len(column) for _, column in rate(table([]), Stated())} == {0}
