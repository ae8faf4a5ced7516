"""Tells whether two names may be near one another by their letters, without comparing them.

A name is packed into 32 bits: which of a to z it has (bit 0 for a), and five bits of a hash of its first and last word.
A letter that is wrong, lost or added changes the set by two at most; an exchange of letters not at all.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

Letters = npt.NDArray[np.uint32]

SLIP = 2
"""Letters that only one of two names has, where one slip is all that parts them."""

OTHER_NAMES = np.uint32(1 << 31)
"""The letters of a person who has other names too: which of them a record means is not known."""

_SET = np.uint32(2**26 - 1)
_ENDS = np.uint32(31 << 26)
_SEED = 17

_OF_BYTE = np.zeros(256, np.uint32)
_OF_BYTE[ord("a") : ord("z") + 1] = 1 << np.arange(26, dtype=np.uint32)


def letters_of(names: pl.Series) -> Letters:
    """The packed letters of each folded name; 0 for none."""
    # A space behind each: reduceat takes no part that is empty.
    text = pl.select(names.fill_null("") + " ").to_series().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, buffer = text.buffers()
    at = np.frombuffer(offsets, np.int64, len(text) + 1, text.offset * 8)
    letters = (
        np.bitwise_or.reduceat(_OF_BYTE[np.frombuffer(buffer, np.uint8, at[-1])], at[:-1]) if len(text) else at[:0]
    )
    words = names.str.split(" ")
    ends = pl.DataFrame({"first": words.list.first(), "last": words.list.last()}).hash_rows(_SEED) & 31
    packed: Letters = letters.astype(np.uint32) | (ends.to_numpy().astype(np.uint32) << np.uint32(26))
    packed[names.is_null().to_numpy()] = 0
    return packed


def letters_apart(one: Letters, other: Letters) -> npt.NDArray[np.uint8]:
    """How many letters only one of the two names has: a slip between them makes two at most."""
    found: npt.NDArray[np.uint8] = np.bitwise_count((one ^ other) & _SET)
    return found


def may_be_near(record: Letters, person: Letters) -> npt.NDArray[np.bool_]:
    """False only where the names differ by more than one slip and neither is the other without a middle name."""
    common = record & person & _SET
    is_part = (common == record & _SET) | (common == person & _SET)
    one_slip = letters_apart(record, person) <= SLIP
    near: npt.NDArray[np.bool_] = one_slip | (is_part & ((record ^ person) & _ENDS == 0)) | (person & OTHER_NAMES != 0)
    return near
