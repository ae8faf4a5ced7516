"""The registry of conditions: what a table may name, and what it may say to it."""

from datetime import date

import pytest

from rules import conditions
from rules.sql import Scope


@pytest.mark.parametrize(
    ("expect", "args", "said"),
    [
        ("column_values_to_be_given", {}, None),
        ("column_values_to_be_given", {"under_age": 14}, None),
        ("column_values_to_be_given", {"over_age": 14}, "unexpected keyword argument 'over_age'"),
        ("column_values_to_match", {}, "missing a required argument: 'pattern'"),
        ("_younger", {}, "is not one of"),
        ("given", {}, "is not one of"),
    ],
)
def test_fault(expect: str, args: dict[str, object], said: str | None) -> None:
    found = conditions.fault(expect, args)
    assert (found is None) if said is None else (found is not None and said in found)


def test_a_value_of_a_table_stays_a_value() -> None:
    scope = Scope("core_x", date(2026, 11, 22), ("core_x",))
    built = conditions.build("column_values_to_be_one_of", "sex", {"values": ["') OR ('1'='1"]}, scope)
    assert built.failing == "sex NOT IN (''') OR (''1''=''1')"
