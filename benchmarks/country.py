"""The whole country's backlog through the real queue while a sixth of all messages fails, day by day until none waits.

    python -m benchmarks.country [--waiting 1200000] [--cap 200000] [--people 1000000] [--folder DIR]

Queue, ledger, signed line, gateway and its memory are the product's, every commit on disk; only the clocks are put
forward instead of waiting. Afterwards every stored answer is compared with what the registry says of the question, and
the ledger with the gateway's own count. Writes benchmarks/results/country.json.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, Engine, func, select

from benchmarks import gateway as service_benchmark
from benchmarks import sustained
from pipelines.config import TIME_ZONE, Settings
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.client.embedded import InProcess
from pipelines.gateway.client.signed import Sender, SignedTransport
from pipelines.gateway.protocol import messages
from pipelines.gateway.protocol.answers import FLAGS, QUESTION
from pipelines.gateway.protocol.signing import Request
from pipelines.gateway.simulator import compare, request_log, service
from pipelines.gateway.simulator.fault_plan import mix
from pipelines.gateway.simulator.replies import Reply
from pipelines.quota import ledger
from pipelines.quota.allocation import PARTS
from pipelines.verify.clock import RealClock
from pipelines.verify.queue import enqueue
from pipelines.verify.worker.options import WorkerOptions
from pipelines.verify.worker.turn import Turn
from pipelines.workspace import state
from pipelines.workspace.state_tables import allocations, plans, questions

RESULTS = Path(__file__).parent / "results" / "country.json"
FIRST = date(2026, 11, 22)
MEMORY = "gateway.sqlite"
MOST_DAYS = 60


@dataclass
class Forward(RealClock):
    """A clock on which waiting takes no time."""

    gone_s: float = 0.0
    begun: datetime = datetime(2026, 11, 22, 0, 5, tzinfo=TIME_ZONE)

    def now(self, _connection: Connection) -> float:
        """Seconds since 1970."""
        return self.here().timestamp()

    def here(self) -> datetime:
        """The same as a moment."""
        return self.begun + timedelta(seconds=self.gone_s)

    def elapsed(self) -> float:
        """Seconds gone by."""
        return self.gone_s

    def sleep(self, seconds: float) -> None:
        """Goes forward."""
        self.gone_s += seconds


@dataclass
class Counted:
    """A carrier that counts the messages and the questions in them."""

    far_end: InProcess
    asked: int = field(default=0, init=False)
    looked_up: int = field(default=0, init=False)

    def carry(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """The reply, if the line does not fail."""
        self.asked += request.path == messages.ASK
        self.looked_up += request.path == messages.RESULTS
        return self.far_end.carry(request, headers)


def asked_of(snapshot: Path, waiting: int) -> pl.DataFrame:
    """Questions about people all over the registry; every seventh says another name than the registry's."""
    block = sustained.block(snapshot, 0, waiting)
    is_wrong = pl.int_range(pl.len()) % 7 == 0
    return block.with_columns(full_name=pl.when(is_wrong).then(pl.lit("Trần Văn Bình")).otherwise("full_name"))


def days(engine: Engine, snapshot: Path, folder: Path, cap: int) -> Iterator[dict[str, object]]:
    """What each day came to, until nothing waits."""
    clock, secret = Forward(), b"a benchmark's, not a secret"
    with service.open_service(
        snapshot, folder / MEMORY, cap=cap, secret=secret, now=clock.here, faults=mix()
    ) as far_end:
        line = Counted(InProcess(far_end))
        gateway = Gateway(SignedTransport(line, secret, Sender(), clock.here))
        for number in range(MOST_DAYS):
            day = (FIRST + timedelta(days=number)).isoformat()
            clock.gone_s = number * 86_400.0
            line.asked = line.looked_up = 0
            begun = time.perf_counter()
            turn = Turn(
                engine, gateway, day, "benchmark", "", cap, conduct=WorkerOptions(patience_s=7_200.0), clock=clock
            )
            ended = turn.run()
            with state.reading(engine) as connection:
                told = _books(connection, day)
            messages_needed = told["charged"] / turn.conduct.batch
            yield {
                "day": number + 1,
                **told,
                "stopped_by": ended.stopped_by,
                "calls_per_question": round((line.asked + line.looked_up) / messages_needed, 3)
                if messages_needed
                else 0,
                "seconds": round(time.perf_counter() - begun, 1),
                "line_s": round(clock.gone_s - number * 86_400.0, 1),
            }
            if ended.stopped_by == "empty":
                return


