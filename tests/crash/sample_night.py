"""The sample's night as a command: undisturbed or killed anywhere, and what the same command must then make of it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
RUN = "2026-11-22-1"
CAP = 700
"""Fewer than the sample has questions, so that the night ends with some waiting."""


def night(workspace: Path) -> list[str]:
    options = ["--workspace", workspace, "--inbox", SAMPLE / "inbox", "--registry", SAMPLE / "registry.csv"]
    options += ["--ask-past", "--night", RUN[:10], "--cap", str(CAP)]
    return [sys.executable, str(ROOT / "flows.py"), "nightly", *map(str, options)]


def undisturbed(workspace: Path) -> Path:
    """Without Prefect, which changes no byte and takes half of the time."""
    program = [sys.executable, "-m", "tests.whole_night", str(workspace), "2", str(CAP)]
    subprocess.run(program, cwd=ROOT, check=True, capture_output=True, timeout=300)
    return workspace


def kill(workspace: Path, moment: str, delay_s: float = 0.0) -> None:
    """Starts the night and kills it so long after something has appeared that was not there before."""
    before = set(workspace.glob(moment))
    child = subprocess.Popen(night(workspace), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while child.poll() is None and not set(workspace.glob(moment)) - before:
        time.sleep(0.002)
    time.sleep(delay_s)
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=60)


def files(workspace: Path) -> dict[str, bytes]:
    """Every file of every run but the page of its times; of the manifest all but what it says of the execution."""
    paths = [path for path in sorted(workspace.glob("runs/**/*")) if path.is_file() and path.name != "times.html"]
    held = {str(path.relative_to(workspace)): path.read_bytes() for path in paths}
    for name in [name for name in held if name.endswith("manifest.json")]:
        manifest = json.loads(held[name])
        del manifest["execution"]
        held[name] = json.dumps(manifest, sort_keys=True).encode()
    return held


def rows(database: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


def is_closed(workspace: Path) -> bool:
    """Whether the night had been handed on before the kill: then the same command makes a second run."""
    path = workspace / "work" / f"{RUN}.json"
    return path.exists() and bool(json.loads(path.read_bytes())["closed"])


QUESTIONS = "SELECT state, count(*) FROM questions GROUP BY 1 ORDER BY 1"


def check(workspace: Path, whole: Path) -> None:
    """The same command again ends the night as if nothing had happened: as the undisturbed `whole` one."""
    expected = files(whole)
    was_closed = is_closed(workspace)
    done = subprocess.run(night(workspace), capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    held = files(workspace)
    if was_closed:
        held = {name: content for name, content in held.items() if name.startswith(f"runs/{RUN}/")}
    assert sorted(held) == sorted(expected)
    assert [name for name in held if held[name] != expected[name]] == []
    state, gateway = workspace / "state.sqlite", workspace / "gateway.sqlite"
    assert rows(gateway, "SELECT accepted FROM days") == [(CAP,)]
    assert rows(state, "SELECT reserved, charged FROM quota_days") == [(CAP, CAP)]
    assert rows(state, "SELECT sum(reserved), sum(charged) FROM ledger") == [(CAP, CAP)]
    asked = rows(whole / "state.sqlite", QUESTIONS)
    assert asked[0] == ("answered", CAP)
    assert [state for state, _ in asked] == ["answered", "waiting"]
    assert rows(state, QUESTIONS) == asked
    left = [path for pattern in ("**/.*.part", "**/*.building*", "**/*.duckdb.*") for path in workspace.glob(pattern)]
    assert left == []
    assert processes_of(workspace) == []


def processes_of(workspace: Path) -> list[str]:
    """Processes that know this workspace: Prefect's server of a night has it in its environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if os.fsencode(f"{workspace}/") in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            continue
    return found
