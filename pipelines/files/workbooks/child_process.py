"""Runs one child process for work that hostile files may crash, hang or fill: watched, and replaced when it fails."""

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.errors import UnreadableFile

_POLL_S = 0.02
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_RETIRED_BYTES = 300 * 2**20
"""A process that holds as much after its answer would have that much less room for the next file."""


@dataclass
class Isolated:
    """A child process that is started at the first request; several threads may ask, one is answered at a time."""

    # -P: else a `polars.py` in the folder in which the night was started would be run as the library.
    command: Sequence[str] = (sys.executable, "-P", "-m", "pipelines.files.workbooks.child")
    memory_bytes: int = 2**30
    seconds: float = 100
    """Limit of processor time: a busy machine should refuse no file that a quiet one reads."""
    clock_s: float = 118
    """Limit of waiting by the clock: nobody waits two minutes for one file, whatever else the machine does."""
    _process: "subprocess.Popen[bytes] | None" = None
    _owner: int = 0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, request: dict[str, str]) -> dict[str, Any]:
        """The child process's answer to a request.

        Errors: UnreadableFile if the answer is a refusal, if the process ends without one, or takes more time or
        memory than it may: it is then killed, and the next question goes to a new one.
        """
        with self._turn:
            process = self._running()
            try:
                answer = self._answer(process, request)
            except BaseException:
                self._end()
                raise
            if _memory_bytes(process.pid) > _RETIRED_BYTES:
                self._end()
        if "refused" in answer:
            raise UnreadableFile(answer["refused"], answer["message"])
        return answer

    def close(self) -> None:
        """Ends the child process, if one runs."""
        with self._turn:
            self._end()

    def _running(self) -> "subprocess.Popen[bytes]":
        # A fork has its parent's process in its memory, which is not its own to ask.
        if self._process is None or self._process.poll() is not None or self._owner != os.getpid():
            self._process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
            self._owner = os.getpid()
        return self._process

    def _answer(self, process: "subprocess.Popen[bytes]", request: dict[str, str]) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        until, busy_until = time.monotonic() + self.clock_s, _busy_s(process.pid) + self.seconds
        pieces = bytearray()
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
        except BrokenPipeError as fault:
            raise _crashed() from fault
        while not pieces.endswith(b"\n"):
            if select.select([process.stdout], [], [], _POLL_S)[0]:
                block = os.read(process.stdout.fileno(), 2**16)
                if not block:
                    raise _crashed()
                pieces += block
            if time.monotonic() > until or _busy_s(process.pid) > busy_until:
                raise _too_heavy(f"{self.seconds:.0f} giây", f"{self.seconds:.0f} s")
            if _memory_bytes(process.pid) > self.memory_bytes:
                size = f"{self.memory_bytes / 2**30:.1f} GB"
                raise _too_heavy(f"{size} bộ nhớ", f"{size} of memory")
        answer: dict[str, Any] = json.loads(pieces)
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _memory_bytes(pid: int) -> int:
    """What the process holds in memory now; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError):
        return 0


def _busy_s(pid: int) -> float:
    """Processor time that the process has used; 0 if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND
    except (OSError, IndexError):
        return 0


def _too_heavy(limit: str, english: str) -> UnreadableFile:
    return UnreadableFile(
        "too_heavy",
        f"Đọc bảng tính cần hơn {limit}; hãy chia thành nhiều tệp hoặc lưu thành CSV / reading the workbook takes more "
        f"than {english}: split the file, or save it as CSV.",
    )


def _crashed() -> UnreadableFile:
    return UnreadableFile(
        "damaged_file",
        "Trình đọc bảng tính dừng đột ngột vì tệp này; hãy mở bằng Excel, lưu lại rồi nạp lại / the workbook made its "
        "reader crash: open it in Excel, save it and load it again.",
    )


WORKBOOKS = Isolated()
"""The child process that opens workbooks."""

atexit.register(WORKBOOKS.close)
