"""Our queue beside Procrastinate, in one run, on the same PostgreSQL server with every commit on disk.

    python -m benchmarks.procrastinate_peer [--jobs 10000] [--concurrency 1 10 30]      # needs `make peers`, PostgreSQL

Both take in the same number of jobs and finish them with nothing to do in between. Procrastinate commits each fetch and
each finish; we move batches of questions, 500 by default, and one at a time for the comparison of like with like,
with the ledger, the day's cap, the tenants' places and the leases in the same transactions.
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
from pathlib import Path
from typing import Any

from benchmarks import queue
from pipelines import state
from pipelines.config import Settings
from pipelines.verify.gateway import Gateway
from pipelines.verify.turn import Conduct, Turn
from tests.pipelines.verify import postgres

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "procrastinate.json"
PEER_PYTHON = HERE.parent / ".venv-peers" / "bin" / "python"
CAP = 10**9


def ours(url: str, jobs: int, batch: int, workspace: Path) -> dict[str, float]:
    """Seconds to enqueue so many questions, and to ask and settle them all in batches of this size."""
    settings = Settings(workspace=workspace, night=queue.NIGHT, daily_cap=CAP, state_url=url)
    enqueue_s = queue.enqueue(settings, queue.questions(jobs, 189))
    with state.opened(settings) as engine:
        begun = time.perf_counter()
        gateway = Gateway(queue.Immediate())
        ended = Turn(engine, gateway, queue.NIGHT.isoformat(), "benchmark", "", CAP, conduct=Conduct(batch=batch)).run()
        work_s = time.perf_counter() - begun
    assert (ended.stopped_by, ended.settled) == ("empty", jobs)
    return {"enqueue_s": round(enqueue_s, 2), "work_s": round(work_s, 2), "jobs_per_s": round(jobs / work_s)}


def theirs(dsn: str, jobs: int, concurrencies: list[int]) -> dict[str, Any]:
    """The same of Procrastinate, by its worker's concurrency."""
    program = HERE / "peers" / "procrastinate_queue.py"
    command = [str(PEER_PYTHON), str(program), dsn, str(jobs), *map(str, concurrencies)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=3_600)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(jobs: int, single_jobs: int, concurrencies: list[int]) -> dict[str, Any]:
    """Both, one after the other."""
    load = round(os.getloadavg()[0], 1)
    with postgres.server(durable=True) as folder, tempfile.TemporaryDirectory() as workspace:
        found = {
            "jobs": jobs,
            "ours_batch_500": ours(postgres.database(folder, "batch"), jobs, 500, Path(workspace)),
            "ours_batch_1": {"jobs": single_jobs}
            | ours(postgres.database(folder, "single"), single_jobs, 1, Path(workspace)),
            "procrastinate": theirs(
                postgres.database(folder, "peer").replace("postgresql:", "postgres:"), jobs, concurrencies
            ),
        }
    machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
    return found | {"fsync": "on", "machine": machine, "load_1m_at_start": load}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--jobs", type=int, default=10_000)
    arguments.add_argument("--single-jobs", type=int, default=1_000, help="of ours, one question a message")
    arguments.add_argument("--concurrency", type=int, nargs="+", default=[1, 10, 30])
    given = arguments.parse_args()
    if postgres.PROGRAMS is None or not PEER_PYTHON.exists():
        sys.exit("PostgreSQL (Debian's package) and `make peers` are needed.")
    text = json.dumps(measure(given.jobs, given.single_jobs, given.concurrency), indent=2)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
