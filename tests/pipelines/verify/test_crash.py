"""The hop stopped at every named step: nothing lost, nothing charged twice, never over the cap.

Killed for good at every step and at random is `tests/crash/test_kills.py`, below the hop; two steps are killed at here.
"""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import pipelines.gateway
import pipelines.verify
from pipelines.config import Run
from pipelines.gateway.client.embedded import embedded
from pipelines.verify.worker.options import WorkerOptions
from tests.pipelines.verify.dying import BATCH
from tests.pipelines.verify.world import FIRST, SECOND, World, number, record

PEOPLE = 40
CAP = 20
RECORDS = [record(n, province=f"{n % 3 + 10}") for n in range(PEOPLE)]
ROOT = Path(__file__).parents[3]

ONCE = ["begun", "before_enqueued", "enqueued", "places_given", "asked_again", "ended"]
EACH_BATCH = [
    "before_reserved",
    "reserved",
    "before_asked",
    "asked",
    "gateway.before_commit",
    "gateway.after_commit",
    "answered",
    "before_settled",
    "settled",
]
RECOVERY = ["looked_up", "before_recovered", "recovered"]
"""Steps that are only passed where an earlier turn left something asked."""
STEPS = ONCE + EACH_BATCH + RECOVERY


class Stopped(BaseException):
    """The process ends here, as far as the hop can tell."""


def make(place: Path) -> World:
    world = World(place, [{"person_id": number(n)} for n in range(PEOPLE)])
    world.snapshot()
    return world


def run_until(world: World, run: Run, on_step: Callable[[str], None] = lambda _name: None) -> dict[str, int]:
    settings = run.settings
    memory = world.workspace / "gateway.sqlite"
    with embedded(world.snapshot(), memory, day=settings.night, daily_cap=settings.daily_cap, on_step=on_step) as line:
        return world.ask(run, line, on_step=on_step, conduct=WorkerOptions(batch=BATCH))


def stop_at(step: str, nth: int) -> Callable[[str], None]:
    left = nth

    def on_step(name: str) -> None:
        nonlocal left
        left -= name == step
        if name == step and left == 0:
            raise Stopped

    return on_step


def settle_and_check(world: World, run: Run) -> pl.DataFrame:
    """The same command again, then the next night: as if nothing had happened."""
    resumed = run_until(world, run)
    world.check({FIRST: CAP}, enqueued=PEOPLE)
    world.check_at_rest()
    assert world.accepted() == {"2026-11-22": CAP}
    assert (resumed["answered"], resumed["waiting"], resumed["used"]) == (CAP, PEOPLE - CAP, CAP)
    table = world.table(run)
    second = run_until(world, world.prepare(RECORDS, SECOND, cap=CAP))
    assert (second["answered"], second["waiting"]) == (PEOPLE, 0)
    world.check({FIRST: CAP, SECOND: CAP}, enqueued=PEOPLE)
    world.check_at_rest()
    return table


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    world = make(tmp_path_factory.mktemp("undisturbed"))
    run = world.prepare(RECORDS, cap=CAP)
    run_until(world, run)
    return world.table(run)


def test_the_steps_tested_are_those_in_the_code() -> None:
    folders = [Path(package.__file__ or "").parent for package in (pipelines.verify, pipelines.gateway)]
    code = "".join(path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.rglob("*.py")))
    assert sorted(re.findall(r'self\._?step\("([a-z_.]+)"\)', code)) == sorted(STEPS)


CASES = [(step, 1) for step in STEPS] + [(step, 2) for step in EACH_BATCH]


@pytest.mark.long  # tests/crash/test_kills.py kills at each step in every run
@pytest.mark.parametrize(("step", "nth"), CASES)
def test_stopped_at_a_step_and_resumed(tmp_path: Path, undisturbed: pl.DataFrame, step: str, nth: int) -> None:
    world = make(tmp_path)
    run = world.prepare(RECORDS, cap=CAP)
    if step in RECOVERY:
        with pytest.raises(Stopped):
            run_until(world, run, stop_at("answered", nth))
    with pytest.raises(Stopped):
        run_until(world, run, stop_at(step, nth))
    world.check_while_stopped({FIRST: CAP})
    assert settle_and_check(world, run).equals(undisturbed)


def test_stopped_again_and_again(tmp_path: Path, undisturbed: pl.DataFrame) -> None:
    """Each attempt gets one step further than the one before, until one gets through."""
    world = make(tmp_path)
    run = world.prepare(RECORDS, cap=CAP)
    for steps_allowed in range(1, 200):
        left = steps_allowed

        def on_step(_name: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Stopped

        try:
            run_until(world, run, on_step)
            break
        except Stopped:
            world.check_while_stopped({FIRST: CAP})
    else:
        pytest.fail("never got through")
    assert settle_and_check(world, run).equals(undisturbed)


def start(world: World, run: Run, step: str, nth: int, *where: str) -> "subprocess.Popen[bytes]":
    arguments = [str(world.workspace), run.run_id, str(CAP), step, str(nth), *where]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.pipelines.verify.dying", *arguments], cwd=ROOT, stderr=subprocess.PIPE
    )


def kill(world: World, run: Run, step: str, nth: int = 1, *where: str) -> None:
    child = start(world, run, step, nth, *where)
    _, errors = child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL, errors.decode()


@pytest.mark.parametrize("step", ["gateway.after_commit", "before_recovered"])
def test_killed_at_a_step_and_resumed(tmp_path: Path, undisturbed: pl.DataFrame, step: str) -> None:
    world = make(tmp_path)
    run = world.prepare(RECORDS, cap=CAP)
    if step in RECOVERY:
        kill(world, run, "gateway.after_commit", nth=2)
    kill(world, run, step)
    world.check_while_stopped({FIRST: CAP})
    begun = time.monotonic()
    assert settle_and_check(world, run).equals(undisturbed)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("step", ["asked", "answered", "before_settled", "settled"])
def test_killed_with_a_gateway_beside_and_resumed(tmp_path: Path, undisturbed: pl.DataFrame, step: str) -> None:
    """The gateway's process is not killed with ours: it ends what it was answering, and then itself."""
    world = make(tmp_path)
    run = world.prepare(RECORDS, cap=CAP)
    kill(world, run, step, 2 if step == "asked" else 1, "beside")
    assert world.states()["asked"] == (2 if step in ("asked", "before_settled") else 1) * BATCH
    log = world.workspace / "gateway.sqlite-wal"  # SQLite's, there while the gateway's process is
    until = time.monotonic() + 10
    while log.exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not log.exists()
    world.check_while_stopped({FIRST: CAP})
    assert settle_and_check(world, run).equals(undisturbed)


def test_without_the_gateways_memory_the_check_sees_the_double_charge(tmp_path: Path) -> None:
    """Negative control: a gateway that forgets request codes charges a lost answer twice, and `check` says so."""
    world = make(tmp_path)
    run = world.prepare(RECORDS, cap=CAP)
    with pytest.raises(Stopped):
        run_until(world, run, stop_at("answered", 1))
    world.change("gateway", "DELETE FROM answered")
    run_until(world, run)
    with pytest.raises(AssertionError):
        world.check({FIRST: CAP}, enqueued=PEOPLE)
