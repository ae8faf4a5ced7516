"""Runs the simulated gateway in a process of its own, so that it answers one message while the last one is settled.

It has the same answering code and the same memory as the embedded one. The process ends with its input, however this
one ends: what it was answering then it still remembers, so that whoever asks for it again finds it charged once.
"""

import os
import pickle
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.errors import PipelineError
from pipelines.gateway.client.embedded import no_answer
from pipelines.gateway.client.signed import Sender, SignedTransport
from pipelines.gateway.protocol import clock, messages
from pipelines.gateway.protocol.clock import Now
from pipelines.gateway.protocol.signing import SIGNATURE, Request
from pipelines.gateway.simulator.replies import Reply

END_S = 10.0
"""Seconds that the process has to end; a message takes a tenth of one."""
_COMMAND = (sys.executable, "-P", "-m", "pipelines.gateway.client.gateway_process")


@dataclass(frozen=True)
class FarEnd:
    """What the process opens: a gateway over a registry snapshot, on one quota day."""

    registry: Path
    memory_file: Path
    day: date
    daily_cap: int
    secret: bytes


@contextmanager
def beside(registry: Path, memory_file: Path, *, day: date, daily_cap: int) -> Iterator["BesideTransport"]:
    """A transport as `embedded` is, to a gateway in another process."""
    secret = secrets.token_bytes(32)
    carrier = OtherProcess(FarEnd(registry, memory_file, day, daily_cap, secret))
    try:
        yield BesideTransport(carrier, secret, clock.fixed(day))
    finally:
        carrier.close()


class OtherProcess:
    """A carrier to one other process. One message is under way at a time."""

    def __init__(self, far_end: FarEnd) -> None:
        self._far_end = far_end
        self._is_under_way = False
        # At once: it reads the registry's numbers while the night's questions are taken in.
        self._process: subprocess.Popen[bytes] | None = self._started()

    def carry(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """The reply. Errors: GatewayTimeout if the process is gone, else what the gateway raised."""
        self.send(request, headers)
        return self.receive()

    def send(self, request: Request, headers: Mapping[str, str]) -> None:
        """Returns once the message is handed over; `receive` says what became of it."""
        if self._is_under_way:
            with suppress(PipelineError):  # nobody waits for it any more
                self.receive()
        self._process = self._process or self._started()
        self._is_under_way = True
        _write(self._process, (request, headers[SIGNATURE]))

    def receive(self) -> Reply:
        """The reply to the message that was sent last. Errors: as `carry`."""
        self._is_under_way = False
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            told = pickle.load(self._process.stdout)
        except (EOFError, pickle.UnpicklingError):
            self.close()  # the next message starts another one
            raise no_answer() from None
        if isinstance(told, PipelineError):
            raise told
        assert isinstance(told, Reply)
        return told

    def close(self) -> None:
        """Returns once the process has ended, its memory closed."""
        process, self._process, self._is_under_way = self._process, None, False
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _started(self) -> "subprocess.Popen[bytes]":
        # Threads of its own would only wait for this process's.
        environment = os.environ | {"POLARS_MAX_THREADS": "1"}
        process = subprocess.Popen(
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        _write(process, self._far_end)
        return process


class BesideTransport(SignedTransport):
    """A signed transport that can begin a message and wait for its answers later."""

    def __init__(self, carrier: OtherProcess, secret: bytes, now: Now) -> None:
        super().__init__(carrier, secret, Sender(), now)
        self._beside = carrier

    def begin(self, questions: pl.DataFrame) -> Callable[[], pl.DataFrame]:
        """Sends a batch. Called, what is returned waits for the answers: they, and the errors, are those of `ask`."""
        request, headers = self._signed(messages.ASK, messages.questions_body(questions))
        self._beside.send(request, headers)
        return lambda: self._answers(request, self._beside.receive())


def _write(process: "subprocess.Popen[bytes]", what: object) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it is gone, which `receive` sees
        pickle.dump(what, process.stdin)
        process.stdin.flush()
