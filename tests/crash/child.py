"""A process that forks a worker for each job: killing one costs a fork, not the imports.

python -m tests.crash.child reads jobs (JSON, one a line) and tells the worker's process id, what the worker says, when
it is stopped and how it ended, each as a line of JSON.
"""

import gc
import json
import os
import signal
import sys
from types import ModuleType

# Its imports start the threads of polars, and a fork has only the thread that forked; the people are made up here.
sys.modules["pipelines.gateway.simulator.compare"] = ModuleType("pipelines.gateway.simulator.compare")
sys.modules["pipelines.gateway.simulator.compare"].People = object  # type: ignore[attr-defined]

from tests.crash.job import Job, run  # noqa: E402


def say(**told: object) -> None:
    """One line to whoever ordered the job."""
    os.write(1, (json.dumps(told) + "\n").encode())


def serve() -> None:
    """Returns when no more jobs come."""
    gc.freeze()
    for line in sys.stdin:
        worker = os.fork()
        if worker == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            work(line)
        say(pid=worker)
        while True:
            _, status = os.waitpid(worker, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                break
            say(stopped=True)
        code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        say(returncode=code)


def work(line: str) -> None:
    """Never returns."""
    code = 70
    try:
        code = run(Job.model_validate_json(line), say)
    except BaseException as fault:
        say(traceback=f"{type(fault).__name__}: {fault}")
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who interrupts the tests closes stdin too
    serve()
    os._exit(0)  # DuckDB's binding would complain of what the forks left
