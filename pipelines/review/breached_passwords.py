"""Knows the long passwords that are in lists of leaked ones (`breached_passwords.bin`), without holding any of them.

The file holds a part of each one's digest: a leaked password often is somebody's name, address or telephone number.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BITS = 30
"""Bits that are kept of a digest: of passwords in no list one in some 3,200 is taken for one that is."""


def is_breached(password: str) -> bool:
    """Whether the password, whatever its capital letters, is in the lists."""
    known, mine = _known(), _digest(password)
    at = int(np.searchsorted(known, mine))
    return at < len(known) and int(known[at]) == mine


def packed(passwords: Iterable[str]) -> bytes:
    """The file of these passwords: the differences of their sorted digests, 16 bits each, the lowest byte first.

    Errors: ValueError where a difference needs more, which a quarter of a million passwords and more rule out.
    """
    digests = np.array(sorted({_digest(each) for each in passwords}), dtype=np.int64)
    steps = np.diff(digests, prepend=0)
    if steps.max(initial=0) > np.iinfo(np.uint16).max:
        raise ValueError("too few passwords: a step between digests needs more than 16 bits")
    return steps.astype("<u2").tobytes()


def unpacked(content: bytes) -> NDArray[np.int64]:
    """The sorted digests of such a file."""
    return np.cumsum(np.frombuffer(content, dtype="<u2"), dtype=np.int64)


@cache
def _known() -> NDArray[np.int64]:
    return unpacked(Path(__file__).with_suffix(".bin").read_bytes())


def _digest(password: str) -> int:
    digest = hashlib.sha256(password.casefold().encode()).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - BITS)
