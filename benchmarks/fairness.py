"""Who waits how long under which policy, and whether what is promised to small tenants holds.

    python -m benchmarks.fairness [--seeds 1000]     everything; writes benchmarks/results/fairness.json
    python -m benchmarks.fairness --seed 17          one scenario again: its faults and the digest of all its places

The queues are drawn by seed: 189 or 102 tenants, lognormal backlogs with 56,000 in one of them, arrivals of their own.
Checked from the places alone, without the simulation's own account of waits.
"""

import argparse
import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import numpy as np

from pipelines.quota.allocation.policies import DEFAULT, POLICIES
from pipelines.quota.forecast.outlook import forecast
from pipelines.quota.forecast.scenario import Scenario, Tenant, caps_of, scenario_of
from pipelines.quota.forecast.simulate import NEVER, Simulation, simulate
from pipelines.quota.forecast.what_if import compared

RESULTS = Path(__file__).parent / "results" / "fairness.json"
CAP, DAYS, BACKLOG, DAILY, CITY = 200_000, 60, 1_200_000, 150_000, 56_000
"""Questions a day, days, questions waiting, arriving a day, and the largest city's pupils among them."""
CITY_NAME = "students-79"
SIGMA = 1.4
JAIN = 0.9999
WEIGHTS = (Fraction(1), Fraction(1), Fraction(1), Fraction(2), Fraction(1, 2))


def country(random: Random, tenants: int, backlog: int, daily: int, *, weighted: bool = False) -> list[Tenant]:
    """Tenants whose backlogs and arrivals add up to these numbers, the city's backlog given."""
    waiting = [CITY, *_spread(random, tenants - 1, backlog - CITY)]
    arriving = _spread(random, tenants, daily)
    names = [CITY_NAME, *(f"tenant-{n:03}" for n in range(1, tenants))]
    return [
        Tenant(name, count, more, random.choice(WEIGHTS) if weighted else Fraction(1))
        for name, count, more in zip(names, waiting, arriving, strict=True)
    ]


def _spread(random: Random, parts: int, total: int) -> list[int]:
    """Lognormal parts that add up to the total."""
    drawn = [random.lognormvariate(0, SIGMA) for _ in range(parts)]
    scale = total / math.fsum(drawn)
    whole = [int(each * scale) for each in drawn]
    whole[0] += total - sum(whole)
    return whole


