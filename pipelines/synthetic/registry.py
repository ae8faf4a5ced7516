"""Writes the registry's columns for one chunk of people."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipelines.synthetic import places
from pipelines.synthetic.chance import Chance, Floats, Ints
from pipelines.synthetic.households import EPOCH, YEAR, birth_years
from pipelines.synthetic.names import Names, other_given
from pipelines.synthetic.numbers import Slice
from pipelines.synthetic.papers import LAST_CMND_YEAR, papers
from pipelines.synthetic.people import People, draw
from pipelines.synthetic.tables import numbers as column
from pipelines.synthetic.tables import table

CHUNK = 50_000
"""People made at a time: memory depends on it, not on how many there are in all."""

COLUMNS = (
    "person_id",
    "full_name",
    "date_of_birth",
    "sex",
    "old_ids",
    "other_names",
    "province",
    "commune",
    "status",
    "death_date",
    "father_name",
    "mother_name",
    "updated_at",
)
"""Columns of the registry file, in order (DESIGN.md, Registry file)."""

RENAMED_SHARE = 0.008
"""People who had another name before."""


@dataclass(frozen=True)
class Census:
    """The whole registry: number of people, seed, night."""

    people: int
    seed: int
    night: date

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return max(1, -(-self.people // CHUNK))

    def size(self, chunk: int) -> int:
        """Number of people in one chunk."""
        return min(CHUNK, self.people - chunk * CHUNK)


def chunk_of(census: Census, chunk: int, strangers: int = 0) -> pl.DataFrame:
    """The people of one chunk and, after them, people who are in no registry.

    Shape: one row a person, households together; the rows of the registry do not depend on `strangers`. Besides the
    registry's columns (text), for the sector files: `registered` (false for strangers), `serial` (position in the
    whole), `birth` (Date), `precision`, `cmnd`, `cancelled_id`, `father_id`, `mother_id`, `father_year`,
    `mother_year`, `sibling` (row), `twin`, `birthplace` and `home` (3-digit codes of the 63).
    """
    size = census.size(chunk)
    own = draw(Chance(census.seed, chunk, "people"), size, census.night)
    other = draw(Chance(census.seed, chunk, "strangers"), strangers, census.night) if strangers else None
    ids = papers(Slice(census.seed, chunk, census.chunks), own, other)
    frame = _frame(Chance(census.seed, chunk, "lives"), census.night, own, ids.head(size))
    if other:
        strange = _frame(Chance(census.seed, chunk, "strangers' lives"), census.night, other, ids.tail(strangers))
        frame = pl.concat([frame, strange])
    position = pl.int_range(pl.len(), dtype=pl.Int64)
    is_own = position < size
    return frame.with_columns(
        registered=is_own,
        serial=position + chunk * CHUNK + pl.when(is_own).then(0).otherwise(census.people - size),
    )


def _frame(chance: Chance, night: date, people: People, ids: pl.DataFrame) -> pl.DataFrame:
    """The people with their numbers, as columns."""
    size, year = len(people), birth_years(people.birth)
    had_cmnd = pl.Series((year <= LAST_CMND_YEAR) & chance.hits(np.where(year < 1995, 0.88, 0.6), size))
    kinsmen = ids.select(
        father_id=_gather(ids["person_id"], people.father_row), mother_id=_gather(ids["person_id"], people.mother_row)
    )
    every = places.provinces()
    frame = pl.DataFrame(
        [
            *ids.select("person_id", "cancelled_id", "cmnd", "second_cmnd").get_columns(),
            *kinsmen.get_columns(),
            people.names.texts(),
            _other_names(chance, people),
            _parents(chance, people.fathers, year).alias("father_name"),
            _parents(chance, people.mothers, year).alias("mother_name"),
            pl.Series("birth", people.birth.astype(np.int32)).cast(pl.Date),
            _precision(chance, year),
            pl.Series("sex", np.where(people.female, 1, 0)).replace_strict({0: "Nam", 1: "Nữ"}, return_dtype=pl.String),
            _codes("province", every.merged[people.home], 2),
            _codes("commune", people.commune, 5),
            _codes("home", every.code[people.home], 3),
            _codes("birthplace", every.code[people.birthplace], 3),
            _known("father_year", people.father_year),
            _known("mother_year", people.mother_year),
            _known("sibling", people.sibling),
            pl.Series("twin", people.twin),
            *_lives(chance, people.birth, night),
        ]
    )
    defaulted = pl.Series((year < 1965) & chance.hits(0.04, size))
    return frame.with_columns(
        pl.when(had_cmnd).then(pl.col("cmnd", "second_cmnd")),
        pl.when(defaulted).then(pl.col("birth").dt.truncate("1y")).otherwise(pl.col("birth")).alias("birth"),
    ).with_columns(
        date_of_birth=_written("birth", pl.col("precision")),
        old_ids=_list("cmnd", "second_cmnd", "cancelled_id"),
    )


def _lives(chance: Chance, birth: Ints, night: date) -> list[pl.Series]:
    """`status`, `death_date` and `updated_at` of each."""
    size, today = len(birth), (night - EPOCH).days
    deaths = table("deaths")
    band = np.searchsorted(column(deaths, "age_from"), (today - birth) / YEAR, side="right") - 1
    dead = chance.hits(column(deaths, "share_dead")[band], size)
    death = np.maximum(birth, today - 1 - np.floor(chance.uniform(size) * 7 * YEAR).astype(np.int64))
    other = chance.uniform(size)
    code = np.select([dead, other < 0.0015, other < 0.002], [1, 2, 3], 0)
    updated = np.maximum(birth, today - np.floor(chance.uniform(size) ** 2 * 8 * YEAR).astype(np.int64))
    updated = np.where(dead, np.maximum(updated, death), updated)
    names = {0: "alive", 1: "deceased", 2: "emigrated", 3: "cancelled"}
    died = pl.Series("death_date", death.astype(np.int32)).cast(pl.Date).dt.to_string("%Y-%m-%d")
    return [
        pl.Series("status", code).replace_strict(names, return_dtype=pl.String),
        pl.select(pl.when(pl.Series(dead)).then(died).alias("death_date")).to_series(),
        pl.Series("updated_at", updated.astype(np.int32)).cast(pl.Date).dt.to_string("%Y-%m-%d"),
    ]


def _precision(chance: Chance, year: Ints) -> pl.Series:
    """`day`, `month` or `year`: how much of the date of birth is known; older people often have the year only."""
    only_year: Floats = np.select([year < 1940, year < 1960, year < 1975], [0.25, 0.08, 0.02], 0.0005)
    drawn = chance.uniform(len(year))
    code = np.select([drawn < only_year, drawn < only_year * 1.1], [2, 1], 0)
    return pl.Series("precision", code).replace_strict({0: "day", 1: "month", 2: "year"}, return_dtype=pl.String)


def _parents(chance: Chance, names: Names, year: Ints) -> pl.Series:
    """Parents' names, null where the registry does not have them."""
    unknown = chance.hits(np.where(year < 1945, 0.4, 0.03), len(year)) | (names.parts[:, 3] < 0)
    return pl.select(pl.when(~pl.Series(unknown)).then(names.texts())).to_series()


