"""How fast the verification queue is with every commit on disk: enqueue, and ask + settle through a whole night.

    python -m benchmarks.queue [--waiting 400000] [--cap 200000] [--tenants 189] [--sustained-s 20] [--workspace DIR]
    python -m benchmarks.queue --waiting 2000000 --sustained-s 600   # the figures of issue 5

The first gateway answers at once and keeps nothing, so that the figure is the queue's and the ledger's. The second is
the embedded one with its own durable memory, asked for as many seconds as are given. Memory is of a process that only
enqueues. Writes benchmarks/results/queue.json.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

import polars as pl

from pipelines.config import Settings
from pipelines.gateway.client.client import Gateway, Transport
from pipelines.gateway.client.embedded import embedded
from pipelines.gateway.protocol.answers import ANSWER, FLAGS
from pipelines.quota import give_order, orders
from pipelines.verify.queue import enqueue as intake
from pipelines.verify.queue.status import status
from pipelines.verify.worker.options import TurnResult
from pipelines.verify.worker.turn import Turn
from pipelines.workspace import state

NIGHT = date(2026, 11, 22)
RESULTS = Path(__file__).parent / "results" / "queue.json"


class Immediate:
    """A gateway that confirms everything at once."""

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        return questions.select(
            "request_id",
            result=pl.lit("MATCH"),
            **{flag: pl.lit("M") for flag in FLAGS},
            quota_day=pl.lit(NIGHT.isoformat()),
            error=pl.lit(None, dtype=pl.String),
        ).select(list(ANSWER))

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        return pl.DataFrame(schema=ANSWER)


def questions(count: int, tenants: int) -> pl.DataFrame:
    """Distinct questions, spread over the tenants with small and large ones among them."""
    number = pl.int_range(count, dtype=pl.UInt64)
    hash_ = pl.format("{}{}", pl.col("n").hash(1).cast(pl.String), pl.col("n").hash(2).cast(pl.String)).str.zfill(40)
    tenant = (tenants * (pl.col("n").hash(3).cast(pl.Float64) / 2**64) ** 2).cast(pl.Int32)
    return pl.DataFrame({"n": pl.select(number).to_series()}).select(
        request_id=hash_.str.slice(0, 36),
        content_hash=hash_.str.slice(0, 32),
        person_id=(pl.col("n") + 79_087_000_000).cast(pl.String).str.zfill(12),
        sector=pl.lit("students"),
        tenant=pl.format("students-{}", tenant.cast(pl.String).str.zfill(3)),
        value=(pl.col("n") % 4 * 20 + 10).cast(pl.Int32),
        likely=(pl.col("n") % 4 * 20).cast(pl.Int32),
        urgent=pl.lit(10, dtype=pl.Int32),
        unblocks=pl.lit(0, dtype=pl.Int32),
        id_number=(pl.col("n") + 79_087_000_000).cast(pl.String).str.zfill(12),
        full_name=pl.lit("Nguyễn Thị Minh Khai"),
        date_of_birth=pl.lit("2011-05-19"),
        sex=pl.lit("Nữ"),
    )


def enqueue(settings: Settings, asking: pl.DataFrame) -> float:
    """Seconds to take all questions into an empty queue, in durable transactions of a slice each."""
    with state.opened(settings) as engine:
        begun = time.perf_counter()
        transaction = partial(state.transaction, engine)
        intake.take_in(engine, transaction, asking, ["students"], NIGHT.isoformat())
        return time.perf_counter() - begun


def enqueue_apart(settings: Settings, waiting: int, tenants: int) -> dict[str, float]:
    """The same in a process of its own: seconds, and its memory beyond the questions' own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_enqueue_measured, settings, waiting, tenants).result()


def _enqueue_measured(settings: Settings, waiting: int, tenants: int) -> dict[str, float]:
    asking = questions(waiting, tenants)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = enqueue(settings, asking)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "peak_mb": peak / 1024, "beyond_questions_mb": (peak - before) / 1024}


