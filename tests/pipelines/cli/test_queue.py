"""`sachsong queue status | cap | pause | resume | work | explain` as an officer types them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines import cli
from pipelines.config import Settings
from pipelines.night import hops, runs
from pipelines.registry import load
from tests.pipelines.nights import LIST, REGISTRY

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


def queue(capsys: pytest.CaptureFixture[str], workspace: Path, *arguments: str) -> tuple[int, Any]:
    """The exit code, and the JSON or the message."""
    with pytest.raises(SystemExit) as end:
        cli.main(["queue", *arguments, "--workspace", str(workspace), "--json"])
    told = capsys.readouterr()
    return int(end.value.code or 0), json.loads(told.out) if told.out else told.err


def test_from_a_waiting_question_to_its_answer(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import polars as pl

    code, told = queue(capsys, workspace, "status", "--night", NIGHT)
    assert (code, told["states"]["waiting"], told["last_turn"]["stopped_by"]) == (0, 1, "cap")
    record = pl.read_parquet(workspace / "runs" / f"{NIGHT}-1" / "verifications.parquet")["record_id"][0]
    code, told = queue(capsys, workspace, "explain", record, "--night", NIGHT)
    assert (code, told["state"], told["place"], told["comes_today"]) == (0, "waiting", 1, False)
    assert told["value"] == told["likely"] + told["urgent"] + told["unblocks"]
    who = ("--by", "Lan", "--reason", "bảo trì")
    assert queue(capsys, workspace, "cap", "5", *who, "--night", NIGHT)[1]["detail"] == {"cap": 5}
    assert queue(capsys, workspace, "pause", *who)[0] == 0
    assert queue(capsys, workspace, "work")[1]["stopped_by"] == "paused"
    assert queue(capsys, workspace, "resume", *who)[0] == 0
    ended = queue(capsys, workspace, "work")[1]
    assert (ended["stopped_by"], ended["settled"]) == ("empty", 1)
    assert queue(capsys, workspace, "explain", record)[1]["state"] == "answered"


BAD = [
    (("explain", "nobody"), "asks nothing about this record"),
    (("work", "--opens", "07:00"), "both hours"),
    (("work", "--opens", "22:00", "--closes", "07:00"), "both hours"),
    (("pause", "--by", " ", "--reason", "x"), "who orders"),
]


@pytest.mark.parametrize(("arguments", "told"), BAD)
def test_bad_usage_says_the_remedy(
    workspace: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    code, message = queue(capsys, workspace, *arguments)
    assert (code, told in message) == (2, True)


def test_no_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, message = queue(capsys, tmp_path / "none", "pause", "--by", "Lan", "--reason", "x")
    assert (code, "no such workspace" in message) == (2, True)
    assert not (tmp_path / "none").exists()
