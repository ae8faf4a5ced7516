"""What each date code does, on dates that can be checked by hand."""

from datetime import date

import polars as pl
import pytest

from pipelines.synthetic import catalogue
from pipelines.synthetic.chance import Chance
from pipelines.synthetic.damaged_dates import DAMAGES, INSTEAD, written


def damaged(code: str, birth: date, precision: str = "day", times: int = 1) -> list[str | None]:
    records = pl.DataFrame({"birth": [birth] * times, "precision": [precision] * times})
    return DAMAGES[code](records, Chance(2, code)).to_list()


@pytest.mark.parametrize(("precision", "text"), [("day", "05/09/1987"), ("month", "09/1987"), ("year", "1987")])
def test_a_date_is_written_as_far_as_it_is_known(precision: str, text: str) -> None:
    frame = pl.DataFrame({"birth": [date(1987, 9, 5)], "precision": [precision]})
    assert frame.select(written(pl.col("birth"), pl.col("precision"))).item() == text


@pytest.mark.parametrize(
    ("code", "birth", "wrong", "why"),
    [
        ("dob_iso", date(1987, 9, 5), "1987-09-05", ""),
        ("dob_dots", date(1987, 9, 5), "05.09.1987", ""),
        ("dob_no_zeros", date(1987, 9, 5), "5/9/1987", ""),
        ("dob_time", date(1987, 9, 5), "05/09/1987 00:00:00", ""),
        ("dob_year_only", date(1987, 9, 5), "1987", ""),
        ("dob_month_only", date(1987, 9, 5), "09/1987", ""),
        ("dob_first_january", date(1987, 9, 5), "01/01/1987", ""),
        ("dob_swapped", date(1987, 9, 5), "09/05/1987", ""),
        ("dob_swapped", date(1987, 9, 13), None, "there is no 13th month"),
        ("dob_swapped", date(1987, 9, 9), None, "nothing would change"),
        ("dob_serial", date(1998, 1, 1), "35796", "domain.md 4.3"),
        ("dob_two_digit_year", date(1987, 9, 5), "05/09/87", ""),
        ("dob_zero_day_month", date(1987, 9, 5), "00/00/1987", ""),
        ("dob_lunar", date(2024, 2, 10), "01/01/2024", "Tết Giáp Thìn"),
        ("dob_lunar", date(1985, 1, 21), "01/01/1985", "Tết Ất Sửu, a month before China's"),
        ("dob_day_before", date(2000, 1, 1), "31/12/1999", "UTC+7 read as UTC"),
        ("dob_missing", date(1987, 9, 5), "", ""),
    ],
)
def test_a_code_by_hand(code: str, birth: date, wrong: str | None, why: str) -> None:
    assert damaged(code, birth) == [wrong], why


def test_there_is_a_function_for_every_code_and_a_way_out() -> None:
    assert set(DAMAGES) == set(catalogue.of_field("dob"))
    assert set(INSTEAD) | set(INSTEAD.values()) <= set(DAMAGES)


@pytest.mark.parametrize("code", sorted(set(DAMAGES) - {"dob_year_off", "dob_missing"}))
def test_a_date_known_to_the_year_only_is_left_alone(code: str) -> None:
    assert damaged(code, date(1950, 1, 1), "year") == [None]


@pytest.mark.parametrize("birth", [date(1956, 2, 29), date(1987, 12, 31), date(2026, 11, 20)])
@pytest.mark.parametrize("code", ["dob_digit", "dob_year_off"])
def test_wrong_digits_still_make_dates(code: str, birth: date) -> None:
    for wrong in damaged(code, birth, times=200):
        assert wrong is not None
        day, month, year = (int(part) for part in wrong.split("/"))
        assert date(year, month, day)


def test_an_impossible_date_is_no_date() -> None:
    for wrong in damaged("dob_impossible", date(1987, 9, 5), times=50):
        assert wrong is not None
        day, month, year = (int(part) for part in wrong.split("/"))
        with pytest.raises(ValueError, match="day"):
            date(year, month, day)
