"""A process that dies, hangs or fills the memory: the file is refused, the next one is served, none is left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.errors import UnreadableFile
from pipelines.files.workbooks.child_process import Isolated

OBEDIENT = """
    import json, os, sys, time
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "die":
            os._exit(1)
        if request["do"] == "hang":
            time.sleep(60)
        while request["do"] == "spin":
            pass
        if request["do"] == "fill":
            kept = b"x" * 200_000_000
        if request["do"] == "refuse":
            print(json.dumps({"refused": "damaged_file", "message": "hỏng"}), flush=True)
            continue
        print(json.dumps({"pid": os.getpid(), "long": "x" * request.get("long", 0)}), flush=True)
"""


@pytest.fixture
def reader() -> Iterator[Isolated]:
    program = (sys.executable, "-c", textwrap.dedent(OBEDIENT))
    isolated = Isolated(program, memory_bytes=100 * 2**20, seconds=0.5, clock_s=2)
    yield isolated
    isolated.close()


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_one_process_serves_many(reader: Isolated) -> None:
    assert reader.ask({"do": "answer"})["pid"] == reader.ask({"do": "answer"})["pid"]


def test_a_long_answer_comes_whole(reader: Isolated) -> None:
    assert len(reader.ask({"do": "answer", "long": 3_000_000})["long"]) == 3_000_000  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("do", "code", "told"),
    [
        ("die", "damaged_file", "đột ngột"),
        ("hang", "too_heavy", "giây"),
        ("spin", "too_heavy", "giây"),
        ("fill", "too_heavy", "bộ nhớ"),
    ],
)
def test_a_file_that_is_too_much_is_refused_and_the_next_is_served(
    reader: Isolated, do: str, code: str, told: str
) -> None:
    before = reader.ask({"do": "answer"})["pid"]
    started = time.monotonic()
    with pytest.raises(UnreadableFile, match=told) as refusal:
        reader.ask({"do": do})
    assert refusal.value.code == code
    assert time.monotonic() - started < 10
    assert not is_running(before)
    assert reader.ask({"do": "answer"})["pid"] != before


def test_a_refusal_does_not_end_the_process(reader: Isolated) -> None:
    before = reader.ask({"do": "answer"})["pid"]
    with pytest.raises(UnreadableFile, match="hỏng"):
        reader.ask({"do": "refuse"})
    assert reader.ask({"do": "answer"})["pid"] == before


def test_a_process_killed_between_two_files_is_replaced(reader: Isolated) -> None:
    before = reader.ask({"do": "answer"})["pid"]
    os.kill(before, signal.SIGKILL)
    time.sleep(0.1)
    assert reader.ask({"do": "answer"})["pid"] != before


@pytest.mark.parametrize("end", ["pass", "os.kill(os.getpid(), 9)"])
def test_it_ends_with_its_parent(tmp_path: Path, end: str) -> None:
    parent = textwrap.dedent(f"""
        import os, pathlib
        from pipelines.files.workbooks import child_process
        try:
            child_process.WORKBOOKS.ask({{"path": "/nowhere", "format": "xlsx", "folder": {str(tmp_path)!r}}})
        except child_process.UnreadableFile as refusal:
            pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(child_process.WORKBOOKS._process.pid))
        {end}
    """)
    subprocess.run([sys.executable, "-c", parent], check=False, timeout=60)
    child = int((tmp_path / "pid").read_text())
    for _ in range(100):
        if not is_running(child):
            break
        time.sleep(0.05)
    assert not is_running(child)
