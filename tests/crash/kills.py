"""kill -9 again and again: at every named step, and at random moments; the books are read after each.

python -m tests.crash.kills [--kills 1000] [--seed 1] says what came of it, and writes benchmarks/results/kills.json.
"""

import argparse
import ast
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pipelines.gateway
import pipelines.verify
from tests.crash import books, forge
from tests.crash.forge import Forge, Worker
from tests.crash.job import Job

FIRST = date(2026, 11, 22)
QUESTIONS, CAP = 50, 20
KILLS_A_WORLD = 12
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
    day: date = FIRST
    has_missed: str | None = None
    """The step at which a worker should have been killed that did not come by."""

    def job(self, kill_step: str | None = None, nth: int = 1) -> Job:
        day = self.day.isoformat()
        return Job(folder=self.folder, day=day, cap=CAP, questions=QUESTIONS, kill_step=kill_step, nth=nth)

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
        found = books.broken(self.folder, CAP, QUESTIONS, at_rest=at_rest)
        self.told.broken += [f"{self.folder.name} {self.day}: {law}" for law in found]

    @property
    def is_done(self) -> bool:
        return self.day > FIRST and books.states(self.folder) == {"answered": QUESTIONS}

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


def many(forge_: Forge, kills: int, seed: int, random_every: int = 2) -> Told:
    """So many kills: every second one, or as said, at a random moment, the others at the named steps in turn."""
    chance, told = random.Random(seed), Told()
    named = steps()
    while told.kills < kills:
        with tempfile.TemporaryDirectory(prefix=f"world{told.worlds}-") as folder:
            world = World(Path(folder), forge_, told)
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
    given = arguments.parse_args()
    load, begun = round(os.getloadavg()[0], 1), time.monotonic()
    with forge.opened() as forge_:
        told = many(forge_, given.kills, given.seed)
    figures = vars(told) | {
        "at_step": dict(sorted(told.at_step.items())),
        "seconds": round(time.monotonic() - begun, 1),
        "slowest_recovery_s": round(told.slowest_recovery_s, 2),
        "seed": given.seed,
        "load_1m_at_start": load,
    }
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    sys.exit(bool(told.broken))


if __name__ == "__main__":
    main()
