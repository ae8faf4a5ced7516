"""How fast the verification queue is with every commit on disk: enqueue, and ask + settle through a whole night.

    python -m benchmarks.queue [--waiting 400000] [--cap 200000] [--tenants 189] [--workspace DIR]

The gateway here answers at once and keeps nothing (its own durable memory is timed apart, as `embedded`), so that the
figure is the queue's and the ledger's. Writes benchmarks/results/queue.json.
"""

import argparse
import json
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from pipelines import state
from pipelines.config import Run, Settings
from pipelines.verify import queue
from pipelines.verify.gateway import ANSWER, FLAGS, Gateway, Transport
from pipelines.verify.simulator import embedded
from pipelines.verify.worker import Turn

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
        rank=(pl.col("n") % 4).cast(pl.Int32),
        id_number=(pl.col("n") + 79_087_000_000).cast(pl.String).str.zfill(12),
        full_name=pl.lit("Nguyễn Thị Minh Khai"),
        date_of_birth=pl.lit("2011-05-19"),
        sex=pl.lit("Nữ"),
    )


def enqueue(settings: Settings, asking: pl.DataFrame) -> float:
    """Seconds to take all questions into an empty queue, in one durable transaction."""
    with state.opened(settings) as engine:
        begun = time.perf_counter()
        with state.transaction(engine) as connection:
            queue.take_in(connection, asking, ["students"], NIGHT.isoformat())
        return time.perf_counter() - begun


def settle(settings: Settings, transport: Transport) -> tuple[int, float]:
    """Questions asked and settled under the cap, and the seconds: three durable commits a batch."""
    with state.opened(settings) as engine:
        begun = time.perf_counter()
        turn = Turn(engine, Gateway(transport), NIGHT.isoformat())
        counts = turn.run(pl.DataFrame(schema=_QUESTION), [], Run(settings=settings, run_id="2026-11-22-1"))
        return counts["asked"], time.perf_counter() - begun


_QUESTION = questions(1, 1).schema


def measure(waiting: int, cap: int, tenants: int, workspace: Path) -> dict[str, object]:
    """Rates a second, and the laws checked on what is in the database afterwards."""
    asking = questions(waiting, tenants)
    settings = Settings(workspace=workspace / "queue", night=NIGHT, daily_cap=cap)
    enqueue_s = enqueue(settings, asking)
    asked, settle_s = settle(settings, Immediate())
    small = Settings(workspace=workspace / "embedded", night=NIGHT, daily_cap=cap // 10)
    enqueue(small, asking.head(cap // 10))
    registry = workspace / "registry.parquet"
    people(asking).write_parquet(registry)
    with embedded(registry, small.workspace / "gateway.sqlite", day=NIGHT, daily_cap=cap) as line:
        embedded_asked, embedded_s = settle(small, line)
    told = queue.status(settings)
    assert told["states"]["answered"] == told["charged"] == told["used"] == asked == min(cap, waiting)
    assert told["enqueued"] == waiting
    return {
        "waiting": waiting,
        "cap": cap,
        "tenants": len(told["tenants"]),
        "enqueue_s": round(enqueue_s, 2),
        "enqueued_per_s": round(waiting / enqueue_s),
        "settle_s": round(settle_s, 2),
        "settled_per_s": round(asked / settle_s),
        "embedded_people": waiting,
        "embedded_settled_per_s": round(embedded_asked / embedded_s),
        "over_cap": max(0, told["charged"] - cap),
        "synchronous": "FULL",
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "sqlite": sqlite3.sqlite_version},
        "load_1m_at_start": LOAD,
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
    arguments.add_argument("--workspace", type=Path, help="on the disk to be measured; default a temporary folder")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=given.workspace) as folder:
        figures = measure(given.waiting, given.cap, given.tenants, Path(folder))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
