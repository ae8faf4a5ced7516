"""`sachsong queue status | cap | pause | resume | work | explain` as an officer types them."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import Settings
from pipelines.night import hops, runs
from pipelines.registry import load
from tests.pipelines.nights import LIST, REGISTRY
from tests.pipelines.terminal import Sachsong

NIGHT = "2026-11-22"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night with one question, which the cap of 0 left waiting."""
    folder = tmp_path_factory.mktemp("queue")
    settings = Settings(workspace=folder, night=date.fromisoformat(NIGHT), daily_cap=0, threads=1, asks=True)
    (settings.inbox_directory / "insurance").mkdir(parents=True)
    (settings.inbox_directory / "insurance" / "a.csv").write_text(LIST, encoding="utf-8")
    (folder / "r.csv").write_text(REGISTRY, encoding="utf-8")
    load.load(settings, folder / "r.csv")
    run = runs.open_run(settings)
    for hop in hops.HOPS:
        hops.run_hop(run, hop)
    return folder


Queue = Callable[..., tuple[int, Any]]


@pytest.fixture
def queue(sachsong: Sachsong) -> Queue:
    """Types a verb of `sachsong queue` about a workspace: the exit code, and the JSON or the message."""

    def called(workspace: Path, *words: str) -> tuple[int, Any]:
        code, out, err = sachsong("queue", *words, "--workspace", workspace, "--json")
        return code, json.loads(out) if out else err

    return called


def test_from_a_waiting_question_to_its_answer(workspace: Path, queue: Queue) -> None:
    import polars as pl

    code, told = queue(workspace, "status", "--night", NIGHT)
    assert (code, told["states"]["waiting"], told["last_turn"]["stopped_by"]) == (0, 1, "cap")
    record = pl.read_parquet(workspace / "runs" / f"{NIGHT}-1" / "verifications.parquet")["record_id"][0]
    code, told = queue(workspace, "explain", record, "--night", NIGHT)
    assert (code, told["state"], told["place"], told["comes_today"]) == (0, "waiting", 1, False)
    assert told["value"] == told["likely"] + told["urgent"] + told["unblocks"]
    who = ("--by", "Lan", "--reason", "bảo trì")
    assert queue(workspace, "cap", "5", *who, "--night", NIGHT)[1]["detail"] == {"cap": 5}
    assert queue(workspace, "pause", *who)[0] == 0
    assert queue(workspace, "work")[1]["stopped_by"] == "paused"
    assert queue(workspace, "resume", *who)[0] == 0
    ended = queue(workspace, "work")[1]
    assert (ended["stopped_by"], ended["settled"]) == ("empty", 1)
    assert queue(workspace, "explain", record)[1]["state"] == "answered"


BAD = [
    (("explain", "nobody"), "asks nothing about this record"),
    (("work", "--opens", "07:00"), "both hours"),
    (("work", "--opens", "22:00", "--closes", "07:00"), "both hours"),
    (("pause", "--by", " ", "--reason", "x"), "who orders"),
]


@pytest.mark.parametrize(("arguments", "told"), BAD)
def test_bad_usage_says_the_remedy(workspace: Path, queue: Queue, arguments: tuple[str, ...], told: str) -> None:
    code, message = queue(workspace, *arguments)
    assert (code, told in message) == (2, True)


def test_no_workspace(tmp_path: Path, queue: Queue) -> None:
    code, message = queue(tmp_path / "none", "pause", "--by", "Lan", "--reason", "x")
    assert (code, "no such workspace" in message) == (2, True)
    assert not (tmp_path / "none").exists()
