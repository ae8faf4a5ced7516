"""kill -9 again and again: at every named step, and at random moments; the books are read after each.

python -m tests.crash.kills [--kills 1000] [--seed 1] [--on postgresql] says what came of it, and writes it into
benchmarks/results/kills.json, beside what was found on the other database.
"""

import argparse
import ast
import itertools
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pipelines.gateway
import pipelines.verify
from tests.crash import books, forge
from tests.crash.forge import Forge, Worker
from tests.crash.job import Job
from tests.pipelines.verify import postgres

FIRST = date(2026, 11, 22)
QUESTIONS, CAP = 50, 20
KILLS_A_WORLD = 12
StateUrl = Callable[[], str | None]
"""Where a new world keeps its state; None: SQLite in its folder."""
LEAVES_ASKED = "gateway.after_commit"
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "kills.json"


def steps() -> list[str]:
    """Every step that the code names, wherever it is passed: found in the code, so that a new one is killed at too."""
    folders = [Path(package.__file__ or "").parent for package in (pipelines.verify, pipelines.gateway)]
    trees = [ast.parse(path.read_text("utf-8")) for folder in folders for path in sorted(folder.rglob("*.py"))]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    return sorted({str(ast.literal_eval(call.args[0])) for call in calls if _is_step(call)})


def _is_step(call: ast.Call) -> bool:
    is_named = isinstance(call.func, ast.Attribute) and call.func.attr in ("step", "_step")
    return is_named and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)


@dataclass
class Told:
    """What came of so many kills."""

    kills: int = 0
    at_step: Counter[str] = field(default_factory=Counter)
    worlds: int = 0
    questions: int = 0
    charged: int = 0
    slowest_recovery_s: float = 0.0
    """From starting the worker again until all that the killed one held is settled, asked again or free."""
    broken: list[str] = field(default_factory=list)


@dataclass
class World:
    """Questions that take three days, asked by workers that are killed."""

    folder: Path
    forge: Forge
    told: Told
    state_url: str | None = None
    day: date = FIRST
    has_missed: str | None = None
    """The step at which a worker should have been killed that did not come by."""

    def job(self, kill_step: str | None = None, nth: int = 1) -> Job:
        where = {"folder": self.folder, "state_url": self.state_url}
        what = {"day": self.day.isoformat(), "cap": CAP, "questions": QUESTIONS}
        return Job.model_validate({**where, **what, "kill_step": kill_step, "nth": nth})

    def attempt(self, worker: Worker, after_s: float | None = None) -> bool:
        """Whether the worker was killed, `after_s` seconds after it had opened its databases or by itself."""
        if after_s is not None:
            worker.hear_step("opened")
            time.sleep(after_s)
            worker.signal(signal.SIGKILL)
        code = worker.end()
        recovered = worker.passed("asked_again")
        self.told.slowest_recovery_s = max(self.told.slowest_recovery_s, recovered or 0.0)
        is_killed = code == -signal.SIGKILL
        assert is_killed or code == 0, worker.said
        self.look(at_rest=not is_killed)
        if not is_killed:
            self.day += timedelta(days=1)
        return is_killed

    def look(self, *, at_rest: bool = False) -> None:
        """What is broken is kept, with the day."""
        found = books.broken(self.folder, CAP, QUESTIONS, at_rest=at_rest, state_url=self.state_url)
        self.told.broken += [f"{self.folder.name} {self.day}: {law}" for law in found]

    @property
    def is_done(self) -> bool:
        return self.day > FIRST and books.states(self.folder, self.state_url) == {"answered": QUESTIONS}

    def finish(self) -> None:
        """Undisturbed until nothing waits; then all has come out as if nobody had been killed."""
        while not self.is_done:
            assert self.day < FIRST + timedelta(days=30), "it never settles"
            self.attempt(self.forge.start(self.job()))
        self.told.worlds += 1
        self.told.questions += QUESTIONS
        charged = books.charged(self.folder)
        self.told.charged += sum(charged.values())
        if sorted(charged.values(), reverse=True) != [CAP, CAP, QUESTIONS - 2 * CAP]:
            self.told.broken.append(f"{self.folder.name}: places were left unused: {charged}")


def in_sqlite() -> None:
    """Each world's own, in its folder."""


def in_postgresql(server: Path) -> StateUrl:
    """A database for each world on this server."""
    numbers = itertools.count(1)
    return lambda: postgres.database(server, f"world{os.getpid()}_{next(numbers)}")


def many(forge_: Forge, kills: int, seed: int, random_every: int = 2, state_url: StateUrl = in_sqlite) -> Told:
    """So many kills: every second one, or as said, at a random moment, the others at the named steps in turn."""
    chance, told = random.Random(seed), Told()
    named = steps()
    while told.kills < kills:
        with tempfile.TemporaryDirectory(prefix=f"world{told.worlds}-") as folder:
            world = World(Path(folder), forge_, told, state_url())
            _disturb(world, min(kills, told.kills + KILLS_A_WORLD), named, chance, random_every)
            world.finish()
    return told


def _disturb(world: World, until: int, named: list[str], chance: random.Random, random_every: int) -> None:
    told = world.told
    while told.kills < until and not world.is_done:
        if told.kills % random_every == 1:
            told.kills += world.attempt(world.forge.start(world.job()), after_s=chance.uniform(0.0, 0.25))
            continue
        step = min(named, key=lambda name: (told.at_step[name], chance.random()))
        if world.has_missed == step:  # passed only where a killed worker's answers are to be recovered
            step = LEAVES_ASKED
        is_killed = world.attempt(world.forge.start(world.job(step, chance.choice((1, 1, 2)))))
        told.at_step[step] += is_killed
        told.kills += is_killed
        world.has_missed = None if is_killed else step


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--kills", type=int, default=1_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--on", choices=["sqlite", "postgresql"], default="sqlite")
    given = arguments.parse_args()
    load, begun = round(os.getloadavg()[0], 1), time.monotonic()
    with ExitStack() as stack:
        on_server = given.on == "postgresql"
        state_url = in_postgresql(stack.enter_context(postgres.server())) if on_server else in_sqlite
        told = many(stack.enter_context(forge.opened()), given.kills, given.seed, state_url=state_url)
    figures = vars(told) | {
        "at_step": dict(sorted(told.at_step.items())),
        "seconds": round(time.monotonic() - begun, 1),
        "slowest_recovery_s": round(told.slowest_recovery_s, 2),
        "seed": given.seed,
        "load_1m_at_start": load,
    }
    kept = {**json.loads(RESULTS.read_text("utf-8")), given.on: figures}
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    sys.exit(bool(told.broken))


if __name__ == "__main__":
    main()
