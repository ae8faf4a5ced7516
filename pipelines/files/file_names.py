"""Judges file names as people gave them: which are no data, and how to show a name that is unsafe on a screen."""

import os
import re
import stat
import tomllib
import unicodedata
from fnmatch import translate
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.errors import UnreadableFile

_HIDDEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@cache
def table() -> dict[str, Any]:
    """The content of `file_names.toml`."""
    return tomllib.loads(Path(__file__).with_name("file_names.toml").read_text(encoding="utf-8"))


def is_ignored(name: str) -> bool:
    """Whether a file or folder of this name is no data: hidden, a lock file, the system's own, our mapping."""
    return _fits(name, "ignored")


def is_partial(name: str) -> bool:
    """Whether the name says that the file has not arrived whole."""
    return _fits(name, "partial")


def readable(name: str) -> str:
    """The name as text that can be stored, shown and logged: bytes that are no UTF-8, control signs and signs that turn
    the direction of writing come out as `\\x1b`; two names never become the same by accident.
    """
    text = os.fsencode(name).decode("utf-8", errors="backslashreplace")
    return "".join(_escaped(letter) if unicodedata.category(letter) in _HIDDEN_KINDS else letter for letter in text)


def ending(name: str) -> str:
    """The file name's ending in lower case with its dot; of a gzip the ending of its content (`list.csv.gz`:
    `.csv`).
    """
    path = Path(name.lower())
    return Path(path.stem).suffix if path.suffix == ".gz" else path.suffix


def _fits(name: str, key: str) -> bool:
    return _pattern(key).match(name.lower()) is not None


@cache
def _pattern(key: str) -> re.Pattern[str]:
    """All patterns as one: an inbox may hold tens of thousands of files."""
    return re.compile("|".join(translate(pattern) for pattern in table()[key]))


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


_KINDS = (
    (stat.S_ISLNK, "liên kết (symlink)", "a link"),
    (stat.S_ISFIFO, "ống dẫn (FIFO)", "a pipe"),
    (stat.S_ISSOCK, "ổ cắm mạng (socket)", "a socket"),
)


def not_a_file(mode: int) -> UnreadableFile:
    """The refusal of a link, a pipe, a socket or a device, which `mode` (`st_mode`) tells apart."""
    kinds = ((vi, en) for is_kind, vi, en in _KINDS if is_kind(mode))
    vietnamese, english = next(kinds, ("thiết bị hoặc vật lạ", "a device or the like"))
    return UnreadableFile(
        "not_a_file",
        f"Đây là {vietnamese}, không phải tệp thường, nên không được mở; hãy chép chính tệp dữ liệu vào đây / this is "
        f"{english}, not a plain file, and was not opened: copy the data file itself here.",
    )


def partial() -> UnreadableFile:
    """The refusal of a file whose name says that it has not arrived whole."""
    return UnreadableFile(
        "partial_file",
        "Tệp tải về hoặc chép dở (theo đuôi tệp); hãy đợi chép xong hoặc gửi lại / the file has not arrived whole, as "
        "its ending says: wait or send it again.",
    )
