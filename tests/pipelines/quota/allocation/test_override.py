"""Deadlines come off the cap first: what each needs a day, the earliest first, a fifth of the cap at most."""

from datetime import date
from fractions import Fraction

import pytest

from pipelines.quota.allocation.override import Override, owed

DAY = date(2026, 11, 22)


def until(day: int, tenant: str = "students-79", limit: Fraction = Fraction(1, 5)) -> Override:
    return Override(tenant, date(2026, 11, day), limit, "Trần Văn Duyệt", "kỳ thi")


@pytest.mark.parametrize(
    ("overrides", "demand", "places", "why"),
    [
        ([until(26)], 100, 20, "a fifth of what waits, on each of five days"),
        ([until(22)], 100, 100, "all of it on the last day"),
        ([until(26)], 101, 21, "rounded up, or the deadline is missed"),
        ([until(22)], 900, 200, "never more than a fifth of the cap"),
        ([until(22, limit=Fraction(1, 20))], 900, 50, "nor than its own limit"),
        ([until(21)], 900, 0, "a deadline that is over is void"),
        ([until(22)], 0, 0, "nothing waits"),
        ([until(26), until(22)], 100, 100, "of two of one tenant the earlier"),
    ],
)
def test_what_a_deadline_gets_of_a_cap_of_a_thousand(
    overrides: list[Override], demand: int, places: int, why: str
) -> None:
    assert owed(overrides, {"students-79": demand}, 1_000, DAY).get("students-79", 0) == places, why


def test_all_together_get_a_fifth_the_earliest_first() -> None:
    told = owed([until(23, "b"), until(22, "a"), until(22, "c")], {"a": 150, "b": 150, "c": 900}, 1_000, DAY)
    assert told == {"a": 150, "c": 50, "b": 0}


@pytest.mark.parametrize(
    ("limit", "by", "reason"),
    [
        (Fraction(0), "An", "thi"),
        (Fraction(1, 4), "An", "thi"),
        (Fraction(1, 5), " ", "thi"),
        (Fraction(1, 5), "An", ""),
    ],
)
def test_somebody_answers_for_each_and_none_takes_more(limit: Fraction, by: str, reason: str) -> None:
    with pytest.raises(ValueError, match="an override"):
        Override("students-79", DAY, limit, by, reason)
