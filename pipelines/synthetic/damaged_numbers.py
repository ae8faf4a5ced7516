"""Writes numbers and sex wrongly as sector files do: a function for each code of `id` and `sex`.

The records hold, beside their own `person_id`: `cmnd`, `cancelled_id`, `father_id`, `mother_id`, `another_id`
(somebody else's) and `nobodys_id` (a number that nobody in the registry holds).
"""

import numpy as np
import polars as pl

from pipelines.synthetic.chance import Chance
from pipelines.synthetic.damage import Damage, choose

INSTEAD = {
    "id_cmnd": "id_missing",
    "id_of_parent": "id_of_another",
    "id_cancelled": "id_of_another",
    "id_of_another": "id_digit",
    "id_invented": "id_digit",
    "id_transposed": "id_digit",
}
FILLERS = ["000000000000", "123456789012", "111111111111", "999999999", "000000000", "không có", "chưa có", "x"]


def _digit(records: pl.DataFrame, chance: Chance) -> pl.Series:
    """One of the last six digits is another one."""
    place = pl.Series(chance.integers(6, 12, records.height))
    frame = pl.DataFrame({"id": records["person_id"], "place": place, "add": chance.integers(1, 10, records.height)})
    here = (pl.col("id").str.slice(pl.col("place"), 1).cast(pl.Int64) + pl.col("add")) % 10
    return frame.select(_with(here.cast(pl.String), 1)).to_series()


def _transposed(records: pl.DataFrame, chance: Chance) -> pl.Series:
    """Two neighbouring digits change places."""
    frame = pl.DataFrame({"id": records["person_id"], "place": chance.integers(5, 11, records.height)})
    pair = pl.col("id").str.slice(pl.col("place"), 2)
    return frame.select(_with(pair.str.slice(1, 1) + pair.str.slice(0, 1), 2)).to_series()


def _with(digits: pl.Expr, count: int) -> pl.Expr:
    """The number with `count` digits from `place` on replaced."""
    number, place = pl.col("id"), pl.col("place")
    return number.str.slice(0, place) + digits + number.str.slice(place + count)


def _letter(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["person_id"].str.replace("0", "O", literal=True)


def _zeros_lost(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["person_id"].str.strip_chars_start("0")


def _scientific(records: pl.DataFrame, chance: Chance) -> pl.Series:
    """What Excel shows of the number: `79203012345` → `7.92E+10`."""
    rounded = records["person_id"].cast(pl.Float64)
    power = rounded.log10().floor()
    mantissa = (rounded / (10.0**power) * 100).floor() / 100
    return pl.select(
        pl.format(
            "{}E+{}", mantissa.cast(pl.String).str.pad_end(4, "0"), power.cast(pl.Int64).cast(pl.String).str.zfill(2)
        )
    ).to_series()


def _spaced(records: pl.DataFrame, chance: Chance) -> pl.Series:
    mark = choose([" ", "."], chance, records.height)
    number = records["person_id"]
    parts = [number.str.slice(start, 3) for start in (0, 3, 6, 9)]
    return parts[0] + mark + parts[1] + mark + parts[2] + mark + parts[3]


def _apostrophe(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records.select(pl.lit("'") + pl.col("person_id")).to_series()


def _point_zero(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["person_id"] + ".0"


def _missing(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return pl.repeat("", records.height, dtype=pl.String, eager=True)


def _filler(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return choose(FILLERS, chance, records.height)


def _phone(records: pl.DataFrame, chance: Chance) -> pl.Series:
    prefix = choose(["090", "091", "098", "035", "070", "086"], chance, records.height)
    return prefix + pl.Series(chance.integers(0, 10_000_000, records.height)).cast(pl.String).str.zfill(7)


def _too_short(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["person_id"].str.slice(0, 10)


def _column(name: str) -> Damage:
    def damage(records: pl.DataFrame, chance: Chance) -> pl.Series:
        return records[name]

    return damage


def _parent(records: pl.DataFrame, chance: Chance) -> pl.Series:
    first = pl.Series(np.array(chance.hits(0.5, records.height)))
    father, mother = pl.col("father_id"), pl.col("mother_id")
    return records.select(
        pl.when(first).then(pl.coalesce(father, mother)).otherwise(pl.coalesce(mother, father))
    ).to_series()


def _other_sex(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["sex"].replace_strict({"Nam": "Nữ", "Nữ": "Nam"}, return_dtype=pl.String)


DAMAGES: dict[str, Damage] = {
    "id_spaced": _spaced,
    "id_apostrophe": _apostrophe,
    "id_point_zero": _point_zero,
    "id_digit": _digit,
    "id_transposed": _transposed,
    "id_zeros_lost": _zeros_lost,
    "id_letter": _letter,
    "id_missing": _missing,
    "id_cmnd": _column("cmnd"),
    "id_filler": _filler,
    "id_scientific": _scientific,
    "id_phone": _phone,
    "id_too_short": _too_short,
    "id_of_another": _column("another_id"),
    "id_of_parent": _parent,
    "id_cancelled": _column("cancelled_id"),
    "id_invented": _column("nobodys_id"),
}
SEX_DAMAGES: dict[str, Damage] = {"sex_wrong": _other_sex, "sex_missing": _missing}