def _books(connection: Connection, day: str) -> dict[str, int]:
    waiting = select(func.count()).select_from(questions).where(questions.c.state == "waiting")
    plan = select(func.max(plans.c.plan)).where(plans.c.day == day).scalar_subquery()
    parts = select(allocations.c.tenant, *(allocations.c[part] for part in PARTS)).where(allocations.c.plan == plan)
    places = {row[0]: sum(row[1:]) for row in connection.execute(parts)}
    charged = ledger.charged_by_tenant(connection, day)
    return {
        "charged": sum(charged.values()),
        "waiting": int(connection.execute(waiting).scalar_one()),
        "tenants_off_their_places": sum(charged.get(tenant, 0) != count for tenant, count in places.items()),
    }


def wrong_answers(engine: Engine, snapshot: Path, asked: pl.DataFrame) -> int:
    """Questions whose stored answer is not what the registry says of just that question."""
    columns = ("request_id", "result", *FLAGS)
    wrong = 0
    with compare.open_people(snapshot) as registry, state.reading(engine) as connection:
        for part in asked.iter_slices(10_000):
            keys = part["request_id"].to_list()
            rows = connection.execute(
                select(*(questions.c[name] for name in columns)).where(questions.c.request_id.in_(keys))
            ).all()
            told = pl.DataFrame([tuple(row) for row in rows], schema=dict.fromkeys(columns, pl.String), orient="row")
            right = registry.compare(part.select(list(QUESTION))).select(columns)
            wrong += right.height - told.join(right, on=columns, how="semi", nulls_equal=True).height
    return wrong


def measure(waiting: int, cap: int, registered: int, folder: Path) -> dict[str, object]:
    """Day by day, and what holds at the end."""
    load = round(os.getloadavg()[0], 1)
    snapshot = service_benchmark.registry(registered, folder / "registry.parquet")
    asked = asked_of(snapshot, waiting)
    with state.opened(Settings(workspace=folder, night=FIRST, daily_cap=cap)) as engine:
        begun = time.perf_counter()
        enqueue.take_in(engine, partial(state.transaction, engine), asked, ["students"], FIRST.isoformat())
        enqueue_s = time.perf_counter() - begun
        told = []
        for day in days(engine, snapshot, folder, cap):
            sys.stderr.write(f"{day}\n")
            told.append(day)
        whole = asked.rename({"tenant": "unit", "sector": "purpose"})
        wrong = wrong_answers(engine, snapshot, whole)
    charged = [int(str(day["charged"])) for day in told]
    full = [count for count in charged[:-1] if count]
    return {
        "waiting": waiting,
        "cap": cap,
        "tenants": asked["tenant"].n_unique(),
        "people": registered,
        "share_of_messages_that_fail": round(sum(mix().share.values()), 2),
        "days": told,
        "open_days": len(charged),
        "ceil_of_backlog_by_cap": -(-waiting // cap),
        "least_use_of_a_full_day": min(full) / cap if full else None,
        "over_the_cap": sum(max(0, count - cap) for count in _accepted(folder).values()),
        "charged_at_the_gateway": sum(_accepted(folder).values()),
        "wrong_answers": wrong,
        "enqueue_s": round(enqueue_s, 1),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_1m_at_start": load,
    }


def _accepted(folder: Path) -> dict[str, int]:
    """By day, as the gateway itself counts."""
    with request_log.open_log(folder / MEMORY) as engine, state.reading(engine) as connection:
        found = connection.exec_driver_sql("SELECT quota_day, count(*) FROM answered GROUP BY quota_day")
        return {day: int(count) for day, count in found}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--waiting", type=int, default=1_200_000)
    arguments.add_argument("--cap", type=int, default=200_000)
    arguments.add_argument("--people", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path, default=None)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        found = measure(given.waiting, given.cap, given.people, Path(folder))
    text = json.dumps(found, indent=2) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
