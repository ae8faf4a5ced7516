"""Bounds how near two folded names can be by the letters that they are made of, without comparing them.

A slip changes the counts of two letters by one, a letter added or taken away that of one, another order of the words
none. So names whose letters differ by more cannot be near, and most strangers' names do.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

_CLASSES = ("a", "c", "e", "g", "h", "iy", "l", "m", "n", "o", "t", "u", "br", "dkp", "fjqsvwxz")
"""Letters that are counted together, so that the counts fit into 16 bytes; all other characters make one more."""
_MOST = 255
"""Longest text whose counts fit into a byte each."""


def _weights() -> npt.NDArray[np.uint64]:
    """What each byte of a text adds to either half of its counts; bytes that continue a character add nothing."""
    counts = np.zeros((256, 16), np.uint8)
    counts[:, -1] = 1
    counts[0x80:0xC0, -1] = 0
    for number, letters in enumerate(_CLASSES):
        for letter in letters:
            counts[ord(letter)] = 0
            counts[ord(letter), number] = 1
    return np.ascontiguousarray(counts.view(np.uint64).T)


_OF_BYTE = _weights()


def letters_between(one: pl.Series, other: pl.Series) -> npt.NDArray[np.uint16]:
    """How many letters at least one text must lose and gain to have those of the other; 0 for very long ones.

    Shape: an entry a row; both texts are there. A substitution counts as two letters.
    """
    (ours, is_long), (theirs, is_longer) = _counts(one), _counts(other)
    apart: npt.NDArray[np.uint16] = (np.maximum(ours, theirs) - np.minimum(ours, theirs)).sum(axis=1, dtype=np.uint16)
    apart[is_long | is_longer] = 0
    return apart


def _counts(texts: pl.Series) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """The counts of each text's letters, 16 a row, and whether it is too long for them."""
    # A space behind each: reduceat takes no part that is empty.
    text = pl.select(texts + " ").to_series().to_arrow(compat_level=pl.CompatLevel.oldest())
    if not len(text):
        return np.empty((0, 16), np.uint8), np.empty(0, bool)
    _, offsets, buffer = text.buffers()
    at = np.frombuffer(offsets, np.int64, len(text) + 1, text.offset * 8)
    letters = np.frombuffer(buffer, np.uint8, at[-1])
    # A half at a time: numbers that lie side by side are added faster than rows of two.
    halves = [np.add.reduceat(of_byte[letters], at[:-1]) for of_byte in _OF_BYTE]
    return np.stack(halves, axis=1).view(np.uint8), np.diff(at) > _MOST
