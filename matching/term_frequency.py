"""Counts how common each person's values are in the registry: exact counts, never a sample.

A share is what a stranger's chance would be of having the value too, so the person is not counted (leave one out);
where too few are counted it is drawn to what the parts of the value suggest. Shares are kept as sixteenths of a bit:
finer differences say nothing, and so a person more in the registry changes the weights of those few whom it concerns.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow

from matching.model import Stated
from matching.value_counts import Coded, Shares, coded, part, together

UNITS_PER_BIT = 16
"""A rarity of −160 is a share of 2⁻¹⁰."""

COLUMNS = (
    "name", "ends", "front", "back", "given", "sex", "other_sex", "date", "year", "month_day", "commune", "province",
    "cell", "cell_alone", "mother", "father",
)  # fmt: skip
"""Columns of the rarities; each is the share, for the person p, that its comment says.

`name` the whole folded name (of the person's birth decade and province), `ends` surname and given name, `front` all but
the given name, `back` all but the surname, `given` the given name; `sex`, `other_sex` people of the same, of another
sex among those who have the same middle and given name; `date`, `year`, `month_day`; `commune`, `province`; `cell` the
first six digits of the number (province, century and sex, year) among those born in the same year with the same sex
and living in the same province; `cell_alone` the same among all; `mother`, `father` people whose parent is called so.
"""

TRUST = 0.2
"""Prior weight of a name's parts against the count of the whole name, as a share of the registry."""
LOCAL = 50_000
"""Number of people of the whole country that weigh as much as those of the decade, or of the decade and province."""

PREFIX = "rare_"
"""Prefix of the rarity columns, so that they stand beside the levels of the same names."""

LEAST = 1e-6
"""Lowest share that is assumed of any value: namesakes are not always there by chance."""

STATED = {
    "name": 8e-5, "ends": 1e-3, "front": 3e-3, "back": 6e-4, "given": 1.5e-2, "sex": 0.9, "other_sex": 0.1,
    "date": 4e-5, "year": 1.25e-2, "month_day": 2.7e-3, "commune": 3e-4, "province": 3e-2, "cell": 0.5,
    "cell_alone": 2e-4, "mother": 8e-5, "father": 8e-5,
}  # fmt: skip
"""Rarity → share in the country that is assumed before counting. Source: domain.md 4.1 (UIT-ViNames: one full name in
12,000), 80 birth years, 3,321 communes, 34 provinces.
"""

Rarities = npt.NDArray[np.int16]
_Units = Callable[[str, Shares], Rarities]
_OfRows = Callable[[slice], Shares]

_SLICE_ROWS = 1_000_000
"""People whose shares are worked out at a time, where they follow from more than one value."""
_CELL_DIGITS = 6


def rate(people: pyarrow.Table, stated: Stated) -> Iterator[tuple[str, Rarities]]:
    """Each name of COLUMNS with its rarities; `stated` holds the shares that are assumed before counting.

    Shape: an entry a person, in the order of `people`, which has the columns that people.arrow has; a value that the
    person lacks has the rarity of lacking it. Units: sixteenths of a bit, 0 or less.
    """
    n = float(people.num_rows)
    believed = STATED | dict(stated.shares)

    def units(name: str, share: Shares) -> Rarities:
        share = (n * share + stated.people * believed[name]) / (n + stated.people)
        rounded: Rarities = np.rint(UNITS_PER_BIT * np.log2(np.clip(share, LEAST, 1))).astype(np.int16)
        return rounded

    sex, province = coded(people["sex"])[0], coded(people["province_code"])[0]
    year, years = coded(people["birth_year"])
    yield from _of_names(people, part(years.cast(pl.Int64) // 10).through(year), sex, province, units)
    yield from _of_dates(people, year, units)
    for name, column in {"commune": coded(people["commune_code"])[0], "province": province}.items():
        yield name, units(name, column.counted() / n)[column.of]
    yield from _of_cells(people, year, sex, province, units)
    for name in ("mother", "father"):
        parent = coded(people[f"{name}_key"])[0]
        namesakes = parent.counted().astype(np.float64)
        yield name, units(name, (namesakes + n * TRUST * 2e-5) / (n + n * TRUST))[parent.of]


def _of_names(
    people: pyarrow.Table, decade: Coded, sex: Coded, province: Coded, units: _Units
) -> Iterator[tuple[str, Rarities]]:
    n = float(people.num_rows)
    trust = n * TRUST
    name, names = coded(people["name_key"])
    words = names.str.split(" ")
    surname, given, middle, front, back = map(
        part,
        (words.list.first(), words.list.last(), *(_extracted(names, p) for p in (_MIDDLE, _FRONT, _BACK))),
    )
    called = name.counted()
    s, m, g = (column.sharing(called) / n for column in (surname, middle, given))
    by_name = {
        "ends": (together(surname, given).sharing(called) - 1 + trust * s * g) / (n + trust),
        "front": (front.sharing(called) - 1 + trust * s * m) / (n + trust),
        "back": (back.sharing(called) - 1 + trust * m * g) / (n + trust),
        "given": g,
    }
    for column, share in by_name.items():
        yield column, units(column, share)[name.of]
    everywhere = (called - 1 + trust * s * m * g) / (n + trust)
    yield "name", _over_rows("name", _whole_name(name, everywhere, decade, province), units, name)
    own, other = _sexes(given.through(name), back.through(name), sex)
    yield "sex", _over_rows("sex", own, units, name)
    yield "other_sex", _over_rows("other_sex", other, units, name)


_MIDDLE, _FRONT, _BACK = r"^[^ ]+ (.+) [^ ]+$", r"^(.+) [^ ]+$", r"^[^ ]+ (.+)$"


def _extracted(names: pl.Series, pattern: str) -> pl.Series:
    return names.str.extract(pattern).fill_null("").set(names.is_null(), None)


def _whole_name(name: Coded, everywhere: Shares, decade: Coded, province: Coded) -> _OfRows:
    """Of the whole country, drawn from there to the decade, and to the decade and province."""
    in_decade = together(name, decade)
    groups = (in_decade, decade, together(in_decade, province), together(decade, province))
    counts = [_Count(group) for group in groups]

    def share(rows: slice) -> Shares:
        of_decade, decades, of_here, here = (count.at(rows) for count in counts)
        then = (of_decade - 1 + LOCAL * everywhere[name.of[rows]]) / (decades - 1 + LOCAL)
        return (of_here - 1 + LOCAL * then) / (here - 1 + LOCAL)

    return share


def _sexes(given: Coded, back: Coded, sex: Coded) -> tuple[_OfRows, _OfRows]:
    of_given, all_given, of_back, all_back = map(_Count, (together(given, sex), given, together(back, sex), back))

    def expected(rows: slice) -> Shares:
        return (of_given.at(rows) - 0.5) / all_given.at(rows)

    def own(rows: slice) -> Shares:
        return (of_back.at(rows) - 1 + expected(rows)) / all_back.at(rows)

    def other(rows: slice) -> Shares:
        return (all_back.at(rows) - of_back.at(rows) + 1 - expected(rows)) / all_back.at(rows)

    return own, other


def _of_dates(people: pyarrow.Table, year: Coded, units: _Units) -> Iterator[tuple[str, Rarities]]:
    n = float(people.num_rows)
    date, dates = coded(people["date_of_birth"])
    born, in_year = _Count(date), _Count(year)

    def share(rows: slice) -> Shares:
        return (born.at(rows) - 1 + n / 50 * in_year.at(rows) / n / 365) / (n * 1.02)

    yield "date", _over_rows("date", share, units, date)
    yield "year", units("year", year.counted() / n)[year.of]
    days = part(dates.str.slice(5, 5).set((dates.str.len_chars() != 10).fill_null(True), None))
    yield "month_day", units("month_day", days.sharing(date.counted()) / n)[date.of]


def _of_cells(
    people: pyarrow.Table, year: Coded, sex: Coded, province: Coded, units: _Units
) -> Iterator[tuple[str, Rarities]]:
    import pyarrow.compute  # a link needs none of it, and it takes its time to load

    cell = coded(pyarrow.compute.utf8_slice_codeunits(people["person_id"], 0, _CELL_DIGITS))[0]
    here, peers = _Count(together(cell, province)), _Count(together(together(year, sex), province))

    def share(rows: slice) -> Shares:
        return (here.at(rows) - 1 + 20 * 0.05) / (peers.at(rows) - 1 + 20)

    yield "cell", _over_rows("cell", share, units, cell)
    yield "cell_alone", units("cell_alone", cell.counted() / float(people.num_rows))[cell.of]


class _Count:
    """How many people share a value."""

    def __init__(self, column: Coded) -> None:
        self._of, self._people = column.of, column.counted()

    def at(self, rows: slice) -> Shares:
        """With each of these people, themselves among them."""
        return self._people[self._of[rows]].astype(np.float64)


def _over_rows(name: str, share: _OfRows, units: _Units, like: Coded) -> Rarities:
    """The rarities of all rows, some at a time."""
    found = np.empty(len(like.of), np.int16)
    for start in range(0, len(found), _SLICE_ROWS):
        rows = slice(start, start + _SLICE_ROWS)
        found[rows] = units(name, share(rows))
    return found