def drawn(seed: int, policy: str = DEFAULT) -> Scenario:
    """The scenario of a seed: 60 days; half of them weighted, a third with a cap that changes on the way."""
    random = Random(seed)
    tenants = country(
        random,
        random.choice((189, 102)),
        random.randrange(CITY, 2 * BACKLOG),
        random.randrange(0, CAP * 9 // 10),
        weighted=seed % 2 == 1,
    )
    changes = {random.randrange(2, DAYS): random.choice((100_000, 300_000))} if seed % 3 == 0 else {}
    return scenario_of(tenants, caps_of(CAP, DAYS, (), changes), policy)


def faults(found: Simulation) -> dict[str, int]:
    """What was promised and does not hold, counted from the places."""
    scenario, given = found.scenario, found.given
    came = scenario.arrivals.cumsum(axis=0) + scenario.opening.sum(axis=1)
    asked = given.cumsum(axis=0)
    waits = asked < came
    return {
        "days_over_cap": int((given.sum(axis=1) > np.array(scenario.caps)).sum()),
        "idle_days": int(((given.sum(axis=1) < np.array(scenario.caps)) & waits.any(axis=1)).sum()),
        "asked_what_was_not_there": int((asked > came).sum()),
        "quiet_tenants_that_waited": int(waits[:, scenario.quiet()].any(axis=0).sum()),
        "bound_violations": _bound_violations(scenario, given, came, asked),
        "unfair_days": sum(index < JAIN for index in found.jain_by_day),
    }


def _bound_violations(scenario: Scenario, given: Any, came: Any, asked: Any) -> int:
    """Days whose records (and all older ones) were not answered by when (1−φ) of the caps had sufficed for them."""
    late = 0
    sure = [(1 - scenario.phi) * cap for cap in scenario.caps]
    for first in range(scenario.days):
        there = Fraction(int((came[first] - asked[first] + given[first]).sum()))
        for day in range(first, scenario.days):
            there -= sure[day]
            if there <= 0:
                late += bool((asked[day] < came[first]).any())
                break
    return late


def digest(found: Simulation) -> str:
    """One name for all places of all days."""
    return hashlib.sha256(found.given.astype("<i8").tobytes()).hexdigest()


def many(seeds: Sequence[int]) -> dict[str, Any]:
    """Faults of all seeds together, under the default policy."""
    sums: dict[str, int] = {}
    quiet, lowest, failing = 0, 1.0, []
    for seed in seeds:
        scenario = drawn(seed)
        found = simulate(scenario)
        counted = faults(found)
        sums = {name: sums.get(name, 0) + count for name, count in counted.items()}
        quiet += int(scenario.quiet().sum())
        lowest = min(lowest, found.jain)
        failing += [seed] if any(counted.values()) else []
    return {
        "scenarios": len(seeds),
        "days": len(seeds) * DAYS,
        "quiet_tenants": quiet,
        **sums,
        "lowest_jain": round(lowest, 8),
        "failing_seeds": failing,
    }


def floor_off(seeds: Sequence[int]) -> dict[str, int]:
    """The control: oldest first without a floor; the same count must see that quiet tenants wait."""
    caught = 0
    for seed in seeds:
        scenario = drawn(seed)
        taken_away = simulate(replace(scenario, policy="fifo"))
        caught += faults(taken_away)["quiet_tenants_that_waited"] > 0
    return {"scenarios": len(seeds), "caught": caught}


def drains(seeds: Sequence[int]) -> dict[str, Any]:
    """1.2 million waiting and nothing new: open days until it is all answered, by every policy and with closed days."""
    fewest = -(-BACKLOG // CAP)
    wrong = 0
    for seed in seeds:
        random = Random(seed)
        tenants = country(random, 189, BACKLOG, 0)
        closed = set(random.sample(range(1, fewest), 2))
        for policy in POLICIES:
            plain = simulate(scenario_of(tenants, [CAP] * DAYS, policy)).backlog_clear_day
            broken = simulate(scenario_of(tenants, caps_of(CAP, DAYS, closed), policy)).backlog_clear_day
            wrong += (plain, broken) != (fewest, fewest + len(closed))
    return {"scenarios": len(seeds) * len(POLICIES) * 2, "open_days": fewest, "not_in_the_fewest_days": wrong}


def policies(seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Clear days and waits under every policy, without and with arrivals: medians over the seeds (worst)."""
    rows = []
    for name, policy, phi in (
        *((name, name, Fraction(1, 2)) for name in POLICIES),
        ("oldest first (phi = 0)", DEFAULT, Fraction(0)),
    ):
        drain, flow = [], []
        for seed in seeds:
            still, moving = pair(seed)
            drain.append(simulate(replace(still, policy=policy, phi=phi)))
            # Who is quiet is told by the default's floor, whatever the policy is.
            flow.append((simulate(replace(moving, policy=policy, phi=phi)), moving.quiet()))
        rows.append(
            {
                "policy": name,
                "drain_all": _median([found.backlog_clear_day for found in drain]),
                "drain_city": _median([_city(found) for found in drain]),
                "drain_mean_clear": round(median(float(found.clear_day.mean()) for found in drain), 2),
                "all": _median([found.backlog_clear_day for found, _ in flow]),
                "city": _median([_city(found) for found, _ in flow]),
                "p95_wait": _median([found.waited(0.95) for found, _ in flow]),
                "max_wait": _median([found.max_wait for found, _ in flow]),
                "quiet_max_wait": _median([int(found.longest_wait[quiet].max(initial=0)) for found, quiet in flow]),
            }
        )
    return rows


def static(seed: int) -> dict[str, Any]:
    """What an equal split that nobody may lend gives: each tenant alone with its 1/189 of the cap."""
    still, _ = pair(seed)
    backlog = still.opening.sum(axis=1)
    days = -(-backlog // (CAP // backlog.size))
    return {"drain_all": int(days.max()), "drain_city": int(days[0]), "drain_mean_clear": round(float(days.mean()), 2)}


def pair(seed: int) -> tuple[Scenario, Scenario]:
    """The same backlog without arrivals, and with 150,000 a day."""
    tenants = country(Random(seed), 189, BACKLOG, DAILY)
    caps = [CAP] * DAYS
    return scenario_of([replace(each, daily=0) for each in tenants], caps), scenario_of(tenants, caps)


def _city(found: Simulation) -> int | None:
    day = int(found.clear_day[found.scenario.tenants.index(CITY_NAME)])
    return None if day == NEVER else day


def _median(values: Sequence[int | None]) -> str:
    """Median and, if it is another, the worst."""
    known = sorted(DAYS + 1 if value is None else value for value in values)
    middle, worst = (f">{DAYS}" if value > DAYS else str(value) for value in (known[len(known) // 2], known[-1]))
    return middle if middle == worst else f"{middle} ({worst})"


def priority(seed: int) -> list[dict[str, Any]]:
    """What priority for large backlogs gives them, and costs the small ones."""
    _, moving = pair(seed)
    return compared(*(simulate(moving.under(policy)) for policy in (DEFAULT, "proportional", "largest-first")))


def what_ifs(seed: int) -> list[dict[str, Any]]:
    """Another cap, days of outage, another φ."""
    tenants = country(Random(seed), 189, BACKLOG, DAILY)
    asked: list[tuple[str, Scenario]] = [
        (f"cap {cap:,}", scenario_of(tenants, [cap] * DAYS)) for cap in (CAP, 250_000, 300_000, 400_000)
    ]
    broken = caps_of(CAP, DAYS, {3, 4}, {5: CAP // 2, 6: CAP})
    asked.append(("days 3-4 closed, day 5 half", scenario_of(tenants, broken)))
    whole = scenario_of(tenants, [CAP] * DAYS)
    asked += [(f"phi {phi}", replace(whole, phi=Fraction(phi))) for phi in ("0", "0.2", "0.3", "0.5", "0.7", "1")]
    return [
        {
            "what_if": name,
            "all": found.backlog_clear_day,
            "max_wait": found.max_wait,
            "quiet_max_wait": _quiet_wait(found, whole),
        }
        for name, found in ((name, simulate(scenario)) for name, scenario in asked)
    ]


def _quiet_wait(found: Simulation, by: Scenario) -> int:
    return int(found.longest_wait[by.quiet()].max(initial=0))


def forecasts(seeds: Sequence[int]) -> dict[str, Any]:
    """How well the plan foretells: 14 past nights with arrivals that vary by half, then the future as it comes."""
    within, in_band, tenants = 0, 0, 0
    for seed in seeds:
        random = Random(seed)
        _, moving = pair(seed)
        daily = moving.arrivals[1]
        past, future = (np.array([_night(random, daily) for _ in range(days)]) for days in (14, DAYS))
        future[:1] = 0
        outlook = forecast(replace(moving, arrivals=np.zeros_like(moving.arrivals)), past)
        came = simulate(replace(moving, arrivals=future)).clear_day
        for n, name in enumerate(moving.tenants):
            if name not in outlook.clears:
                continue
            band = outlook.clears[name]
            tenants += 1
            within += band.likely is not None and abs(band.likely - int(came[n])) <= 1
            in_band += (band.earliest or DAYS) <= int(came[n]) <= (band.latest or DAYS)
    return {
        "scenarios": len(seeds),
        "tenants": tenants,
        "within_a_day": round(within / tenants, 4),
        "in_the_band": round(in_band / tenants, 4),
    }


def _night(random: Random, daily: Any) -> Any:
    """A night on which all bring more or less together, and each differs besides."""
    together = random.uniform(0.5, 1.5)
    return np.array([int(count * together * random.uniform(0.5, 1.5)) for count in daily.tolist()], dtype=np.int64)


def replays(seeds: Sequence[int]) -> dict[str, int]:
    """Seeds whose places another process with another hash seed does not give byte for byte."""
    differ = 0
    for seed in seeds:
        command = [sys.executable, "-m", "benchmarks.fairness", "--seed", str(seed)]
        environment = {**os.environ, "PYTHONHASHSEED": str(seed + 1)}
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        differ += json.loads(done.stdout)["digest"] != digest(simulate(drawn(seed)))
    return {"replayed": len(seeds), "differ": differ}


def timings(seed: int) -> dict[str, float]:
    """Seconds for 189 tenants × 60 days: the simulation, and the whole command with the start of the program."""
    tenants = country(Random(seed), 189, BACKLOG, DAILY)
    scenario = scenario_of(tenants, [CAP] * DAYS)
    begun = time.perf_counter()
    simulate(scenario)
    inside = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tenants.csv"
        rows = [f"{each.name},{each.backlog},{each.daily},1" for each in tenants]
        file.write_text("\n".join(["tenant,backlog,daily,weight", *rows]) + "\n", encoding="utf-8")
        command = [Path(sys.executable).with_name("sachsong"), "queue", "simulate", "--tenants", file, "--json"]
        seconds = []
        for _ in range(5):
            begun = time.perf_counter()
            subprocess.run([str(part) for part in command], capture_output=True, check=True)
            seconds.append(time.perf_counter() - begun)
    return {
        "simulate_s": round(inside, 3),
        "command_s": round(median(seconds), 2),
        "command_worst_s": round(max(seconds), 2),
    }


def main() -> None:
    """Everything, or one seed again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, help="only this one")
    arguments = parser.parse_args()
    if arguments.seed is not None:
        found = simulate(drawn(arguments.seed))
        print(json.dumps({"seed": arguments.seed, "digest": digest(found), **faults(found)}, indent=1))
        return
    load = round(os.getloadavg()[0], 1)
    some = range(min(100, arguments.seeds))
    told = {
        "settings": {"cap": CAP, "days": DAYS, "backlog": BACKLOG, "daily": DAILY, "city": CITY, "sigma": SIGMA},
        "promises": many(range(arguments.seeds)),
        "control_floor_off": floor_off(range(min(100, arguments.seeds))),
        "drains": drains(some),
        "policies": policies(some),
        "static_equal_split": static(1),
        "priority_for_large_backlogs": priority(1),
        "what_ifs": what_ifs(1),
        "forecasts": forecasts(range(min(60, arguments.seeds))),
        "replays": replays(range(5)),
        "timings": timings(1),
        "load_1m_at_start": load,
    }
    text = json.dumps(told, indent=1)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
