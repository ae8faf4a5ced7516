"""How many answers a second, every commit on disk, for ten minutes on end: enqueue, ask, settle, and again.

    python -m benchmarks.sustained [--seconds 600] [--block 100000] [--people 1000000] [--only NAME] [--folder DIR]

The worker, the queue, the ledger and the gateway's own durable memory are all counted, enqueueing too: `embedded` has
the gateway in the worker's process, `http` has `sachsong gateway` beside it on the same machine. SQLite commits with
synchronous=FULL, PostgreSQL with fsync and synchronous_commit. Writes benchmarks/results/sustained.json.
"""

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

import polars as pl
from sqlalchemy import Engine

from benchmarks import gateway as service_benchmark
from benchmarks import queue
from pipelines.config import Settings
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.client.embedded import embedded
from pipelines.gateway.client.http import Http
from pipelines.gateway.client.signed import Sender, SignedTransport
from pipelines.gateway.protocol import clock
from pipelines.verify.queue import enqueue
from pipelines.verify.queue.status import status
from pipelines.verify.worker.turn import Turn
from pipelines.workspace import state
from tests.pipelines.verify import postgres

RESULTS = Path(__file__).parent / "results" / "sustained.json"
CAP = 10**9
WINDOW_S = 30.0
SETTINGS = ("sqlite-embedded", "sqlite-http", "postgresql-embedded")


@contextmanager
def line(kind: str, snapshot: Path, folder: Path, day: date) -> Iterator[Gateway]:
    """The gateway in this process, or as a service beside it."""
    if kind == "embedded":
        with embedded(snapshot, folder / "gateway.sqlite", day=day, daily_cap=CAP) as transport:
            yield Gateway(transport)
        return
    with service_benchmark.service(snapshot, folder) as url, Http(url, 30.0) as carrier:
        yield Gateway(SignedTransport(carrier, service_benchmark.SECRET, Sender(), clock.real))


def block(snapshot: Path, number: int, rows: int) -> pl.DataFrame:
    """Questions that were never asked before, about people all over the registry. Shape: as proposals.questions."""
    people = pl.read_parquet(snapshot, columns=["person_id", "full_name", "date_of_birth", "sex"])
    chosen = people.sample(rows, seed=number, with_replacement=rows > people.height)
    asked = queue.questions(rows, 189).drop("full_name", "date_of_birth", "sex", "person_id", "id_number")
    code = pl.format("{}-{}", pl.lit(f"{number:06}"), pl.col("request_id").str.slice(0, 29))
    return asked.hstack(chosen).with_columns(
        request_id=code,
        content_hash=pl.format("{}{}", pl.lit(f"{number:06}"), pl.col("content_hash").str.slice(6)),
        id_number="person_id",
    )


def sustained(name: str, snapshot: Path, rows: int, seconds: float, folder: Path) -> dict[str, object]:
    """Rates over the whole time and in the worst half minute, and the books checked at the end."""
    database, kind = name.split("-")
    day = datetime.now(UTC).astimezone(clock.TIME_ZONE).date()
    with ExitStack() as stack:
        url = None
        if database == "postgresql":
            url = postgres.database(stack.enter_context(postgres.server(durable=True)), "sustained")
        settings = Settings(workspace=folder, night=day, daily_cap=CAP, state_url=url)
        engine = stack.enter_context(state.opened(settings))
        gateway = stack.enter_context(line(kind, snapshot, folder, day))
        enqueue_s, told = _until(seconds, engine, gateway, settings, partial(block, snapshot, rows=rows))
        books = status(settings)
    assert books["charged"] == books["states"]["answered"] == told[-1][1]
    taken_s = told[-1][0] - told[0][0]
    took = sorted(after - before for (before, _), (after, _) in pairwise(told))
    return {
        "seconds": round(taken_s, 1),
        "answers": told[-1][1],
        "answers_per_s": round(told[-1][1] / taken_s),
        "worst_half_minute_per_s": round(_worst(told)),
        "enqueue_s": round(enqueue_s, 1),
        "batch_median_ms": round(took[len(took) // 2] * 1e3),
        "batch_p99_ms": round(took[int(len(took) * 0.99)] * 1e3),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _until(
    seconds: float, engine: Engine, gateway: Gateway, settings: Settings, next_block: "partial[pl.DataFrame]"
) -> tuple[float, list[tuple[float, int]]]:
    """Seconds spent on enqueueing, and when how many had been settled."""
    told = [(time.perf_counter(), 0)]
    day, enqueue_s, number = settings.night.isoformat(), 0.0, 0
    while told[-1][0] - told[0][0] < seconds:
        asking = next_block(number=number)
        begun, before = time.perf_counter(), told[-1][1]
        enqueue.take_in(engine, partial(state.transaction, engine), asking, ["students"], day)
        enqueue_s += time.perf_counter() - begun

        def progress(done: int, _of: int, before: int = before) -> None:
            told.append((time.perf_counter(), before + done))

        ended = Turn(engine, gateway, day, "benchmark", "", CAP, progress=progress).run()
        assert ended.stopped_by == "empty", ended
        number += 1
    return enqueue_s, told


def _worst(told: list[tuple[float, int]]) -> float:
    """The lowest rate of any window of half a minute, or of the whole if it was shorter."""
    lowest, first = float("inf"), 0
    for moment, settled in told:
        while moment - told[first + 1][0] >= WINDOW_S and first + 1 < len(told) - 1:
            first += 1
        if moment - told[first][0] >= WINDOW_S:
            lowest = min(lowest, (settled - told[first][1]) / (moment - told[first][0]))
    return lowest if lowest < float("inf") else told[-1][1] / (told[-1][0] - told[0][0])


def measure(names: list[str], people: int, rows: int, seconds: float, folder: Path) -> dict[str, object]:
    """Each setting by its name."""
    snapshot = service_benchmark.registry(people, folder / "registry.parquet")
    found: dict[str, object] = {}
    for name in names:
        if name.startswith("postgresql") and postgres.PROGRAMS is None:
            sys.stderr.write("PostgreSQL is not installed: left out\n")
            continue
        place = folder / name
        place.mkdir()
        load = round(os.getloadavg()[0], 1)
        found[name] = sustained(name, snapshot, rows, seconds, place) | {"people": people, "load_1m_at_start": load}
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--seconds", type=float, default=600.0)
    arguments.add_argument("--block", type=int, default=100_000, help="questions that are enqueued at once")
    arguments.add_argument("--people", type=int, default=1_000_000)
    arguments.add_argument("--only", choices=SETTINGS, help="this one; the others' results are left as they are")
    arguments.add_argument("--folder", type=Path, help="on the disk to be measured; default a temporary folder")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        names = [given.only] if given.only else list(SETTINGS)
        found = measure(names, given.people, given.block, given.seconds, Path(folder))
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
    text = json.dumps(kept | found | {"machine": machine}, indent=2)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
