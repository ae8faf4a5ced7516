"""Computes posteriors of weighed pairs under other habits, without weighing them again.

Other habits change m, the prior and the numbers of relatives; never u. So a pair's weight changes by what its levels
and kinds say, and only that is added: a round of training costs a hundredth of a weighing.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from matching.model import Model
from matching.score import log_m, prior_bits, relative_prior

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.uint32]


def posteriors(
    weighed: pl.DataFrame, cells: dict[str, Numbers], stated: Model, tonight: Model, people: int
) -> dict[str, Floats]:
    """The probabilities under `tonight` of pairs that were weighed under `stated`: of the person (`""`), of each
    relative.

    Each record's pairs (`r`) stand together; `cells`: field → the pairs' cells (`score.cell`).
    """
    weight = weighed["weight"].to_numpy() + (prior_bits(tonight, people) - prior_bits(stated, people))
    for field in stated.comparison:
        weight += (log_m(field, tonight) - log_m(field, stated)).to_numpy()[cells[field.field]]
    bits = {
        name: weighed[f"bits_as_{name}"].to_numpy()
        + (relative_prior(tonight, name, people) - relative_prior(stated, name, people))
        for name in stated.weights.relatives
    }
    shares = _shares(np.array([weight, *bits.values()]), weighed["r"].to_numpy())
    return dict(zip(("", *bits), shares, strict=True))


def _shares(bits: Floats, r: npt.NDArray[np.int32]) -> Floats:
    """The probability of each hypothesis (row) of each pair (column), beside the record's others and nobody."""
    is_first = np.append(True, r[1:] != r[:-1])[: len(r)]
    if not len(r):
        return bits
    starts, record = np.flatnonzero(is_first), np.cumsum(is_first) - 1
    top = np.maximum(np.maximum.reduceat(bits.max(axis=0), starts), 0.0)
    likely = np.exp2(bits - top[record])
    total = np.add.reduceat(likely.sum(axis=0), starts) + np.exp2(-top)
    shares: Floats = likely / total[record]
    return shares
