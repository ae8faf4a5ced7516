"""`queue plan | simulate | why` as they are typed: the promised JSON, one message, the exit code."""

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import Settings
from pipelines.quota.forecast.what_if import OUTCOME
from pipelines.workspace import state
from tests.pipelines.terminal import Sachsong

HEAD = "tenant,backlog,daily,weight\n"


@pytest.fixture
def run(sachsong: Sachsong) -> Sachsong:
    """Types a verb of `sachsong queue`."""
    return functools.partial(sachsong, "queue")


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    file = tmp_path / "tenants.csv"
    file.write_text(HEAD + "large,900,10,1\nnext,300,0,1\nsmall,20,5,2\n", encoding="utf-8")
    return file


def simulated(run: Sachsong, *arguments: object) -> dict[str, Any]:
    code, out, _ = run("simulate", *arguments, "--json")
    assert code == 0
    told: dict[str, Any] = json.loads(out)
    return told


def test_a_what_if_on_a_file(run: Sachsong, tenants: Path) -> None:
    told = simulated(run, "--tenants", tenants, "--cap", 200, "--days", 12)
    assert {"days", "clear_day", "backlog_clear_day", "makespan", "max_wait", "quiet_max_wait", "jain"} <= set(told)
    assert len(told["days"]) == 12
    assert [each["day"] for each in told["days"]] == list(range(1, 13))
    assert all(set(each["allocations"]) == {"large", "next", "small"} for each in told["days"])
    assert all(sum(each["allocations"].values()) == each["charged"] <= each["cap"] == 200 for each in told["days"])
    assert told["clear_day"]["small"] == 1
    assert told["quiet_max_wait"] == 0
    assert told["jain"] > 0.99


def test_what_is_changed_stands_beside_what_is(run: Sachsong, tenants: Path) -> None:
    """1,220 questions wait: one day at today's 200,000, seven at 200. What is today never has the given cap in it."""
    options = ("--tenants", tenants, "--days", 30)
    now = simulated(run, *options)
    assert "unchanged" not in now
    today = {
        "policy": "floor+aged",
        "cap": {"least": 200_000, "most": 200_000, "closed": 0},
        **{name: now[name] for name in OUTCOME},
    }
    for change in (
        ("--cap", 200), ("--outage", "2-3"), ("--cap-change", "2:400"), ("--join", "new:500:0"), ("--policy", "fifo"),
        ("--cap", 200, "--outage", "2-3", "--join", "new:500:0"),
    ):  # fmt: skip
        assert simulated(run, *options, *change)["unchanged"] == today, change
    assert "unchanged" not in simulated(run, *options, "--cap", 200_000), "that is today's"
    less = simulated(run, *options, "--cap", 200)
    assert (now["backlog_clear_day"], less["backlog_clear_day"]) == (1, 7)
    code, out, _ = run("simulate", *options, "--cap", 200, "--outage", "2-3")
    flat = " ".join(out.split())
    assert code == 0
    assert "What if: policy floor+aged, cap 200 a day, 2 days without · backlog clear on day 9 " in flat
    assert "As it is today: policy floor+aged, cap 200.000 a day · backlog clear on day 1 " in flat
    assert "the file «tenants.csv», cap 200.000 (the default: no order and no night yet)." in flat


def test_what_is_today_is_what_was_ordered_and_a_file_makes_no_workspace(
    run: Sachsong, tenants: Path, tmp_path: Path
) -> None:
    place = ("--workspace", tmp_path / "w")
    assert simulated(run, "--tenants", tenants, *place)["in_force"]["cap_from"] == "settings"
    assert not (tmp_path / "w").exists()
    signed = ("--by", "An", "--reason", "kỳ thi", *place)
    with state.opened(Settings(workspace=tmp_path / "w")):
        pass
    assert run("cap", 300, *signed)[0] == run("policy", "fifo", *signed)[0] == 0
    for asked in (("--tenants", tenants, "--cap", 100), ("--cap", 100)):
        told = simulated(run, *asked, *place)
        assert told["in_force"] == {"cap": 300, "cap_from": "order", "policy": "fifo"}
        assert (told["policy"], told["cap"]["most"], told["unchanged"]["cap"]["most"]) == ("fifo", 100, 300)
    code, out, _ = run("simulate", "--tenants", tenants, *place)
    assert (code, "cap 300 (by the order in force)" in " ".join(out.split())) == (0, True)


def test_a_person_sees_days_only_of_what_waited(run: Sachsong, tmp_path: Path) -> None:
    """Tenants without a backlog are done on no day, neither day 0 nor later than all days."""
    file = tmp_path / "t.csv"
    file.write_text(HEAD + "large,900,0,1\nnone,0,0,1\nnew,0,1,1\n", encoding="utf-8")
    code, out, _ = run("simulate", "--tenants", file, "--cap", 200, "--days", 9, "--policy", "largest-first")
    assert code == 0
    rows = {
        line.split()[0]: line.split()
        for line in out.splitlines()
        if line.split()[:1] in (["none"], ["large"]) and "backlogs" not in line
    }
    assert rows == {"none": ["none", "0", "—"], "large": ["large", "900", "5"]}
    quiet = [line.split() for line in out.splitlines() if line.split()[:1] == ["quiet"]]
    assert [line[-4:] for line in quiet] == [["2", "—", "0", "3"], ["2", "—", "0", "0"]]
    assert "Jain 1,000000" in out