def settle(
    settings: Settings, transport: Transport, for_s: float | None = None
) -> tuple[TurnResult, float, list[float]]:
    """What a worker did under the cap, the seconds, and those of each batch: three durable commits a batch."""
    told = [time.perf_counter()]

    def progress(_done: int, _of: int) -> None:
        told.append(time.perf_counter())
        if for_s is not None and told[-1] - told[0] > for_s and len(told) > 2:
            signed = give_order.Signed(by="benchmark", at=datetime.now(UTC), reason="the time is over")
            give_order.plain(settings, orders.PAUSE, signed)

    with state.opened(settings) as engine:
        worker = Turn(
            engine, Gateway(transport), NIGHT.isoformat(), "benchmark", "", settings.daily_cap, progress=progress
        )
        ended = worker.run()
    return ended, told[-1] - told[0], [after - before for before, after in pairwise(told)]


def measure(waiting: int, cap: int, tenants: int, sustained_s: float, workspace: Path) -> dict[str, object]:
    """Rates a second, and the laws checked on what is in the database afterwards."""
    settings = Settings(workspace=workspace / "queue", night=NIGHT, daily_cap=cap)
    enqueued = enqueue_apart(settings, waiting, tenants)
    ended, settle_s, _ = settle(settings, Immediate())
    told = status(settings)
    assert told["states"]["answered"] == told["charged"] == told["used"] == ended.asked == min(cap, waiting)
    assert told["enqueued"] == waiting
    return {
        "waiting": waiting,
        "cap": cap,
        "tenants": len(told["tenants"]),
        "enqueue_s": round(enqueued["seconds"], 2),
        "enqueued_per_s": round(waiting / enqueued["seconds"]),
        "enqueue_peak_mb": round(enqueued["peak_mb"]),
        "enqueue_beyond_questions_mb": round(enqueued["beyond_questions_mb"]),
        "settle_s": round(settle_s, 2),
        "settled_per_s": round(ended.asked / settle_s),
        **sustained(waiting, tenants, sustained_s, workspace),
        "over_cap": max(0, told["charged"] - cap),
        "synchronous": "FULL",
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "sqlite": sqlite3.sqlite_version},
        "load_1m_at_start": LOAD,
    }


def sustained(waiting: int, tenants: int, seconds: float, workspace: Path) -> dict[str, object]:
    """Answers a second of the embedded gateway over so many seconds, or until nothing waits any more."""
    asking = questions(waiting, tenants)
    settings = Settings(workspace=workspace / "embedded", night=NIGHT, daily_cap=waiting)
    enqueue(settings, asking)
    registry = workspace / "registry.parquet"
    people(asking).write_parquet(registry)
    memory = settings.workspace / "gateway.sqlite"
    with embedded(registry, memory, day=NIGHT, daily_cap=waiting) as line:
        ended, taken_s, batches = settle(settings, line, for_s=seconds)
    told = status(settings)
    assert told["charged"] == ended.settled == told["states"]["answered"]
    return {
        "embedded_people": waiting,
        "embedded_asked_for_s": round(taken_s, 1),
        "embedded_settled": ended.settled,
        "embedded_settled_per_s": round(ended.settled / taken_s),
        "embedded_batch_p99_ms": round(1_000 * sorted(batches)[int(0.99 * len(batches))]),
    }


def people(asking: pl.DataFrame) -> pl.DataFrame:
    """A registry in which everybody asked about is."""
    nobody: list[str] = []
    return asking.select(
        "person_id",
        "full_name",
        "date_of_birth",
        "sex",
        old_ids=pl.lit(nobody, dtype=pl.List(pl.String)),
        other_names=pl.lit(nobody, dtype=pl.List(pl.String)),
        status=pl.lit("alive"),
    ).sort("person_id")


LOAD = round(os.getloadavg()[0], 1)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--waiting", type=int, default=400_000)
    arguments.add_argument("--cap", type=int, default=200_000)
    arguments.add_argument("--tenants", type=int, default=189)
    arguments.add_argument("--sustained-s", type=float, default=20.0, help="seconds that the embedded gateway is asked")
    arguments.add_argument("--workspace", type=Path, help="on the disk to be measured; default a temporary folder")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=given.workspace) as folder:
        figures = measure(given.waiting, given.cap, given.tenants, given.sustained_s, Path(folder))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
