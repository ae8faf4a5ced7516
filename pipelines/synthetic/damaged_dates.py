"""Writes dates of birth as sector files do, rightly and wrongly: a function for each date code."""

from collections.abc import Callable
from functools import cache

import numpy as np
import polars as pl

from pipelines.synthetic.chance import Chance
from pipelines.synthetic.damage import Damage, choose
from vn.lunar import lunar_to_solar_column

INSTEAD = {
    **dict.fromkeys(("dob_swapped", "dob_lunar", "dob_first_january", "dob_digit", "dob_year_only"), "dob_year_off"),
    **dict.fromkeys(("dob_month_only", "dob_serial", "dob_two_digit_year", "dob_zero_day_month"), "dob_year_off"),
    **dict.fromkeys(("dob_impossible", "dob_day_before"), "dob_year_off"),
    "dob_no_zeros": "dob_dots",
}
"""Code → the code to plant where the first does not fit the date (a day above 12 cannot be swapped)."""

LUNAR_YEARS = (1920, 2027)


def written(birth: pl.Expr, precision: pl.Expr) -> pl.Expr:
    """The date as `dd/mm/yyyy`, `mm/yyyy` or `yyyy`, as much as is known."""
    text = birth.dt.to_string("%d/%m/%Y")
    return text.str.slice(precision.replace_strict({"day": 0, "month": 3, "year": 6}, return_dtype=pl.Int64))


def _whole(text: Callable[[pl.Expr], pl.Expr]) -> Damage:
    """A damage of dates that are known to the day."""

    def damage(records: pl.DataFrame, chance: Chance) -> pl.Series:
        return records.select(pl.when(pl.col("precision") == "day").then(text(pl.col("birth")))).to_series()

    return damage


def _form(form: str) -> Damage:
    return _whole(lambda birth: birth.dt.to_string(form))


def _swapped(birth: pl.Expr) -> pl.Expr:
    fits = (birth.dt.day() <= 12) & (birth.dt.day() != birth.dt.month())
    return pl.when(fits).then(birth.dt.to_string("%m/%d/%Y"))


def _digit(records: pl.DataFrame, chance: Chance) -> pl.Series:
    """Another last digit of the day or of the year, or another month."""
    size, way = records.height, pl.Series(chance.uniform(records.height))
    day, month, year = (records["birth"].dt.day(), records["birth"].dt.month(), records["birth"].dt.year())
    shift = pl.Series(chance.integers(1, 9, size))
    frame = pl.DataFrame({"day": day, "month": month, "year": year, "shift": shift, "way": way}).with_columns(
        pl.col("day", "month", "year").cast(pl.Int64)
    )
    other_day = pl.col("day") // 10 * 10 + (pl.col("day") % 10 + pl.col("shift")) % 10
    other_year = pl.col("year") // 10 * 10 + (pl.col("year") % 10 + pl.col("shift")) % 10
    changed = frame.select(
        day=pl.when(pl.col("way") < 0.5).then(other_day.clip(1, 28)).otherwise("day"),
        month=pl.when(pl.col("way").is_between(0.5, 0.75))
        .then((pl.col("month") + pl.col("shift")) % 12 + 1)
        .otherwise("month"),
        year=pl.when(pl.col("way") > 0.75).then(other_year).otherwise("year"),
    ).select(pl.date("year", "month", pl.min_horizontal("day", 28)).dt.to_string("%d/%m/%Y"))
    return _if_day(records, changed.to_series())


def _year_off(records: pl.DataFrame, chance: Chance) -> pl.Series:
    """Some years earlier or, if that is not in the future, later; for any precision."""
    shift = pl.Series(np.array([-10, -2, -1, -1, 1, 1, 2])[chance.integers(0, 7, records.height)])
    young = records["birth"].dt.year() >= 2020
    shift = pl.select(pl.when(young).then(-shift.abs()).otherwise(shift)).to_series()
    moved = pl.DataFrame({"birth": records["birth"], "precision": records["precision"], "shift": shift}).select(
        written(
            pl.date(
                pl.col("birth").dt.year() + pl.col("shift"),
                pl.col("birth").dt.month(),
                pl.min_horizontal(pl.col("birth").dt.day(), 28),
            ),
            pl.col("precision"),
        )
    )
    return moved.to_series()


def _impossible(records: pl.DataFrame, chance: Chance) -> pl.Series:
    days = choose(["30/02/", "31/02/", "31/04/", "31/06/", "31/09/", "31/11/"], chance, records.height)
    return _if_day(records, days + records["birth"].dt.to_string("%Y"))


def _lunar(records: pl.DataFrame, chance: Chance) -> pl.Series:
    lunar = (
        records["birth"]
        .dt.to_string("%Y-%m-%d")
        .replace_strict(_solar_to_lunar()["solar"], _solar_to_lunar()["lunar"], default=None, return_dtype=pl.String)
    )
    return _if_day(records, lunar.str.replace(r"^(\d+)-(\d+)-(\d+)$", "$3/$2/$1"))


@cache
def _solar_to_lunar() -> pl.DataFrame:
    """The lunar day (not of leap months) of each solar day of a century."""
    years = pl.DataFrame({"year": pl.int_range(*LUNAR_YEARS, eager=True)})
    months = pl.DataFrame({"month": pl.int_range(1, 13, eager=True)})
    days = pl.DataFrame({"day": pl.int_range(1, 31, eager=True)})
    text = pl.format(
        "{}-{}-{}", "year", pl.col("month").cast(pl.String).str.zfill(2), pl.col("day").cast(pl.String).str.zfill(2)
    )
    lunar = years.join(months, how="cross").join(days, how="cross").select(lunar=text)
    return lunar.with_columns(solar=lunar_to_solar_column(lunar["lunar"])).drop_nulls().unique("solar", keep="first")


def _missing(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return pl.repeat("", records.height, dtype=pl.String, eager=True)


def _if_day(records: pl.DataFrame, text: pl.Series) -> pl.Series:
    return pl.select(pl.when(records["precision"] == "day").then(text)).to_series()


DAMAGES: dict[str, Damage] = {
    "dob_iso": _form("%Y-%m-%d"),
    "dob_dots": _form("%d.%m.%Y"),
    "dob_no_zeros": _form("%-d/%-m/%Y"),
    "dob_time": _form("%d/%m/%Y 00:00:00"),
    "dob_year_only": _form("%Y"),
    "dob_month_only": _form("%m/%Y"),
    "dob_first_january": _form("01/01/%Y"),
    "dob_swapped": _whole(_swapped),
    "dob_digit": _digit,
    "dob_serial": _whole(lambda birth: (birth.cast(pl.Int32) + 25_569).cast(pl.String)),
    "dob_two_digit_year": _form("%d/%m/%y"),
    "dob_zero_day_month": _form("00/00/%Y"),
    "dob_impossible": _impossible,
    "dob_lunar": _lunar,
    "dob_day_before": _whole(lambda birth: birth.dt.offset_by("-1d").dt.to_string("%d/%m/%Y")),
    "dob_year_off": _year_off,
    "dob_missing": _missing,
}
