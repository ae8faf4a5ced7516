"""The lunar calendar, against new years, leap months and festivals that anybody can look up."""

import polars as pl
import pytest

from vn.lunar import lunar_to_solar, lunar_to_solar_column

NEW_YEARS = [
    "1930-01-30", "1945-02-13", "1954-02-03", "1968-01-29", "1975-02-11", "1976-01-31", "1985-01-21", "1987-01-29",
    "1990-01-27", "2000-02-05", "2005-02-09", "2007-02-17", "2010-02-14", "2015-02-19", "2020-01-25", "2021-02-12",
    "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2030-02-02", "2033-01-31", "2034-02-19",
]  # fmt: skip


@pytest.mark.parametrize("day", NEW_YEARS)
def test_tet(day: str) -> None:
    assert lunar_to_solar(f"{day[:4]}-01-01") == day


@pytest.mark.parametrize(
    ("lunar", "solar", "what"),
    [
        ("1935-01-01", "1935-02-04", "new moon after midnight in UTC+8, before it in UTC+7"),
        ("1965-01-01", "1965-02-02", "the last such Tết before Việt Nam took UTC+7"),
        ("2024-08-15", "2024-09-17", "Trung thu"),
        ("2025-03-10", "2025-04-07", "Giỗ Tổ Hùng Vương"),
        ("2023-03-10", "2023-04-29", "Giỗ Tổ after the leap second month"),
        ("2024-12-30", None, "the last month of Giáp Thìn has 29 days"),
        ("2023-12-30", "2024-02-09", "that of Quý Mão has 30"),
        ("1987-09-05", "1987-10-27", "after the leap seventh month"),
        ("2023-02-30", "2023-03-21", "30 days, then the leap second month"),
        ("2023-13-01", None, "no such month"),
        ("2023-01-31", None, "no such day"),
        ("1899-01-01", None, "before the years we know"),
        ("2023-01", None, "a month is not a day"),
        ("05/09/1987", None, "not this form"),
        (None, None, "missing"),
    ],
)
def test_days(lunar: str | None, solar: str | None, what: str) -> None:
    assert lunar_to_solar(lunar) == solar, what


@pytest.mark.parametrize(
    ("year", "month", "first"),
    [
        (1985, 2, "1985-03-21"),
        (1987, 7, "1987-08-24"),
        (2020, 4, "2020-05-23"),
        (2023, 2, "2023-03-22"),
        (2025, 6, "2025-07-25"),
        (2033, 11, "2033-12-22"),
    ],
)
def test_leap_months(year: int, month: int, first: str) -> None:
    """1985, 1987: Việt Nam's leap months, which China's calendar has elsewhere."""
    assert lunar_to_solar(f"{year}-{month:02d}-01", is_leap=True) == first
    others = [lunar_to_solar(f"{year}-{other:02d}-01", is_leap=True) for other in range(1, 13) if other != month]
    assert others == [None] * 11


def test_a_year_without_a_leap_month() -> None:
    assert [lunar_to_solar(f"2024-{month:02d}-01", is_leap=True) for month in range(1, 13)] == [None] * 12


def test_every_lunar_day_of_two_centuries_is_another_solar_day_in_order() -> None:
    days = [
        found
        for year in range(1900, 2100)
        for month in range(1, 13)
        for leap in (False, True)
        for day in (1, 15, 29)
        if (found := lunar_to_solar(f"{year}-{month:02d}-{day:02d}", is_leap=leap))
    ]
    assert days == sorted(set(days))


def test_the_column_is_the_scalar() -> None:
    days = pl.Series("ngay", ["2024-08-15", None, "2024-12-30", "2024-08-15"])
    found = lunar_to_solar_column(days)
    assert found.to_list() == ["2024-09-17", None, None, "2024-09-17"]
    assert found.name == "ngay"
