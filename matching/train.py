"""Estimates habits from tonight's records: how often each field is wrong, and how many people are in no registry.

How errors divide among their kinds is a matter of the language and of clerks, and stands in weights.json. How many
there are differs from file to file, so it is estimated from the records, whose people nobody has told (EM): each round
asks how probable each candidate is under the weights so far, and counts with these probabilities. u is not estimated:
it is counted in the registry.
Source: Dempster, Laird & Rubin (1977); for linkage Winkler (1988); here over whole candidate sets, not single pairs.
"""

import math

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict

from matching.model import Comparison, Model
from matching.reweigh import Floats, Numbers, posteriors
from matching.score import add_bits, cell

ROUNDS = 8
STATED_RECORDS = 100
"""Weight of the stated rates as a number of records: few records teach little."""
STEPS_PER_BIT = 2
"""Steps per bit of odds in which estimates are kept: a record more or less seldom changes anything for the others."""
_MILLION = 1_000_000
WIDEST = 4.0
"""Largest habit in bits of odds: a file without one wrong mother's name says that few are wrong, not that none can be.
"""
LEAST_RELATIVES = 1 / 8
"""Lowest number of relatives, as a share of the stated one: a file without twins says little of the next one."""


class Habits(BaseModel):
    """A file's error rates, as bits of odds by which they differ from those that weights.json states."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    errors: dict[str, dict[str, float]]
    """Field → kind of the record's value → bits for values that contradict the person's."""
    inside: float
    """Bits for a record's person being in the registry."""
    relatives: dict[str, float]
    """Kind of relative → bits for such a relative being in no registry (bits of number, not of odds)."""


def habits(pairs: pl.DataFrame, records: int, model: Model, people: int) -> Habits:
    """The habits of these records, in steps of half a bit.

    Shape of `pairs`: the candidate pairs of `records` records, with `settled` (the pair agrees in all four fields),
    level and kind numbers and rarities.
    """
    found = Habits(
        errors={field.field: dict.fromkeys(field.kinds(), 0.0) for field in model.comparison},
        inside=0.0,
        relatives=dict.fromkeys(model.weights.relatives, 0.0),
    )
    sure = _cells(pairs.filter("settled"), model)
    unsure = add_bits(pairs.filter(~pl.col("settled")), model, people)
    cells = _cells(unsure, model)
    for _ in range(ROUNDS if records else 0):
        found = _counted(model, posteriors(unsure, cells, model, adapted(model, found), people), cells, sure, records)
    return Habits(
        errors={
            field: {kind: _step(max(-WIDEST, min(bits, WIDEST))) for kind, bits in kinds.items()}
            for field, kinds in found.errors.items()
        },
        inside=_step(found.inside),
        relatives={name: _step(bits) for name, bits in found.relatives.items()},
    )


def adapted(model: Model, tonight: Habits) -> Model:
    """The model with its m and priors adapted to these habits."""
    prior = 1 / (1 + 2 ** -(_logit(model.weights.prior.in_registry) + tonight.inside))
    weights = model.weights.model_copy(
        update={
            "m": {field.field: _shifted(field, model, tonight.errors[field.field]) for field in model.comparison},
            "prior": model.weights.prior.model_copy(update={"in_registry": min(max(prior, 0.01), 0.9999)}),
            "relatives": {
                name: relative.model_copy(update={"each": relative.each * 2 ** tonight.relatives[name]})
                for name, relative in model.weights.relatives.items()
            },
        }
    )
    return model.model_copy(update={"weights": weights})


def _cells(pairs: pl.DataFrame, model: Model) -> dict[str, Numbers]:
    """Field → where each pair stands in the field's table of kinds and levels."""
    return {field.field: pairs.select(cell(field)).to_series().to_numpy() for field in model.comparison}


def _counted(
    model: Model, beliefs: dict[str, Floats], cells: dict[str, Numbers], sure: dict[str, Numbers], records: int
) -> Habits:
    # In whole millionths: sums of fractions would differ with the order in which they are added.
    whole = {name: np.rint(belief * _MILLION) for name, belief in beliefs.items()}
    seen = {
        field.field: _tally(field, cells[field.field], whole[""]) + _tally(field, sure[field.field])
        for field in model.comparison
    }
    found = float(whole[""].sum()) / _MILLION + len(next(iter(sure.values())))
    outside = max(records - found, 0.0)
    stated = model.weights.prior.in_registry
    inside = (found + stated * STATED_RECORDS) / (records + STATED_RECORDS)
    counts = {name: float(whole[name].sum()) / _MILLION for name in model.weights.relatives}
    return Habits(
        errors={field.field: _odds(field, model, seen[field.field]) for field in model.comparison},
        inside=_logit(min(inside, 0.9999)) - _logit(stated),
        relatives={
            name: math.log2(max(
                (counts[name] / relative.each + STATED_RECORDS) / (outside + STATED_RECORDS), LEAST_RELATIVES
            ))
            for name, relative in model.weights.relatives.items()
        },
    )  # fmt: skip


def _tally(field: Comparison, cells: Numbers, millionths: Floats | None = None) -> Floats:
    """How many pairs are of each kind (row) and level (column); each counts as one unless told otherwise."""
    shape = (len(field.kinds()), len(field.level))
    counted = np.bincount(cells, millionths, shape[0] * shape[1]).reshape(shape)
    return counted / (1 if millionths is None else _MILLION)


def _odds(field: Comparison, model: Model, seen: Floats) -> dict[str, float]:
    """Kind of value → bits by which the odds of a wrong one are higher than stated."""
    known = np.delete(seen, field.numbers("missing"), axis=1)
    faithful = seen[:, _faithful(field)]
    found = {}
    for kind, of_kind, right in zip(field.kinds(), known, faithful, strict=True):
        stated, total = _wrong(field, model, kind), float(of_kind.sum())
        wrong = total - float(right.sum())
        found[kind] = _logit((wrong + stated * STATED_RECORDS) / (total + STATED_RECORDS)) - _logit(stated)
    return found


def _shifted(field: Comparison, model: Model, odds: dict[str, float]) -> dict[str, dict[str, float]]:
    """m of the field with the odds of a wrong value so many bits higher."""
    faithful = {field.level[number].label for number in _faithful(field)}
    found = {}
    for kind, shares in model.weights.m[field.field].items():
        was = _wrong(field, model, kind)
        now = 1 / (1 + 2 ** -(_logit(was) + odds[kind]))
        scale = {True: (1 - now) / (1 - was), False: now / was}
        found[kind] = {label: min(1.0, max(1e-6, share * scale[label in faithful])) for label, share in shares.items()}
    return found


def _wrong(field: Comparison, model: Model, kind: str) -> float:
    """Stated share of true pairs with such a value that contradict the person."""
    shares = model.weights.m[field.field][kind]
    return min(0.999, max(0.001, 1 - sum(shares.get(field.level[number].label, 0.0) for number in _faithful(field))))


def _faithful(field: Comparison) -> list[int]:
    return [number for number, level in enumerate(field.level) if level.faithful]


def _logit(share: float) -> float:
    return math.log2(share / (1 - share))


def _step(bits: float) -> float:
    return round(bits * STEPS_PER_BIT) / STEPS_PER_BIT
