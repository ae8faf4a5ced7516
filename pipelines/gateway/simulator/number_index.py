"""Finds the holders of a number, past and present, by binary search in the registry's side files.

A batch costs the same over ten thousand people and a hundred million. In memory are the numbers, eight bytes each; the
people stay on disk if the snapshot has side files (matching/index.py), and are held too if it has none.
"""

import glob
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from matching.lookup import Lookup
from pipelines.errors import RegistryInvalid

_COLUMNS = ["full_name", "other_names", "date_of_birth", "sex", "status"]
_WHOLE = r"^[0-9]{12}$"

Take = Callable[[pl.Series], pl.DataFrame]


class NumberIndex:
    """Index of the numbers of one registry snapshot."""

    def __init__(self, snapshot: Path) -> None:
        """Errors: RegistryInvalid if the file is not as a snapshot is: sorted by person_id, each number once."""
        people = pl.scan_parquet(snapshot, glob=False)
        own = people.select(pl.col("person_id").cast(pl.Int64, strict=False)).collect()["person_id"]
        self._now = own.fill_null(-1).to_numpy()
        if own.null_count() or not (self._now[1:] > self._now[:-1]).all():
            raise RegistryInvalid("not_sorted", f"«{snapshot.name}» không xếp theo person_id / is not sorted by it.")
        # Read while the night's questions are taken in: of ten million people that takes seconds.
        beside = ThreadPoolExecutor(1)
        self._earlier = beside.submit(_earlier_numbers, people)
        beside.shutdown(wait=False)
        self._take = _from(snapshot)

    def find(self, numbers: pl.Series) -> pl.DataFrame:
        """The holders of these numbers.

        Shape: a row for each of `numbers`, in their order: `persons` (0: nobody; several: an old number of them all),
        `is_old` (they have another number now), and of the one holder `held_name`, `held_others`, `held_birth`,
        `held_sex`, `held_status`; all null if there is none, or several.
        """
        wanted = numbers.str.extract(f"({_WHOLE})").cast(pl.Int64).fill_null(-1).to_numpy()
        place, persons, is_old = self._places(wanted)
        is_one = persons == 1
        places, of_asked = np.unique(place[is_one], return_inverse=True)
        held = self._take(pl.Series(places)).drop("p")
        row = np.full(len(wanted), held.height)
        row[is_one] = of_asked
        return pl.concat([held, held.clear(1)])[row].hstack(pl.DataFrame({"persons": persons, "is_old": is_old}))

    def _places(
        self, wanted: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        at = np.searchsorted(self._now, wanted)
        is_now = at < len(self._now)
        is_now[is_now] = self._now[at[is_now]] == wanted[is_now]
        numbers, places = self._earlier.result()
        first, last = (np.searchsorted(numbers, wanted, side=side) for side in ("left", "right"))
        is_old = ~is_now & (last > first)
        place = np.where(is_now, at, -1)
        place[is_old] = places[first[is_old]]
        return place, np.where(is_now, 1, last - first), is_old


def _earlier_numbers(people: pl.LazyFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The numbers that people had before, sorted, and the place of each one's holder."""
    found = (
        people.select(pl.col("old_ids").alias("number"))
        .with_row_index("p")
        .explode("number")
        .filter(pl.col("number").str.contains(_WHOLE))
        .select(pl.col("number", "p").cast(pl.Int64))
        .unique()
        .sort("number", "p")
        .collect()
    )
    return found["number"].to_numpy(), found["p"].to_numpy()


def _from(snapshot: Path) -> Take:
    """How people are read by their places in the snapshot, which are sorted and none of them twice."""
    names = ["held_name", "held_others", "held_birth", "held_sex", "held_status"]
    renamed = dict(zip(_COLUMNS, names, strict=True))
    folders = sorted(snapshot.parent.glob(f"{glob.escape(snapshot.stem)}.*.index"))
    if folders:
        lookup = Lookup(folders[0])
        return lambda places: lookup.take(places, _COLUMNS).rename(renamed)
    people = pl.read_parquet(snapshot, columns=_COLUMNS, glob=False).rename(renamed)
    return lambda places: people[places].insert_column(0, places.cast(pl.Int64).alias("p"))
