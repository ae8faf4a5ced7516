"""Reads a snapshot's side files (matching/index.py): the people with given key values, and their columns."""

import json
import threading
from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow

from matching.index import DESCRIBED, LETTERS, PEOPLE, RARITY
from matching.keys import PLACE_BITS
from matching.letters import Letters
from matching.term_frequency import COLUMNS, PREFIX

Numbers = npt.NDArray[np.uint64]

_ONE_HEAD = threading.Lock()
_PLACE, _PLACE_BITS = np.uint64(2**PLACE_BITS - 1), np.uint64(PLACE_BITS)
_ROWS_A_MAPPING = 2**12
"""Rows that are read of one mapping of the people's file, each of them some pages."""
_LIST_BITS = 64 - 31 - PLACE_BITS
"""Bits beside a packed pair, whose record's number has 31."""


class Found(NamedTuple):
    """The people with the records' values of one key, and the values that too many people share."""

    pairs: Numbers
    """Packed pairs in no order, one perhaps twice: the record in the high bits, the person's row in the low ones."""
    dropped: Numbers
    """Values of the records that more than `cap` people share, each once."""
    values: int
    """Distinct values that were looked up."""


class Lookup:
    """The side files in one folder, mapped into memory: only the parts that are looked up are read from disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._starts = np.array(json.loads((folder / DESCRIBED).read_bytes())["starts"], dtype=np.int64)

    @property
    def people(self) -> int:
        """Number of people in the snapshot."""
        return int(self._starts[-1])

    def entries(self, key: str) -> Numbers:
        """All values of a key with their people, sorted."""
        path = self._folder / f"{key}.npy"
        # An empty file cannot be mapped.
        return _mapped(path) if self.people else np.empty(0, np.uint64)

    def find(self, key: str, r: pl.Series, value: pl.Series, cap: int | None = None) -> Found:
        """The people with the records' values; none for a value that more than `cap` people share.

        Shape of `r` and `value`: one entry a record and value, as `keys.select` gives them.
        """
        order = np.argsort(value.to_numpy())
        # By value, so that the people are read in the order in which they lie.
        sorted_values = value.to_numpy()[order]
        starts = np.flatnonzero(np.append(True, sorted_values[1:] != sorted_values[:-1])[: len(order)])
        distinct = sorted_values[starts]
        entries = self.entries(key)
        first, shared = _span(entries, distinct)
        kept = np.ones(len(distinct), dtype=bool) if cap is None else shared <= cap
        times = np.diff(starts, append=len(order))
        each = np.repeat(np.where(kept, shared, 0), times)
        # Counts on from `first` at each record's first entry.
        at = np.arange(each.sum()) + np.repeat(np.repeat(first, times) - (each.cumsum() - each), each)
        record = r.to_numpy()[order].astype(np.uint64) << _PLACE_BITS
        return Found(np.repeat(record, each) | (entries[at] & _PLACE), distinct[~kept], len(distinct))

    def count(self, key: str, value: Numbers) -> npt.NDArray[np.int64]:
        """Number of people with each of the values."""
        return _span(self.entries(key), value)[1]

    def has(self, key: str, value: Numbers, place: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Whether each of these people has the value beside it."""
        entries, wanted = self.entries(key), value | place.astype(np.uint64)
        at = np.searchsorted(entries, wanted)
        there: npt.NDArray[np.bool_] = at < len(entries)
        there[there] = entries[at[there]] == wanted[there]
        return there

    def take(self, places: pl.Series, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of the given people, `p` first; all columns of matching/index.py if none are named.

        Shape: a row for each of `places`, which are sorted.
        """
        wanted = places.to_numpy()
        edges = np.searchsorted(wanted, self._starts)
        numbers = [number for number in range(len(self._starts) - 1) if edges[number] < edges[number + 1]]
        parts = list[pyarrow.RecordBatch]()
        # What was read of a mapping counts as this process's memory until it is closed: each is for so many rows.
        for _, several in groupby(numbers, lambda number: edges[number] // _ROWS_A_MAPPING):
            with pyarrow.memory_map(str(self._folder / PEOPLE)) as mapped:
                file = pyarrow.ipc.open_file(mapped)
                for number in several:
                    rows = wanted[slice(*edges[number : number + 2])] - self._starts[number]
                    batch = file.get_batch(number)
                    parts.append(batch.select(columns or batch.schema.names).take(pl.Series(rows).to_arrow()))
        found = pl.from_arrow(pyarrow.Table.from_batches(parts, None if parts else self._schema(columns)))
        assert isinstance(found, pl.DataFrame)
        return found.insert_column(0, places.cast(pl.Int64).alias("p"))

    def _schema(self, columns: Sequence[str] | None) -> pyarrow.Schema:
        with pyarrow.memory_map(str(self._folder / PEOPLE)) as mapped:
            whole = pyarrow.ipc.open_file(mapped).schema
        return pyarrow.schema([whole.field(name) for name in columns or whole.names])

    def rarity(self, places: pl.Series) -> pl.DataFrame:
        """Term frequencies of these persons' values: the columns of matching/term_frequency.py.

        Shape: a row for each of `places`; sorted ones are read a part of the file at a time.
        """
        wanted = places.to_numpy()
        edges = np.searchsorted(wanted, self._starts) if len(wanted) else np.empty(0, np.int64)
        found = np.empty((len(COLUMNS), len(wanted)), np.int16)
        for first, end in pairwise(edges):
            if first < end:
                found[:, first:end] = _mapped(self._folder / RARITY)[wanted[first:end]].T
        return pl.DataFrame({f"{PREFIX}{name}": column for name, column in zip(COLUMNS, found, strict=True)})

    def letters(self, places: npt.NDArray[np.int64]) -> Letters:
        """The letters of these persons' names (`matching.letters`), in the order of `places`."""
        whole = _mapped(self._folder / LETTERS) if self.people else np.empty(0, np.uint32)
        found: Letters = whole[places]
        return found


def _mapped(path: Path) -> npt.NDArray[Any]:
    """The numbers of a file, mapped into memory.

    One thread at a time: NumPy reads a file's head by Python's parser, which in 3.11 fails now and then where two
    threads are in it («AST constructor recursion depth mismatch»).
    """
    with _ONE_HEAD:
        return np.load(path, mmap_mode="r")  # type: ignore[no-any-return]


def _span(entries: Numbers, value: Numbers) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where each value's entries begin, and how many there are."""
    behind = value + (_PLACE + np.uint64(1))
    # Both ends of a value in turn: the second is read where the first has been.
    first, end = np.searchsorted(entries, np.stack([value, behind], axis=1).ravel()).reshape(-1, 2).T
    return first, np.where(behind == 0, len(entries), end) - first  # behind the largest value comes no number


def split(pairs: Numbers) -> pl.DataFrame:
    """`r` and `p` of packed pairs."""
    return pl.DataFrame({"r": (pairs >> _PLACE_BITS).astype(np.int32), "p": (pairs & _PLACE).astype(np.int64)})


def join(pairs: pl.DataFrame) -> Numbers:
    """`r` and `p` packed into one number each, which sorts by both."""
    r, p = (pairs[name].to_numpy().astype(np.uint64) for name in ("r", "p"))
    return (r << _PLACE_BITS) | p


def records(pairs: Numbers) -> npt.NDArray[np.int64]:
    """The record of each packed pair."""
    return (pairs >> _PLACE_BITS).astype(np.int64)


def persons(pairs: Numbers) -> npt.NDArray[np.int64]:
    """The person's place of each packed pair."""
    return (pairs & _PLACE).astype(np.int64)


def together(found: Sequence[Numbers]) -> tuple[Numbers, npt.NDArray[np.uint32]]:
    """The packed pairs in any of the lists, sorted, each once; and of each, bit n for the n-th list that has it.

    Errors: ValueError if there are more lists than bits beside a packed pair.
    """
    if len(found) > 1 << _LIST_BITS:
        raise ValueError(f"{len(found)} lists of pairs, at most {1 << _LIST_BITS}")
    marked = np.concatenate([(pairs << np.uint64(_LIST_BITS)) | np.uint64(n) for n, pairs in enumerate(found)])
    marked.sort()
    pairs, list_bit = marked >> np.uint64(_LIST_BITS), (marked & np.uint64((1 << _LIST_BITS) - 1)).astype(np.uint32)
    starts = np.flatnonzero(np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)])
    if not len(starts):
        return pairs, list_bit
    return pairs[starts], np.bitwise_or.reduceat(np.uint32(1) << list_bit, starts)
