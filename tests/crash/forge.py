"""The tests' end of `child`: orders jobs, hears what the workers say, kills, stops and wakes them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.crash.job import Job

ROOT = Path(__file__).parents[2]


class Worker:
    """One job under way."""

    def __init__(self, server: "subprocess.Popen[str]", job: Job) -> None:
        self._server = server
        self.said: dict[str, Any] = {}
        self.steps: list[tuple[float, str]] = []
        """When each step was heard of, in seconds since the job was ordered."""
        self._begun = time.monotonic()
        assert server.stdin
        server.stdin.write(job.model_dump_json() + "\n")
        server.stdin.flush()
        self.hear("pid")

    def hear(self, *wanted: str) -> Any:
        """The first of these things that the worker has not said yet, once it says it."""
        assert self._server.stdout
        while True:
            line = self._server.stdout.readline()
            assert line, "the process that forks has ended"
            told: dict[str, Any] = json.loads(line)
            if "step" in told:
                self.steps.append((time.monotonic() - self._begun, told["step"]))
            self.said |= told
            for name in wanted:
                if name in told:
                    return told[name]
            assert "returncode" not in told or "returncode" in wanted, self.said

    def hear_step(self, name: str) -> None:
        """Returns once the worker passes this step."""
        while self.passed(name) is None:
            self.hear("step")

    def signal(self, number: signal.Signals) -> None:
        """Sent to the worker, unless it has ended meanwhile."""
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(self.said["pid"])
            try:
                signal.pidfd_send_signal(handle, number)
            finally:
                os.close(handle)

    def end(self) -> int:
        """Its exit code, negative if a signal ended it. Errors: AssertionError if it died of something untyped."""
        code = int(self.hear("returncode"))
        assert "traceback" not in self.said, self.said
        return code

    def passed(self, name: str) -> float | None:
        """Seconds after the order until this step was passed first."""
        return next((after for after, step in self.steps if step == name), None)


class Forge:
    """Where workers are made; one at a time."""

    def __init__(self, server: "subprocess.Popen[str]") -> None:
        self._server = server

    def start(self, job: Job) -> Worker:
        return Worker(self._server, job)

    def run(self, job: Job) -> Worker:
        """The worker when it has ended."""
        worker = self.start(job)
        worker.said["returncode"] = worker.end()
        return worker


@contextmanager
def opened(preload: Path | None = None) -> Iterator[Forge]:
    """A forge; with a library that its processes load before all others."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.child"],
        cwd=ROOT,
        env=os.environ | ({"LD_PRELOAD": str(preload)} if preload else {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Forge(server)
    finally:
        assert server.stdin
        server.stdin.close()
        server.wait(60)
