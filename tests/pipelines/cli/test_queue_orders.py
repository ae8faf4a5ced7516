"""`queue cap | pause | resume | policy | weight | override` as they are typed: kept, told with the cost, or refused."""

import json
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.quota import terms_in_force
from pipelines.workspace import state
from tests.pipelines.terminal import Sachsong

SIGNED = ("--by", "Trần Thị Bích", "--reason", "kỳ thi")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    with state.opened(Settings(workspace=tmp_path / "w")):
        pass
    return tmp_path / "w"


@pytest.fixture
def run(sachsong: Sachsong, workspace: Path) -> Sachsong:
    """Types a verb of `sachsong queue` about the workspace."""
    return lambda *words: sachsong("queue", *words, "--workspace", workspace)


def in_force(workspace: Path) -> terms_in_force.Terms:
    with state.opened(Settings(workspace=workspace)) as engine, state.reading(engine) as connection:
        return terms_in_force.in_force(connection)


def test_a_policy_is_kept_and_its_cost_is_told(run: Sachsong) -> None:
    code, out, _ = run("policy", "largest-first", *SIGNED)
    assert code == 0
    flat = " ".join(out.split())
    assert "✓ policy largest-first · Trần Thị Bích · " in flat
    assert "there is no limit to the waiting" in flat
    assert "số ngày chờ không còn giới hạn" not in flat
    assert "sachsong queue simulate" in flat
    _, out, _ = run("status")
    assert "Policy largest-first: Trần Thị Bích" in out
    assert json.loads(run("simulate", "--json")[1])["policy"] == "largest-first", "what is in force, unless named"
    assert json.loads(run("simulate", "--policy", "fifo", "--json")[1])["policy"] == "fifo"
    compared = json.loads(run("simulate", "--policy", "fifo", "--join", "a-01:9:1", "--json")[1])["compared"]
    assert list(dict.fromkeys(row["policy"] for row in compared)) == ["fifo", "largest-first", "floor+aged"]
    assert "policy largest-first" in run("plan")[1]


def test_a_weight_is_kept_until_1_takes_it_back(run: Sachsong, workspace: Path) -> None:
    told = json.loads(run("weight", "students-79", "1.5", *SIGNED, "--json")[1])
    assert (told["detail"], told["given_by"]) == ({"tenant": "students-79", "weight": "3/2"}, "Trần Thị Bích")
    assert "mọi đơn vị khác nhỏ đi" in told["costs"][0]["vi"]
    assert "Weight students-79 = 3/2: Trần Thị Bích" in run("status")[1]
    assert json.loads(run("plan", "--json")[1])["weights"] == {"students-79": "3/2"}
    assert "is like all others again" in run("weight", "students-79", "1", *SIGNED)[1]
    assert "Weight" not in run("status")[1]
    assert in_force(workspace).number == 2


def test_cap_pause_and_resume(run: Sachsong, workspace: Path) -> None:
    assert "✓ cap 150.000 · Trần Thị Bích" in run("cap", 150_000, *SIGNED)[1]
    assert in_force(workspace).cap(1) == 150_000
    assert "✓ pause" in run("pause", *SIGNED)[1]
    assert "PAUSED" in run("status")[1]
    assert "✓ resume" in run("resume", *SIGNED)[1]
    assert "PAUSED" not in run("status")[1]


def test_a_deadline_is_kept_with_who_and_why(run: Sachsong, workspace: Path) -> None:
    code, out, _ = run("override", "students-79", "--until", "2026-11-30", *SIGNED, "--percent", 12.5)
    assert (code, "✓ deadline students-79 30/11/2026 12,5 % · " in " ".join(out.split())) == (0, True)
    (kept,) = in_force(workspace).overrides
    assert (kept.tenant, str(kept.deadline), kept.by, kept.reason) == (
        "students-79", "2026-11-30", "Trần Thị Bích", "kỳ thi",
    )  # fmt: skip
    assert float(kept.limit) == 0.125


@pytest.mark.parametrize("wrong", [("--percent", "21"), ("--percent", "0"), ("--percent", "nan"), ("--by", "")])
def test_a_deadline_without_limit_or_reason_is_refused(run: Sachsong, workspace: Path, wrong: tuple[str, str]) -> None:
    options = {"--until": "2026-11-30", "--by": "An", "--reason": "thi", "--percent": "10", wrong[0]: wrong[1]}
    code, _, error = run("override", "students-79", *(part for pair in options.items() for part in pair))
    assert (code, "--percent" in error) == (2, True)
    assert in_force(workspace).number == 0


REFUSED = [
    (("policy", "best"), "largest-first", "no such policy"),
    (("weight", "students-79", "0"), "3/2", "no weight"),
    (("weight", "students-7", "2"), "students-79", "nobody can be called so"),
    (("weight", "students-79"), "weight", "no weight was named"),
]


@pytest.mark.parametrize(("arguments", "said", "why"), REFUSED)
def test_what_cannot_be_ordered_is_refused(
    run: Sachsong, workspace: Path, arguments: tuple[str, ...], said: str, why: str
) -> None:
    code, out, error = run(*arguments, *SIGNED)
    assert (code, out) == (2, ""), why
    assert said in error, why
    assert in_force(workspace).number == 0


def test_an_order_must_be_signed(run: Sachsong) -> None:
    assert run("policy", "fifo", "--by", "An")[0] == 2
    assert run("policy", "fifo", "--by", " ", "--reason", "thử")[0] == 2
