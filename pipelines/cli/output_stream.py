"""Keeps standard output and error usable when their terminal is gone: what cannot be shown is dropped, the work goes
on.

A reader that goes away (`| head -1`), a full disk behind `>`, a stream that was closed, a session that ends and letters
that the output's encoding lacks are the terminal's affair. The exit code stays the work's own.
"""

import codecs
import contextlib
import io
import os
import select
import signal
import sys
import unicodedata
from collections.abc import Callable
from typing import Any, TextIO

PLAIN = {
    **dict.fromkeys("─━—–‐‑−╸╺╴╶·•", "-"),
    **dict.fromkeys("│┃", "|"),
    **dict.fromkeys("«»“”", '"'),
    **dict.fromkeys("‘’", "'"),
    **dict(
        zip("đĐ…✓✗×≤≥→←\xa0\u202f", ("d", "D", "...", "v", "x", "x", "<=", ">=", "->", "<-", " ", " "), strict=True)
    ),
}
"""Sign → its substitute in an encoding that lacks it; letters lose their marks, anything else becomes a question mark.
"""


def outlive_terminal() -> None:
    """Lets this process outlive its terminal: nothing that happens to it raises or ends the process.

    A stream that somebody put in the place of the system's is left as it is.
    """
    for descriptor in (0, 1, 2):
        _fill(descriptor)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _over(1, sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _over(2, sys.stderr)
    _hang_up(signal.SIG_IGN)


def end_with_terminal() -> None:
    """Lets this process end with its terminal after all (not under nohup), as a verb that only shows or serves
    should.
    """
    if not _IS_DEAF:
        _hang_up(signal.SIG_DFL)


_IS_DEAF = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
"""Whether whoever started this process said already that it shall stay."""


def _hang_up(action: signal.Handlers) -> None:
    with contextlib.suppress(ValueError):  # in another thread than the main one
        signal.signal(signal.SIGHUP, action)


def is_lost(stream: TextIO) -> bool:
    """Whether nobody reads the stream any more."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return isinstance(raw, _Patient) and raw.is_lost


def shows_any_letter(stream: TextIO) -> bool:
    """Whether the stream's encoding has every letter."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("_", "-").startswith(("utf", "cp65001"))


class _Patient(io.RawIOBase):
    """Writes to a descriptor; once that fails, to nowhere."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.is_lost = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return not self.is_lost and os.isatty(self._descriptor)

    def write(self, data: Any, /) -> int:
        while not self.is_lost:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:  # a terminal shared with a program that does not wait
                select.select([], [self._descriptor], [])
            except OSError:
                self.is_lost = True
        return len(data)


def _fill(descriptor: int) -> None:
    """A descriptor that was closed leads nowhere: else the next file that is opened would be the output."""
    try:
        os.fstat(descriptor)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != descriptor:
            os.dup2(opened, descriptor)
            os.close(opened)
        os.set_inheritable(descriptor, True)


def _over(descriptor: int, stream: TextIO | None) -> TextIO:
    encoding = (stream and stream.encoding) or "utf-8"
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    errors = f"sachsong-{encoding}"
    codecs.register_error(errors, _plainer(encoding))
    # By lines even into a pipe: who starts the gateway waits for the line with its address.
    return io.TextIOWrapper(io.BufferedWriter(_Patient(descriptor)), encoding, errors, line_buffering=True)


def _plainer(encoding: str) -> Callable[[UnicodeError], tuple[str, int]]:
    def plain(fault: UnicodeError) -> tuple[str, int]:
        if not isinstance(fault, UnicodeEncodeError):
            raise fault
        shown = "".join(_shown(sign, encoding) for sign in fault.object[fault.start : fault.end])
        return shown, fault.end

    return plain


def _shown(sign: str, encoding: str) -> str:
    """The nearest that the encoding has: a mark behind it (as cp1258 writes), one mark less, none, or `?`."""
    parts = unicodedata.normalize("NFD", sign)
    without = [
        (unicodedata.normalize("NFC", parts[:mark] + parts[mark + 1 :]), parts[mark])
        for mark in range(len(parts) - 1, 0, -1)
    ]
    for near in (*(rest + tone for rest, tone in without), *(rest for rest, _ in without)):
        if _has(near, encoding):
            return near
    bare = PLAIN.get(sign) or "".join(
        PLAIN.get(part, part) for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part)
    )
    return bare if bare and _has(bare, encoding) else "?"


def _has(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeError:
        return False
    return True
