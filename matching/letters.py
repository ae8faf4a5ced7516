"""Tells whether two names may be near one another by their letters, without comparing them.

`keys.LETTERS` packs a name into 32 bits: which of a to z it has (bit 0 for a), and five bits of a hash of its first and
last word. A letter that is wrong, lost or added changes the set by two at most; an exchange of letters not at all.
"""

import numpy as np
import numpy.typing as npt

Letters = npt.NDArray[np.uint32]

SLIP = 2
"""Letters that only one of two names has, where one slip is all that parts them."""

_SET = np.uint32(2**26 - 1)
_ENDS = np.uint32(31 << 26)
_OTHER_NAMES = np.uint32(1 << 31)
"""Of a person who has other names too: which of them a record means is not known."""


def may_be_near(record: Letters, person: Letters) -> npt.NDArray[np.bool_]:
    """False only where the names differ by more than one slip and neither is the other without a middle name."""
    differ, common = (record ^ person) & _SET, record & person & _SET
    is_part = (common == record & _SET) | (common == person & _SET)
    one_slip = np.bitwise_count(differ) <= SLIP
    near: npt.NDArray[np.bool_] = one_slip | (is_part & ((record ^ person) & _ENDS == 0)) | (person & _OTHER_NAMES != 0)
    return near
