"""Normalises a header for comparison: ASCII letters and digits, no case."""

import re
from functools import lru_cache

from vn import names, scripts
from vn.characters import printed


@lru_cache(maxsize=1 << 16)
def spaced(text: str) -> str:
    """The header's words in lower-case ASCII letters and digits, single-spaced."""
    return " ".join(re.findall(r"[a-z0-9]+", names.fold(scripts.mend(printed(text)).replace("_", " "))))


def key(text: str) -> str:
    """The header's lower-case ASCII letters and digits without spaces."""
    return spaced(text).replace(" ", "")