def test_outages_changes_newcomers_and_policies(run: Sachsong, tenants: Path) -> None:
    options = ("--tenants", tenants, "--cap", 200, "--days", 9)
    told = simulated(run, *options, "--outage", "3-4", "--outage", "6", "--cap-change", "5:300", "--cap-change", "8:1")
    assert [each["cap"] for each in told["days"]] == [200, 200, 0, 0, 300, 0, 300, 1, 1]
    more = simulated(run, *options, "--join", "new:400:7", "--policy", "proportional")
    assert set(more["clear_day"]) == {"large", "new", "next", "small"}
    assert more["policy"] == "proportional"
    assert {row["policy"] for row in more["compared"]} == {"floor+aged", "proportional"}


def test_the_tables_say_what_it_costs(run: Sachsong, tenants: Path) -> None:
    code, out, _ = run("simulate", "--tenants", tenants, "--cap", 200, "--policy", "largest-first")
    assert code == 0
    assert "beside the default policy" in out
    assert "quiet" in out


FAULTY = [
    (("--policy", "best"), "largest-first", "an unknown policy"),
    (("--outage", "4-3"), "3-4", "backwards"),
    (("--cap-change", "10"), "10:300000", "no cap"),
    (("--join", "new"), "name:backlog:daily", "no numbers"),
    (("--join", "small:1:1"), "small", "is there already"),
    (("--join", "a:1:1", "--join", "a:2:2"), "«a»", "twice"),
    (("--days", "0"), "--days", "no day"),
]


@pytest.mark.parametrize(("arguments", "said", "why"), FAULTY)
def test_what_cannot_be_is_refused(
    run: Sachsong, tenants: Path, arguments: tuple[str, ...], said: str, why: str
) -> None:
    code, out, error = run("simulate", "--tenants", tenants, *arguments)
    assert (code, out) == (2, ""), why
    assert said in error, why


def test_a_bad_file_is_named_with_its_row(run: Sachsong, tmp_path: Path) -> None:
    file = tmp_path / "don_vi.csv"
    file.write_text(HEAD + "a,1,0,1\nb,một,0,1\n", encoding="utf-8")
    code, out, error = run("simulate", "--tenants", file, "--json")
    assert (code, out) == (2, "")
    assert all(part in error for part in ("don_vi.csv", "dòng 3", "một", "56000"))


def test_without_a_queue_there_is_advice(run: Sachsong, tmp_path: Path) -> None:
    for arguments in (("plan",), ("simulate",), ("why", "students-79")):
        code, _, error = run(*arguments, "--workspace", tmp_path / "none")
        assert code == 2
        assert "sachsong nightly" in error


def test_the_plan_of_an_empty_queue(run: Sachsong, tmp_path: Path) -> None:
    with state.opened(Settings(workspace=tmp_path / "w")):
        pass
    code, out, _ = run("plan", "--workspace", tmp_path / "w", "--night", "2026-11-22", "--svg", tmp_path / "plan.svg")
    assert code == 0
    assert "waiting 0" in out
    assert "Không còn yêu cầu nào chờ." in (tmp_path / "plan.svg").read_text(encoding="utf-8")
    code, out, _ = run("plan", "--workspace", tmp_path / "w", "--night", "2026-11-22", "--json")
    assert (code, json.loads(out)["tenants"]) == (0, [])


def test_a_what_if_on_the_queue_tells_its_first_date_and_that_nothing_more_is_known_to_come(
    run: Sachsong, tmp_path: Path
) -> None:
    with state.opened(Settings(workspace=tmp_path / "w")):
        pass
    options = ("--workspace", tmp_path / "w", "--night", "2026-11-22", "--join")
    code, out, _ = run("simulate", *options, "a:5:0")
    assert code == 0
    assert "Day 1 is 22/11/2026." in out
    assert "No new questions are known" in out
    assert "No new questions are known" not in run("simulate", *options, "a:5:1")[1]


def test_the_same_command_prints_the_same_in_another_process(tenants: Path) -> None:
    command = [sys.executable, "-m", "pipelines.cli", "queue", "simulate", "--tenants", str(tenants), "--json"]
    printed = {
        subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": seed, "LC_ALL": locale}).stdout
        for seed, locale in (("1", "C"), ("2", "vi_VN.UTF-8"))
    }
    assert len(printed) == 1


def test_a_what_if_on_a_file_starts_without_the_heavy_packages(tenants: Path) -> None:
    program = (
        "import sys\nfrom pipelines.cli import app\n"
        f"try: app.main(['queue', 'simulate', '--tenants', {str(tenants)!r}, '--json'])\nexcept SystemExit: pass\n"
        "print([name for name in ('polars', 'duckdb', 'sqlalchemy', 'prefect') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
