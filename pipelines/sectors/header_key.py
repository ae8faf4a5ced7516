"""By what headers and titles are compared: their letters and figures, without marks, case and punctuation."""

import re
from functools import lru_cache

from vn import names, scripts
from vn.characters import printed


@lru_cache(maxsize=1 << 16)
def spaced(text: str) -> str:
    """Lower-case ASCII words and figures, a space between."""
    return " ".join(re.findall(r"[a-z0-9]+", names.fold(scripts.mend(printed(text)).replace("_", " "))))


def key(text: str) -> str:
    """The same without spaces."""
    return spaced(text).replace(" ", "")
