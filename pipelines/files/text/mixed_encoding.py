"""Decodes text in which cells of UTF-8 stand beside cells of an 8-bit code page.

Each stretch between two delimiters or line ends is judged alone: what is valid UTF-8 stays, all else is text of the
code page. windows-1252 loses nothing: the five bytes that it leaves undefined stay control characters, so that
a cell's bytes can be had back and its font repaired.
"""

import codecs
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

_EDGES = b",;\t|\r\n"
_TONES = bytes([0xCC, 0xD2, 0xDE, 0xEC, 0xF2])
"""The combining marks of windows-1258."""
_VOWELS = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY".encode("cp1258")
_PLACED_ENOUGH = 0.98


class Evidence:
    """Signs of the code page in the bytes that are no UTF-8."""

    def __init__(self) -> None:
        self.lines = 0
        """How many lines have such bytes."""
        self.utf8 = False
        """Whether letters beyond ASCII stand in valid UTF-8 as well."""
        self._tones = self._placed = 0
        self._in_line = False

    def add(self, block: bytes) -> None:
        """Counts one more block, cut between stretches."""
        view = np.frombuffer(block, dtype=np.uint8)
        foreign = _foreign(view)
        self.utf8 = self.utf8 or int((view >= 0x80).sum()) > int(foreign.sum())
        line_of = np.cumsum((view == 10) | (view == 13), dtype=np.int32)
        found = np.unique(line_of[foreign])
        self.lines += len(found) - int(self._in_line and 0 in found)
        # A block may end within a line, which is counted once.
        self._in_line = line_of[-1] in found or bool(self._in_line and not line_of[-1])
        tones = np.isin(view, np.frombuffer(_TONES, np.uint8)) & foreign
        before = np.isin(np.append(np.uint8(10), view[:-1]), np.frombuffer(_VOWELS, np.uint8))
        self._tones += int(tones.sum())
        self._placed += int((tones & before).sum())

    def code_page(self) -> str:
        """windows-1258 when its combining marks stand where Vietnamese has them, else windows-1252."""
        placed = self._tones and self._placed >= _PLACED_ENOUGH * self._tones
        return "windows-1258" if placed else "windows-1252"


def last_edge(data: bytes, start: int) -> int:
    """Offset behind the last byte from `start` on that ends a stretch; 0 if there is none."""
    return max(data.rfind(bytes([edge]), start) for edge in _EDGES) + 1


def recoded(block: bytes, page: str) -> bytes:
    """A block of the code page as UTF-8, composed."""
    text = codecs.charmap_decode(block, "strict", _letters(page))[0]
    return _composed(text, page).encode("utf-8")


def mended(block: bytes, page: str) -> bytes:
    """A mixed block, cut between stretches, as UTF-8."""
    view = np.frombuffer(block, dtype=np.uint8)
    foreign = _foreign(view)
    if not foreign.any():
        return block
    letters, lengths = _utf8_of(page)
    sizes = np.where(foreign, lengths[view], 1)
    ends = np.cumsum(sizes)
    out = np.empty(int(ends[-1]), dtype=np.uint8)
    starts = ends - sizes
    out[starts] = np.where(foreign, letters[view, 0], view)
    for more in (1, 2):
        longer = foreign & (lengths[view] > more)
        out[starts[longer] + more] = letters[view[longer], more]
    return _composed(out.tobytes().decode("utf-8"), page).encode("utf-8")


def _foreign(view: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which bytes beyond ASCII stand in a stretch that is no valid UTF-8."""
    high = np.flatnonzero(view >= 0x80)
    valid = _valid(view, high)
    stretch = np.cumsum(_is_edge()[view], dtype=np.int32)[high]
    torn = np.zeros(int(stretch[-1]) + 1 if len(stretch) else 1, dtype=bool)
    torn[stretch[~valid[high]]] = True
    foreign = np.zeros(len(view), dtype=bool)
    foreign[high] = torn[stretch]
    return foreign


def _valid(view: npt.NDArray[np.uint8], high: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which of the bytes beyond ASCII belong to a letter of well-formed UTF-8 (Unicode 15, table 3-7)."""
    padded = np.append(view, np.zeros(3, np.uint8))
    follows = (padded >= 0x80) & (padded <= 0xBF)
    valid = np.zeros(len(view) + 3, dtype=bool)
    for first, last, low, highest, length in _LETTER_FORMS:
        leads = high[(view[high] >= first) & (view[high] <= last)]
        leads = leads[(padded[leads + 1] >= low) & (padded[leads + 1] <= highest)]
        for more in range(2, length):
            leads = leads[follows[leads + more]]
        for each in range(length):
            valid[leads + each] = True
    return valid[: len(view)]


_LETTER_FORMS = (
    (0xC2, 0xDF, 0x80, 0xBF, 2),
    (0xE0, 0xE0, 0xA0, 0xBF, 3),
    (0xE1, 0xEC, 0x80, 0xBF, 3),
    (0xED, 0xED, 0x80, 0x9F, 3),
    (0xEE, 0xEF, 0x80, 0xBF, 3),
    (0xF0, 0xF0, 0x90, 0xBF, 4),
    (0xF1, 0xF3, 0x80, 0xBF, 4),
    (0xF4, 0xF4, 0x80, 0x8F, 4),
)
"""First byte from, to; second byte from, to; bytes in all."""


def _composed(text: str, page: str) -> str:
    # windows-1258 writes a letter and its tone apart.
    return unicodedata.normalize("NFC", text) if page == "windows-1258" else text


@cache
def _is_edge() -> npt.NDArray[np.bool_]:
    return np.isin(np.arange(256), list(_EDGES))


@cache
def _letters(page: str) -> str:
    """The letter of each of the 256 bytes; a byte that the page leaves undefined is its own control character."""
    return "".join(bytes([byte]).decode(page, errors="ignore") or chr(byte) for byte in range(256))


@cache
def _utf8_of(page: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    written = [letter.encode("utf-8") for letter in _letters(page)]
    letters = np.array([list(each.ljust(3, b"\0")) for each in written], dtype=np.uint8)
    return letters, np.array([len(each) for each in written], dtype=np.int64)
