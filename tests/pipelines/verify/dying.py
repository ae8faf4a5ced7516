"""A child process that runs the hop on a prepared workspace and is killed (SIGKILL) at the n-th pass of a step.

python -m tests.pipelines.verify.dying WORKSPACE RUN_ID CAP STEP N [beside]

`beside`: the gateway answers in another process.
"""

import os
import signal
import sys
from datetime import date
from functools import partial
from pathlib import Path

from pipelines.config import Run, Settings
from pipelines.gateway.client.beside import beside
from pipelines.gateway.client.embedded import embedded
from pipelines.verify import hop as verify
from pipelines.verify.worker.options import WorkerOptions

BATCH = 8


def main() -> None:
    workspace, run_id, cap, step, nth, *where = sys.argv[1:]
    settings = Settings(workspace=Path(workspace), night=date.fromisoformat(run_id[:10]), daily_cap=int(cap), threads=1)
    passed = 0

    def die(name: str) -> None:
        nonlocal passed
        passed += name == step
        if name == step and passed == int(nth):
            os.kill(os.getpid(), signal.SIGKILL)

    registry = settings.workspace / "registry.parquet"
    memory = settings.workspace / "gateway.sqlite"
    gateway = beside if where else partial(embedded, on_step=die)
    with gateway(registry, memory, day=settings.night, daily_cap=settings.daily_cap) as line:
        run = Run(settings=settings, run_id=run_id)
        verify.verify(run, transport=line, registry=registry, on_step=die, conduct=WorkerOptions(batch=BATCH))


if __name__ == "__main__":
    main()
