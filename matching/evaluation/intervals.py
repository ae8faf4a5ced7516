"""Computes confidence intervals of counted shares."""

import math

import polars as pl

_Z = 1.959964
"""Normal quantile of a 95 % interval."""

Share = dict[str, float | int | None]


def wilson(right: int, total: int) -> Share:
    """A share with its 95 % Wilson interval: `share, low, high, right, of`; null where there is nothing to count.

    Source: Wilson (1927), Probable inference, JASA 22:209.
    """
    if total == 0:
        return {"share": None, "low": None, "high": None, "right": 0, "of": 0}
    share, square = right / total, _Z**2 / total
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return {
        "share": round(share, 6),
        "low": 0.0 if right == 0 else round(low, 6),
        "high": 1.0 if right == total else round(high, 6),
        "right": right,
        "of": total,
    }


def wilson_columns(right: pl.Expr, total: pl.Expr) -> dict[str, pl.Expr]:
    """Columns `share, low, high` as `wilson` gives them, of columns of counts; null where there is nothing to count."""
    of = pl.when(total > 0).then(total.cast(pl.Float64))
    share, square = right / of, _Z**2 / of
    middle = (share + square / 2) / (1 + square)
    half = _Z * (share * (1 - share) / of + square / (4 * of)).sqrt() / (1 + square)
    low = pl.when(right == 0).then(of * 0).otherwise((middle - half).clip(0, 1).round(6))
    high = pl.when(right == total).then(of * 0 + 1).otherwise((middle + half).clip(0, 1).round(6))
    return {"share": share.round(6), "low": low, "high": high}
