"""Our queue beside Procrastinate, in one run, on the same PostgreSQL server with every commit on disk.

    python -m benchmarks.procrastinate_peer [--jobs 10000] [--batches 500 30 10 1] [--concurrency 1 10 30]

It needs `make peers` and PostgreSQL.

Both take in the same number of jobs and finish them with nothing to do in between. Procrastinate commits each fetch and
each finish; we move batches of questions, 500 by default, with the ledger, the day's cap, the tenants' places and the
leases in the same transactions. Ours is also shown with as few questions a message as Procrastinate has jobs at once,
and how many statements and synced commits a batch costs, what the whole turn costs being shared among its batches.
Writes benchmarks/results/procrastinate.json.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from benchmarks import queue
from pipelines.config import Settings
from pipelines.gateway.client.client import Gateway
from pipelines.verify.worker.options import WorkerOptions
from pipelines.verify.worker.turn import Turn
from pipelines.workspace import state
from tests.pipelines.verify import postgres

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "procrastinate.json"
PEER_PYTHON = HERE.parent / ".venv-peers" / "bin" / "python"
CAP = 10**9
BATCHES_MEASURED = 1_000
"""Of small batches: enough for a rate."""


def ours(url: str, jobs: int, batch: int, workspace: Path) -> dict[str, float]:
    """Seconds to enqueue so many questions, and to ask and settle them all in batches of this size."""
    settings = Settings(workspace=workspace, night=queue.NIGHT, daily_cap=CAP, state_url=url)
    enqueue_s = queue.enqueue(settings, queue.questions(jobs, 189))
    with state.opened(settings) as engine, _counted(engine) as counts:
        begun = time.perf_counter()
        gateway = Gateway(queue.Immediate())
        ended = Turn(
            engine, gateway, queue.NIGHT.isoformat(), "benchmark", "", CAP, conduct=WorkerOptions(batch=batch)
        ).run()
        work_s = time.perf_counter() - begun
    assert (ended.stopped_by, ended.settled) == ("empty", jobs)
    batches = -(-jobs // batch)
    return {
        "jobs": jobs,
        "enqueue_s": round(enqueue_s, 2),
        "work_s": round(work_s, 2),
        "jobs_per_s": round(jobs / work_s),
        "statements_a_batch": round(counts["statements"] / batches, 1),
        "commits_a_batch": round(counts["commits"] / batches, 1),
    }


@contextmanager
def _counted(engine: Engine) -> Iterator[Counter[str]]:
    """`statements` and `commits` of this engine, as they come."""
    counts = Counter[str]()

    def on_statement(*_told: object) -> None:
        counts["statements"] += 1

    def on_commit(_connection: Connection) -> None:
        counts["commits"] += 1

    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    yield counts


def theirs(dsn: str, jobs: int, concurrencies: list[int]) -> dict[str, Any]:
    """The same of Procrastinate, by its worker's concurrency."""
    program = HERE / "peers" / "procrastinate_queue.py"
    command = [str(PEER_PYTHON), str(program), dsn, str(jobs), *map(str, concurrencies)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=3_600)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(jobs: int, batches: list[int], concurrencies: list[int]) -> dict[str, Any]:
    """Both, one after the other."""
    load = round(os.getloadavg()[0], 1)
    with postgres.server(durable=True) as folder, tempfile.TemporaryDirectory() as workspace:
        found = {
            "jobs": jobs,
            **{
                f"ours_batch_{batch}": ours(
                    postgres.database(folder, f"batch{batch}"),
                    min(jobs, batch * BATCHES_MEASURED),
                    batch,
                    Path(workspace),
                )
                for batch in batches
            },
            "procrastinate": theirs(
                postgres.database(folder, "peer").replace("postgresql:", "postgres:"), jobs, concurrencies
            ),
        }
    machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
    return found | {"fsync": "on", "machine": machine, "load_1m_at_start": load}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--jobs", type=int, default=10_000)
    arguments.add_argument(
        "--batches", type=int, nargs="+", default=[500, 30, 10, 1], help="of ours, questions a message"
    )
    arguments.add_argument("--concurrency", type=int, nargs="+", default=[1, 10, 30])
    given = arguments.parse_args()
    if postgres.PROGRAMS is None or not PEER_PYTHON.exists():
        sys.exit("PostgreSQL (Debian's package) and `make peers` are needed.")
    text = json.dumps(measure(given.jobs, given.batches, given.concurrency), indent=2)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
