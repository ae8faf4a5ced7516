"""Learns from humans how errors divide among their kinds: m of the levels that contradict a person.

Humans are asked about doubtful records, which are no sample: how many values are wrong cannot be learned from them and
is estimated each night (matching/train.py). Of the wrong ones it can be counted how they are wrong.
"""

from typing import NamedTuple

import polars as pl

from matching.model import Comparison, Model
from matching.train import STATED_RECORDS

M = dict[str, dict[str, dict[str, float]]]


class Learned(NamedTuple):
    """The shares that the confirmed pairs move, and by how much."""

    m: M
    changes: pl.DataFrame
    """One row a level that moves: `field, kind, level, counted, before, after`, in the order of the tables."""


def learn(pairs: pl.DataFrame, model: Model) -> Learned:
    """m with each kind's wrong values divided as stated and as confirmed, the stated division counting as 100 pairs.

    Shape of `pairs`: level and kind numbers (`kind_<field>`) of pairs that humans confirmed.
    """
    m: M = {}
    rows = []
    for field in model.comparison:
        m[field.field] = {}
        for number, kind in enumerate(field.kinds()):
            seen = pairs.filter(pl.col(f"kind_{field.field}") == number)[field.field]
            stated = model.weights.m[field.field][kind]
            m[field.field][kind], moved = _divided(field, stated, seen)
            rows += [(field.field, kind, *row) for row in moved]
    names = ("field", "kind", "level", "counted", "before", "after")
    types = [pl.String] * 3 + [pl.Int64] + [pl.Float64] * 2
    return Learned(m, pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row"))


def _divided(
    field: Comparison, stated: dict[str, float], seen: pl.Series
) -> tuple[dict[str, float], list[tuple[str, int, float, float]]]:
    """The kind's shares anew, and (level, counted, before, after) of those that move."""
    wrong = [level.label for level in field.level if level.grade != "missing" and not level.faithful]
    counted = {label: int((seen == field.number(label)).sum()) for label in wrong}
    total, confirmed = sum(stated[label] for label in wrong), sum(counted.values())
    if not confirmed:
        return dict(stated), []
    after = {
        label: round((STATED_RECORDS * stated[label] + counted[label] * total) / (STATED_RECORDS + confirmed), 6)
        for label in wrong
    }
    moved = [(label, counted[label], stated[label], share) for label, share in after.items() if share != stated[label]]
    return {**stated, **{label: max(share, 1e-6) for label, share in after.items()}}, moved
