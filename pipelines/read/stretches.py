"""Text in which cells of UTF-8 stand beside cells of an 8-bit code page.

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
    """What the bytes that are no UTF-8 say about their code page."""

    def __init__(self) -> None:
        self.lines = 0
        """How many lines have such bytes."""
        self.utf8 = False
        """Whether letters beyond ASCII stand in valid UTF-8 as well."""
        self._tones = self._placed = 0

    def add(self, block: bytes) -> None:
        """Count one more block, cut between stretches."""
        view = np.frombuffer(block, dtype=np.uint8)
        foreign = _foreign(block)
        high = view >= 0x80
        self.utf8 = self.utf8 or bool((high & ~foreign).any())
        line_of = np.cumsum(view == 10)
        self.lines += len(np.unique(line_of[foreign]))
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
    foreign = _foreign(block) & (view >= 0x80)
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


def _foreign(block: bytes) -> npt.NDArray[np.bool_]:
    """Which bytes stand in a stretch that is no valid UTF-8."""
    text = block.decode("utf-8", errors="surrogateescape")
    code = np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), dtype="<u4")
    wrong = (code >= 0xDC80) & (code <= 0xDCFF)
    edge = _is_edge()[np.minimum(code, 127)]
    stretch = np.cumsum(edge)
    torn = np.zeros(int(stretch[-1]) + 1, dtype=bool) if len(stretch) else np.zeros(1, dtype=bool)
    torn[stretch[wrong]] = True
    size = np.where(wrong, 1, 1 + (code >= 0x80) + (code >= 0x800) + (code >= 0x10000))
    return np.repeat(torn[stretch] & ~edge, size)


def _composed(text: str, page: str) -> str:
    # windows-1258 writes a letter and its tone apart.
    return unicodedata.normalize("NFC", text) if page == "windows-1258" else text


@cache
def _is_edge() -> npt.NDArray[np.bool_]:
    return np.isin(np.arange(128), list(_EDGES))


@cache
def _letters(page: str) -> str:
    """The letter of each of the 256 bytes; a byte that the page leaves undefined is its own control character."""
    return "".join(bytes([byte]).decode(page, errors="ignore") or chr(byte) for byte in range(256))


@cache
def _utf8_of(page: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    written = [letter.encode("utf-8") for letter in _letters(page)]
    letters = np.array([list(each.ljust(3, b"\0")) for each in written], dtype=np.uint8)
    return letters, np.array([len(each) for each in written], dtype=np.int64)
