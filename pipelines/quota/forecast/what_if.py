"""Answers what-ifs: closed days, another cap from some day on, a policy beside the one in force."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from pipelines.errors import BadInput
from pipelines.quota.allocation.max_min import Whole
from pipelines.quota.allocation.policies import DEFAULT
from pipelines.quota.forecast.scenario import DAY_ONE, Scenario
from pipelines.quota.forecast.simulate import NEVER, Simulation, simulate

LARGE_SHARE = 10
"""One in this many tenants, the largest, counts as large in a comparison."""


def closed_days(texts: Iterable[str]) -> set[int]:
    """The days that `--outage 3-4` or `--outage 3` names.

    Errors: BadInput if it is neither.
    """
    days: set[int] = set()
    for text in texts:
        found = re.fullmatch(r"([1-9]\d{0,5})(?:-([1-9]\d{0,5}))?", text)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if last < first:
            raise BadInput(
                "bad_outage", f"--outage «{text}»: viết ngày đầu-ngày cuối, ví dụ 3-4 / first-last day, as 3-4."
            )
        days.update(range(first, last + 1))
    return days


def cap_changes(texts: Iterable[str]) -> dict[int, int]:
    """Day → the cap from that day on, as `--cap-change 10:300000` says.

    Errors: BadInput if it does not, or two name one day.
    """
    changes: dict[int, int] = {}
    for text in texts:
        found = re.fullmatch(r"([1-9]\d{0,5}):(\d{1,12})", text)
        if not found or int(found[1]) in changes:
            raise BadInput(
                "bad_cap_change",
                f"--cap-change «{text}»: viết ngày:hạn_mức, mỗi ngày một lần, như 10:300000 "
                f"/ --cap-change «{text}»: write day:cap, each day once, like 10:300000.",
            )
        changes[int(found[1])] = int(found[2])
    return changes


CapFrom = Literal["order", "night", "settings"]
"""Source of the cap in force: an order, the last night, or the settings, where neither is known."""


@dataclass(frozen=True)
class InForce:
    """The cap and policy by which places are shared today: what a what-if is compared with."""

    cap: int
    cap_from: CapFrom
    policy: str = DEFAULT


OUTCOME = ("makespan", "backlog_clear_day", "max_wait", "quiet_max_wait")
"""Figures that sum up a simulation, in days."""


def answer(
    found: Simulation, in_force: InForce, unchanged: Scenario | None = None, file: str | None = None
) -> dict[str, Any]:
    """The simulation ready for JSON, `compared` with the default policy and with the one in force where that is
    another.

    `in_force`: today's cap, where it comes from, and policy. `unchanged`: what becomes of the queue (or of the
    tenants of `file`) under these, if that is another scenario. `start`: the date of day 1, null in a scenario that
    is written down. `cap`: `least` and `most` of the open days, and how many days are `closed`.
    `days`: `day` from 1, `cap` (0 when closed), `arrived` at its start, `charged`, `waiting` at its end,
    `allocations` by tenant. `clear_day` by tenant: the day on which what waited on day 1 reached 0; 0 if nothing
    waited, null if it did not. `backlog_clear_day`: the last of them, null if one is. `makespan`: the first day at
    whose end nobody waits, what arrived meanwhile included; null if there is none.
    Units: waits in days, those of records that still wait counted until the last day.
    """
    scenario = found.scenario
    told = {
        "policy": scenario.policy,
        "cap": _caps(scenario),
        "in_force": asdict(in_force),
        "file": file,
        "start": None if scenario.start == DAY_ONE else scenario.start.isoformat(),
        "tenants": len(scenario.tenants),
        **_outcome(found),
        "quiet_tenants": int(scenario.quiet().sum()),
        "p50_wait": found.waited(0.5),
        "p95_wait": found.waited(0.95),
        "jain": found.jain,
        "clear_day": dict(zip(scenario.tenants, _clear_days(found.clear_day), strict=True)),
        "days": [
            {
                "day": day,
                "cap": cap,
                "arrived": int(scenario.arrivals[day - 1].sum()),
                "charged": int(given.sum()),
                "waiting": int(waiting.sum()),
                "allocations": dict(zip(scenario.tenants, given.tolist(), strict=True)),
            }
            for day, (cap, given, waiting) in enumerate(
                zip(scenario.caps, found.given, found.waiting, strict=True), start=1
            )
        ],
    }
    if unchanged is not None:
        told["unchanged"] = {"policy": unchanged.policy, "cap": _caps(unchanged), **_outcome(simulate(unchanged))}
    others = [policy for policy in dict.fromkeys((in_force.policy, DEFAULT)) if policy != scenario.policy]
    if others:
        told["compared"] = compared(found, *(simulate(scenario.under(policy)) for policy in others))
    return told


def _outcome(found: Simulation) -> dict[str, int | None]:
    return {name: getattr(found, name) for name in OUTCOME}


def _caps(scenario: Scenario) -> dict[str, int]:
    opened = [cap for cap in scenario.caps if cap]
    return {"least": min(opened, default=0), "most": max(opened, default=0), "closed": scenario.days - len(opened)}


def compared(*simulations: Simulation) -> list[dict[str, Any]]:
    """Outcomes of each policy for quiet, middling and large tenants of the same scenario.

    Shape: one row a policy and group: `policy`, `group`, `tenants`, `mean_clear_day` and `max_wait` in days,
    `uncleared` tenants; neither they nor those with nothing to clear are in the mean. A tenant is `quiet` below its
    share of the floor; of the others the tenth of all with most waiting is `large`.
    """
    rows = []
    for found in simulations:
        for group, members in _groups(found).items():
            cleared = found.clear_day[members & (found.clear_day > 0)]
            rows.append(
                {
                    "policy": found.scenario.policy,
                    "group": group,
                    "tenants": int(members.sum()),
                    "mean_clear_day": round(int(cleared.sum()) / cleared.size, 2) if cleared.size else None,
                    "uncleared": int((found.clear_day[members] == NEVER).sum()),
                    "max_wait": int(found.longest_wait[members].max(initial=0)),
                }
            )
    return rows


def _groups(found: Simulation) -> dict[str, Whole]:
    backlog, quiet = found.scenario.opening.sum(axis=1), found.scenario.quiet()
    largest = np.argsort(-backlog, kind="stable")[: -(-backlog.size // LARGE_SHARE)]
    large = np.zeros(backlog.size, dtype=bool)
    large[largest] = True
    large &= ~quiet
    return {"quiet": quiet, "middle": ~quiet & ~large, "large": large}


def _clear_days(days: Whole) -> list[int | None]:
    return [None if day == NEVER else day for day in days.tolist()]
