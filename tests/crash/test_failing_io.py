"""The k-th open, write or sync of the state database fails, for k = 1, 2, … until none does; disk full; locked.

SQLite writes in C, so the failures are made there (failing_io.c, by LD_PRELOAD).
"""

import errno
import itertools
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.crash import books, forge, shim
from tests.crash.forge import Forge
from tests.crash.job import Job
from tests.crash.shim import OPEN, SYNC, WRITE, Failure

DAY, CAP, QUESTIONS = "2026-11-22", 12, 14
KINDS = {"open": OPEN, "write": WRITE, "sync": SYNC}
TYPED = {"Transient", "Terminal"}


@pytest.fixture(scope="module")
def smithy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    if shim.COMPILER is None:
        pytest.skip("gcc is not installed")
    with forge.opened(shim.build(tmp_path_factory.mktemp("shim"))) as opened:
        yield opened


def job(folder: Path, fails: Failure | None = None) -> Job:
    return Job(folder=folder, day=DAY, cap=CAP, questions=QUESTIONS, fails=fails, busy_timeout_s=1)


def resume(smithy: Forge, folder: Path) -> None:
    """The same again, on a disk that works: as if nothing had happened."""
    again = smithy.run(job(folder))
    assert again.said["ended"] == "cap", again.said
    assert books.broken(folder, CAP, QUESTIONS, at_rest=True) == []
    assert books.charged(folder) == {DAY: CAP}
    assert books.states(folder) == {"answered": CAP, "waiting": QUESTIONS - CAP}


def fail_each(smithy: Forge, place: Path, kind: str, error: int, *, for_good: bool, step: int = 1) -> int:
    """How many nights it took until none of the operations failed, each in a night of its own; some were told."""
    errors = 0
    for k in itertools.count(1, step):
        folder = place / str(k)
        folder.mkdir()
        failure = Failure(path=str(folder), kinds=KINDS[kind], nth=k, error=error, for_good=for_good)
        worker = smithy.run(job(folder, failure))
        said = worker.said
        assert said.get("error", "Transient") in TYPED, said
        errors += "error" in said
        assert books.broken(folder, CAP, QUESTIONS) == [], (k, said)
        resume(smithy, folder)
        shutil.rmtree(folder)
        if not said["failed"]:
            assert errors
            return k
    raise AssertionError


FAILURES = [
    # kind, errno, from then on
    ("open", errno.EIO, False),
    ("open", errno.EMFILE, True),
    ("write", errno.EIO, False),
    ("write", errno.ENOSPC, True),
    ("sync", errno.EIO, False),
    ("sync", errno.EIO, True),
]
IDS = [f"{kind}-{errno.errorcode[error]}-{'for_good' if stays else 'once'}" for kind, error, stays in FAILURES]


@pytest.mark.long
@pytest.mark.parametrize(("kind", "error", "for_good"), FAILURES, ids=IDS)
def test_each_operation_fails(smithy: Forge, tmp_path: Path, kind: str, error: int, for_good: bool) -> None:
    assert fail_each(smithy, tmp_path, kind, error, for_good=for_good) >= 4


@pytest.mark.parametrize(("kind", "error", "for_good"), FAILURES, ids=IDS)
def test_some_operations_fail(smithy: Forge, tmp_path: Path, kind: str, error: int, for_good: bool) -> None:
    """Every so many-th of them, so that the default run stays short."""
    step = {"open": 3, "write": 37, "sync": 9}[kind]
    assert fail_each(smithy, tmp_path, kind, error, for_good=for_good, step=step) > step


def test_the_disk_is_full_and_then_it_is_not(smithy: Forge, tmp_path: Path) -> None:
    """A file may grow no further (RLIMIT_FSIZE): stopped with a word, all kept, resumed."""
    smithy.run(job(tmp_path).model_copy(update={"questions": 0}))
    size = max(path.stat().st_size for path in tmp_path.iterdir())
    for more in range(0, 120_000, 17_000):
        worker = smithy.run(job(tmp_path).model_copy(update={"largest_file": size + more}))
        assert worker.said.get("error", "Transient") in TYPED, worker.said
        assert books.broken(tmp_path, CAP, QUESTIONS) == []
    resume(smithy, tmp_path)


def test_a_small_file_system_is_full(smithy: Forge, tmp_path: Path) -> None:
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(tmp_path)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        worker = smithy.run(job(tmp_path))
        assert worker.said["error"] == "Transient", worker.said
        assert "full" in worker.said["message"] or "disk" in worker.said["message"]
        assert books.broken(tmp_path, CAP, QUESTIONS) == []
        subprocess.run(["mount", "-o", "remount,size=64m", str(tmp_path)], check=True)
        resume(smithy, tmp_path)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_another_process_locks_the_database(smithy: Forge, tmp_path: Path) -> None:
    """For longer than a worker waits: it says so, and nothing is lost. For less: it goes on."""
    smithy.run(job(tmp_path).model_copy(update={"kill_step": "answered"}))
    with closing(sqlite3.connect(tmp_path / "state.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        locked_out = smithy.run(job(tmp_path))
        assert locked_out.said["error"] == "Transient"
        assert "locked" in locked_out.said["message"]
        waiting = smithy.start(job(tmp_path).model_copy(update={"busy_timeout_s": 30}))
        waiting.hear_step("opened")
        other.execute("COMMIT")
        assert waiting.end() == 0
    resume(smithy, tmp_path)
