"""Procrastinate's rates on a PostgreSQL of its own: jobs deferred, then fetched and finished by one worker process.

Run by benchmarks/procrastinate_peer.py with .venv-peers: python procrastinate_queue.py DSN JOBS CONCURRENCY...

As its documentation says for speed: an asynchronous task, deferred in batches, a worker with `concurrency`, and
LISTEN/NOTIFY left on. The task itself does nothing, so that the figure is the queue's.
"""

import asyncio
import json
import sys
import time

import procrastinate

BATCH = 1_000


async def measure(dsn: str, jobs: int, concurrency: int) -> dict[str, float]:
    """Seconds to defer so many jobs, and to fetch and finish them all."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=dsn, min_size=1, max_size=concurrency + 4)
    )
    done = 0

    @app.task(name="ask", queue="questions")
    async def ask(request_id: str, tenant: str) -> None:
        nonlocal done
        done += 1

    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        begun = time.perf_counter()
        for first in range(0, jobs, BATCH):
            rows = [
                {"request_id": f"{n:08}-0000-8000-a000-000000000000", "tenant": f"students-{n % 189:03}"}
                for n in range(first, min(first + BATCH, jobs))
            ]
            await ask.batch_defer_async(*rows)
        enqueue_s = time.perf_counter() - begun
        begun = time.perf_counter()
        await app.run_worker_async(
            queues=["questions"], concurrency=concurrency, wait=False, install_signal_handlers=False
        )
        work_s = time.perf_counter() - begun
    assert done == jobs, done
    return {"enqueue_s": round(enqueue_s, 2), "work_s": round(work_s, 2), "jobs_per_s": round(jobs / work_s)}


def main() -> None:
    dsn, jobs, *concurrencies = sys.argv[1:]
    found = {count: asyncio.run(measure(dsn, int(jobs), int(count))) for count in concurrencies}
    print(json.dumps({"version": procrastinate.__version__, "concurrency": found}))


if __name__ == "__main__":
    main()
