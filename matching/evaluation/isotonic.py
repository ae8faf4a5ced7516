"""Fits a calibration: the share that was right at each stated probability, never falling."""

import numpy as np
import polars as pl

LEAST = 200
"""Fewest proposals that a point stands on: its share is then known within two or three points."""

Points = tuple[tuple[float, float], ...]


def fit(judged: pl.DataFrame) -> Points:
    """Points of a calibration (`weights.json`) from proposals whose truth is known; (0, 0) and (1, 1) if there are few.

    Shape of `judged`: `probability` (the posterior itself, not calibrated), `right`; at least one row.
    Source: Ayer et al. (1955), pool adjacent violators; Zadrozny & Elkan (2002) for probabilities.
    """
    # In order of what was stated; at one stated value no order among right and wrong means anything.
    ranked = judged.group_by("probability").agg(records=pl.len(), right=pl.col("right").sum()).sort("probability")
    stated, records, right = (
        ranked[name].to_numpy().astype(np.float64) for name in ("probability", "records", "right")
    )
    blocks: list[tuple[float, float, float]] = []
    for value, of, hits in zip((stated * records).tolist(), records.tolist(), right.tolist(), strict=True):
        blocks.append((value, of, hits))
        while len(blocks) > 1 and _must_join(blocks[-2], blocks[-1]):
            later = blocks.pop()
            blocks[-1] = (blocks[-1][0] + later[0], blocks[-1][1] + later[1], blocks[-1][2] + later[2])
    inner = [(round(value / of, 6), round(hits / of, 6)) for value, of, hits in blocks if of >= LEAST]
    kept: list[tuple[float, float]] = [(0.0, 0.0)]
    for point in inner:
        if kept[-1][0] < point[0] < 1 and kept[-1][1] < point[1] < 1:
            kept.append(point)
    return (*kept, (1.0, 1.0))


def _must_join(earlier: tuple[float, float, float], later: tuple[float, float, float]) -> bool:
    """Whether two neighbours are one block: the earlier one is too small, or the share falls between them."""
    return earlier[1] < LEAST or earlier[2] / earlier[1] >= later[2] / later[1]
