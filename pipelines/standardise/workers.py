"""Standardises slices of rows in processes side by side: odd names and dates are read by Python, which uses one
processor a process.
"""

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.config import Settings
from pipelines.sectors import schema
from pipelines.standardise.core_rows import core_rows

WORTH_ROWS = 100_000
"""Fewer rows of a night are standardised here: a process of its own takes a second to begin."""
_COMMAND = (sys.executable, "-P", "-m", "pipelines.standardise.worker_process")

Slice = tuple[str, pl.DataFrame]
"""A sector's name and some of its rows."""


def in_order(settings: Settings, slices: Iterable[Slice], rows: int, scratch: Path) -> Iterator[Slice]:
    """The standardised slices, in the order of the slices of text; a few are held at a time.

    `rows` is their number in all; `scratch` a folder that is removed afterwards.
    """
    if rows < WORTH_ROWS or settings.threads < 2:
        sectors = schema.of_settings(settings)
        for name, text in slices:
            yield name, core_rows(text, sectors[name], settings.night)
        return
    with _Workers(settings, scratch) as workers:
        ahead: deque[tuple[str, Future[pl.DataFrame]]] = deque()
        for name, text in slices:
            ahead.append((name, workers.submit(name, text)))
            if len(ahead) > settings.threads:
                yield _first(ahead)
        while ahead:
            yield _first(ahead)


def _first(ahead: deque[tuple[str, Future[pl.DataFrame]]]) -> Slice:
    name, found = ahead.popleft()
    return name, found.result()


@dataclass
class _Workers:
    """As many processes as the night may use, a thread waiting for each."""

    settings: Settings
    scratch: Path
    _asked: int = field(default=0, init=False)
    _own: threading.local = field(default_factory=threading.local, init=False)
    _processes: list["subprocess.Popen[str]"] = field(default_factory=list, init=False)

    def __enter__(self) -> "_Workers":
        self._pool = ThreadPoolExecutor(self.settings.threads)
        return self

    def __exit__(self, *_: object) -> None:
        # One that is waited for no longer ends with its input.
        for process in self._processes:
            process.kill()
        self._pool.shutdown(cancel_futures=True)
        for process in self._processes:
            process.communicate()

    def submit(self, name: str, text: pl.DataFrame) -> Future[pl.DataFrame]:
        """The slice once it is standardised."""
        self._asked += 1
        path = self.scratch / f"{self._asked}.arrow"
        text.write_ipc(path)
        return self._pool.submit(self._ask, name, path)

    def _ask(self, name: str, path: Path) -> pl.DataFrame:
        process = self._process()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps({"sector": name, "path": str(path)}) + "\n")
            process.stdin.flush()
            is_done = bool(process.stdout.readline())
        except BrokenPipeError:
            is_done = False
        if not is_done:
            # Done here, or the reason why not is told, as where no process is started.
            sector = schema.of_settings(self.settings)[name]
            return core_rows(pl.scan_ipc(path, glob=False).collect(), sector, self.settings.night)
        found = pl.scan_ipc(path, glob=False).collect()
        path.unlink()
        return found

    def _process(self) -> "subprocess.Popen[str]":
        if getattr(self._own, "process", None) is None:
            process = subprocess.Popen(
                (*_COMMAND, self.settings.model_dump_json()),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                # Side by side already: threads of theirs would only wait for one another.
                env=os.environ | {"POLARS_MAX_THREADS": "1"},
            )
            self._own.process = process
            self._processes.append(process)
        process_of_thread: subprocess.Popen[str] = self._own.process
        return process_of_thread