def _other_names(chance: Chance, people: People) -> pl.Series:
    """Former names of the few who changed theirs, else null."""
    rows = np.flatnonzero(chance.hits(RENAMED_SHARE, len(people)))
    former = other_given(chance, people.names.at(rows), people.female[rows]).texts()
    empty = pl.repeat(None, len(people), dtype=pl.String, eager=True).alias("other_names")
    return empty.scatter(rows, former)


def _written(name: str, precision: pl.Expr) -> pl.Expr:
    """The date as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`."""
    text = pl.col(name).dt.to_string("%Y-%m-%d")
    return text.str.slice(0, precision.replace_strict({"day": 10, "month": 7, "year": 4}, return_dtype=pl.UInt32))


def _list(*columns: str) -> pl.Expr:
    """The columns' values with `;` between, null if there are none."""
    joined = pl.concat_str(columns, separator=";", ignore_nulls=True)
    return pl.when(joined != "").then(joined)


def _gather(values: pl.Series, rows: Ints) -> pl.Series:
    """The values at the rows, null where the row is -1."""
    return values.gather(pl.Series(rows).replace(-1, None).cast(pl.UInt32))


def _codes(name: str, values: Ints, length: int) -> pl.Series:
    """Codes as text with leading zeros."""
    return pl.Series(name, values).cast(pl.String).str.zfill(length)


def _known(name: str, values: Ints) -> pl.Series:
    """The numbers, null where they are -1."""
    return pl.Series(name, values).replace(-1, None)
