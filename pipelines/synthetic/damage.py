"""Plants errors in one column: a function for each code, on its rows only."""

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from pipelines.synthetic.chance import Chance

Damage = Callable[[pl.DataFrame, Chance], pl.Series]
"""A function from records to the damaged texts. Null or the unchanged text says that the error does not fit the record;
`""` is a missing cell.
"""


def plant(
    records: pl.DataFrame,
    right: pl.Series,
    wanted: pl.Series,
    damages: Mapping[str, Damage],
    instead: Mapping[str, str],
    label: tuple[int, ...],
) -> tuple[pl.Series, pl.Series]:
    """The column with its errors, and the code that was really planted in each record (null for none).

    `right` is the column without errors, `wanted` the code planned for each record, `instead` the code to use where
    one has no effect, `label` the seed and numbers that make the draws this file's own.
    Shape: as `records`. A missing cell is null.
    """
    text, planted = right, pl.repeat(None, len(right), dtype=pl.String, eager=True)
    for turn in range(3):
        if wanted.null_count() == len(wanted):
            break
        text, done = _round(records, text, wanted, damages, (*label, turn))
        planted = pl.select(pl.when(done).then(wanted).otherwise(planted)).to_series()
        left = pl.select(pl.when(~done).then(wanted)).to_series()
        wanted = left.replace_strict(dict(instead), default=None, return_dtype=pl.String)
    return text.replace("", None), planted


def _round(
    records: pl.DataFrame, text: pl.Series, wanted: pl.Series, damages: Mapping[str, Damage], label: tuple[int, ...]
) -> tuple[pl.Series, pl.Series]:
    """The column after each code was tried on its rows, and where it had an effect."""
    done = np.zeros(len(text), dtype=bool)
    for code, damage in damages.items():
        rows = (wanted == code).fill_null(False).arg_true()
        if rows.is_empty():
            continue
        damaged = damage(records[rows], Chance(label[0], *label[1:], code))
        took = (damaged.is_not_null() & (damaged != text.gather(rows)).fill_null(True)).to_numpy()
        text = text.scatter(rows.filter(pl.Series(took)), damaged.filter(pl.Series(took)))
        done[rows.to_numpy()[took]] = True
    return text, pl.Series(done)


def choose(values: list[str], chance: Chance, size: int) -> pl.Series:
    """One of the texts for each row, all equally often."""
    return pl.Series(values, dtype=pl.String).gather(chance.integers(0, len(values), size))
