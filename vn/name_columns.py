"""Standardises whole columns of names, with the results of `vn.name_parse.parse`.

A name of plain words is what its words say one by one, and each distinct word is read once; the scalar is asked about
the distinct names that are left.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow

from vn.cells import numbered, over_distinct
from vn.name_parse import is_beyond_repair, parse
from vn.name_words import Word, fold, read_word

_SCHEMA: Final = {
    "full_name": pl.String,
    "name_key": pl.String,
    "name_note": pl.String,
    "name_repairs": pl.String,
}
_PLAIN_CODES: Final = ("unicode", "eth", "spacing", "case", "tone_placement")
"""What can be mended in a name of plain words, in the order of CODES."""
_SPACING: Final = _PLAIN_CODES.index("spacing")
_REPAIRS: Final = pl.Series(
    [
        ",".join(code for at, code in enumerate(_PLAIN_CODES) if chosen >> at & 1)
        for chosen in range(1 << len(_PLAIN_CODES))
    ],
    dtype=pl.String,
)
"""The codes joined, by the number that has a bit for each."""

_JOINING: Final = frozenset({"va", "cung"})
"""Two names may stand around such a word."""
_JOINED: Final = rf" ({'|'.join(sorted(_JOINING))}) "

_COUNT_BITS: Final = 8
"""The words of a name that need each repair, and of the kinds below, are counted side by side in one number."""

_UNKNOWN, _NOT_PLAIN, _JOINS = (1 << _COUNT_BITS * at for at in range(len(_PLAIN_CODES), len(_PLAIN_CODES) + 3))
_MOST_WORDS: Final = (1 << _COUNT_BITS) - 1

_SURELY_UNICODE: Final = r"^[\x00-\x7f]*$|[^\x00-\xff]"
"""A name of Vietnamese letters was typed in Unicode if all are ASCII's, or one is in no old encoding."""


def standardise(names: pl.Series) -> pl.DataFrame:
    """Names as `full_name, name_key, name_note, name_repairs`.

    Shape: one row per name, same order. `name_key` is null where `full_name` is; `name_repairs` is `""`
    where nothing was mended.
    """
    raw = names.cast(pl.String)
    by_words, is_plain = _by_words(raw)
    at = (~is_plain).arg_true()
    if at.is_empty():
        return by_words
    whole = over_distinct(raw.gather(at), _row, _SCHEMA)
    return pl.DataFrame([by_words[name].scatter(at, whole[name]) for name in _SCHEMA])


# A long column comes in slices, which hold the same damaged and foreign names.
@lru_cache(maxsize=1 << 16)
def _row(text: str | None) -> tuple[str | None, str | None, str | None, str]:
    parsed = parse(text)
    return parsed.full_name, _key(parsed.full_name), parsed.note, ",".join(parsed.repairs)


def _key(name: str | None) -> str | None:
    """`fold` of the name: the same words come again and again."""
    return None if name is None else " ".join(filter(None, map(_folded, name.split(" "))))


_folded = lru_cache(maxsize=1 << 17)(fold)


class _Words(NamedTuple):
    """The words of a column of names, one after the other; `""` where a name has none."""

    distinct: Sequence[str]
    of: pl.Series
    """The place of each in `distinct`."""
    starts: npt.NDArray[np.int64]
    """Where each name's words begin, and where the last one's end."""

    def summed(self, numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """The sum, for each name, of its words' numbers, which are given by distinct word."""
        each = numbers[self.of.to_numpy()]
        return np.add.reduceat(each, self.starts[:-1]) if len(each) else each

    def joined(self, texts: Sequence[str]) -> pl.Series:
        """The texts of each name's words with spaces between; they are given by distinct word."""
        each = pl.Series(texts, dtype=pl.String).gather(self.of).to_arrow(compat_level=pl.CompatLevel.oldest())
        lists = pyarrow.LargeListArray.from_arrays(pl.Series(self.starts).to_arrow(), each)
        return pl.Series(lists).list.join(" ")


def _by_words(names: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """The columns of `standardise` as each name's words say one by one, and for which names this is all."""
    raw = names.fill_null("")
    trimmed = _single_spaced(raw)
    words = _words(trimmed)
    read = [read_word(word) for word in words.distinct]
    counts = words.summed(np.array(list(map(_counts, words.distinct, read)), dtype=np.uint64))
    key = words.joined([word.key for word in read])
    mended = (counts & np.uint64(_UNKNOWN - 1) != 0).nonzero()[0]
    others = _words(trimmed.gather(mended))
    texts = others.joined([read_word(word).text for word in others.distinct])
    opens = np.array([word.opens for word in read], dtype=bool)[words.of.to_numpy()[words.starts[:-1]]]
    is_plain = (np.diff(words.starts) <= _MOST_WORDS) & ~opens & _settled(counts, trimmed, key)
    table = {
        "full_name": trimmed.clone().scatter(mended, texts),
        "name_key": key,
        "name_note": pl.repeat(None, len(raw), dtype=pl.String, eager=True),
        "name_repairs": _repairs(counts, (raw != trimmed).to_numpy()),
    }
    return pl.DataFrame(table), pl.Series(is_plain)


def _single_spaced(names: pl.Series) -> pl.Series:
    trimmed = names.str.strip_chars(" ")
    wide = trimmed.str.contains("  ", literal=True).arg_true()
    return trimmed.scatter(wide, trimmed.gather(wide).str.replace_all(" {2,}", " "))


def _words(names: pl.Series) -> _Words:
    parts = names.str.split(" ")
    distinct, of = numbered(parts.explode())
    return _Words(distinct.to_list(), of, np.append(0, np.cumsum(parts.list.len().to_numpy(), dtype=np.int64)))


def _counts(raw: str, word: Word) -> int:
    joins = 0 if _JOINING.isdisjoint(word.key.split()) else _JOINS
    if word.opens_note:
        return _NOT_PLAIN | joins
    if not word.is_certain:
        return (_UNKNOWN if is_beyond_repair(raw) else _NOT_PLAIN) | joins
    return sum(1 << (_COUNT_BITS * _PLAIN_CODES.index(code)) for code in word.repairs) | joins


def _settled(counts: npt.NDArray[np.uint64], names: pl.Series, keys: pl.Series) -> npt.NDArray[np.bool_]:
    """Whether the words' own repairs are all that the names need."""
    settled: npt.NDArray[np.bool_] = counts & np.uint64(_JOINS - 1) < _NOT_PLAIN
    unknown = (settled & (counts & np.uint64(_JOINS - 1) >= _UNKNOWN)).nonzero()[0]
    settled[unknown] = names.gather(unknown).str.contains(_SURELY_UNICODE).to_numpy()
    joining = (settled & (counts >= _JOINS)).nonzero()[0]
    settled[joining] = ~keys.gather(joining).str.contains(_JOINED).to_numpy()
    return settled


def _repairs(counts: npt.NDArray[np.uint64], is_spaced: npt.NDArray[np.bool_]) -> pl.Series:
    """The comma-joined codes of the repairs that were counted."""
    number = is_spaced.astype(np.uint32) << np.uint32(_SPACING)
    for at in range(len(_PLAIN_CODES)):
        needed = counts >> np.uint64(_COUNT_BITS * at) & np.uint64(_MOST_WORDS) > 0
        number |= needed.astype(np.uint32) << np.uint32(at)
    return _REPAIRS.gather(pl.Series(number))
