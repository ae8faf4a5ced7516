"""What solves a hidden count: all that published tables of two nights say, solved as a linear programme."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from random import Random

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from pipelines.report.small_counts import HIDDEN, Range, Shown

Place = tuple[str, ...]
Counts = Mapping[Place, tuple[int, int]]
"""Commune (sector, province, commune) → its records, those that need work."""
TABLES = tuple(product((0, 1), (0, 1)))
"""A night and what is counted."""


def as_rounded(shown: Shown, hidden_counts: int) -> Range:
    """What a reader takes a figure for who knows of `*` and rounding only."""
    if shown.text == "0":
        return Range(0, 0)
    if shown.text == HIDDEN:
        return Range(1, 12 if hidden_counts >= 4 else 7)
    return Range(max(int(shown.text) - 2, 8), int(shown.text) + 2)


def nights(chance: Random) -> tuple[Counts, Counts]:
    """Counts of two nights with many at the ends of what their figures may stand for; most stay as they were."""
    likely = chance.choice([(0, 1, 1, 1, 8), (7, 7, 0, 12), (1, 7, 8, 12, 17), (12, 13, 3), tuple(range(30))])
    first: dict[Place, tuple[int, int]] = {}
    for sector, province in product("ab", "pqr"):
        for commune in range(chance.randint(1, 8)):
            records = chance.choice(likely)
            first[sector, province, str(commune)] = records, chance.choice([0, 1, records, chance.randint(0, records)])
    later = {}
    for place, (records, needs_work) in first.items():
        more = chance.choice([0, 0, 0, 1, 2])
        later[place] = records + more, min(records + more, max(0, needs_work + chance.choice([0, 0, 1, -1])))
    return {place: (r, min(r, n)) for place, (r, n) in first.items()}, later


def given_away(
    places: Sequence[Place],
    hidden: Sequence[int],
    cells: Sequence[Range],
    totals: Sequence[tuple[Sequence[int], Range]],
    chance: Random,
) -> list[int] | None:
    """The hidden cells that have one value only; None if no counts fit all figures.

    A cell is numbered by TABLES × places. The reader knows that records only grow and that no more need work.
    """
    size = len(places)
    # The columns of a row of the matrix, their signs, and what they add up to at most.
    rows: list[tuple[Sequence[int], Sequence[int], int]] = []
    for columns, allowed in totals:
        rows += [(columns, [1] * len(columns), allowed.high), (columns, [-1] * len(columns), -allowed.low)]
    for at in range(size):
        records, needs_work, records_later, needs_work_later = (table * size + at for table in range(4))
        rows += [((needs_work, records), (1, -1), 0), ((needs_work_later, records_later), (1, -1), 0)]
        rows += [((records, records_later), (1, -1), 0)]
    lines = np.repeat(np.arange(len(rows)), [len(columns) for columns, _, _ in rows])
    columns = np.concatenate([np.asarray(each) for each, _, _ in rows])
    signs = np.concatenate([np.asarray(each) for _, each, _ in rows])
    matrix = csr_matrix((signs, (lines, columns)), shape=(len(rows), 4 * size))
    limits = np.array([limit for _, _, limit in rows])

    def corner(objective: np.ndarray) -> np.ndarray | None:
        found = linprog(objective, A_ub=matrix, b_ub=limits, bounds=cells, method="highs")
        return found.x if found.status == 0 else None

    least, most = np.full(4 * size, np.inf), np.full(4 * size, -np.inf)
    open_cells = list(hidden)
    for objective in _objectives(4 * size, open_cells, chance):
        point = corner(objective)
        if point is None:
            return None
        least, most = np.minimum(least, point), np.maximum(most, point)
        open_cells[:] = [each for each in open_cells if np.floor(most[each] + 1e-6) - np.ceil(least[each] - 1e-6) < 1]
    return open_cells


def _objectives(size: int, open_cells: list[int], chance: Random) -> Iterator[np.ndarray]:
    """Some at random settle most cells; then each cell that is still open, downwards and upwards."""
    for _ in range(4):
        objective = np.array([chance.choice([-1.0, 1.0]) for _ in range(size)])
        yield objective
        yield -objective
    for cell in list(open_cells):
        for sign in (1.0, -1.0):
            if cell in open_cells:
                yield sign * np.eye(1, size, cell)[0]
