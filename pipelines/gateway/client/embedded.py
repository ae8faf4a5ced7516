"""Embeds the simulated gateway in this process: the same answering code as `sachsong gateway`, without a network.

Its memory and its count of the day are in a database of its own, so that a question whose answer was lost in a
crash is answered again and charged once. It takes the same faults as the service; no time passes on its line.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from pipelines.errors import GatewayTimeout
from pipelines.gateway.client.signed import Sender, SignedTransport
from pipelines.gateway.protocol import clock
from pipelines.gateway.protocol.clock import Now
from pipelines.gateway.protocol.signing import SIGNATURE, Request
from pipelines.gateway.simulator import service
from pipelines.gateway.simulator.fault_plan import Faults
from pipelines.gateway.simulator.replies import LineFault, Reply
from pipelines.gateway.simulator.service import Service

TIMEOUT_S = 30.0


@contextmanager
def embedded(
    registry: Path,
    memory_file: Path,
    *,
    day: date,
    daily_cap: int,
    faults: Faults | None = None,
    now: Now | None = None,
    on_step: Callable[[str], None] = lambda _name: None,
) -> Iterator[SignedTransport]:
    """A transport to a gateway over the snapshot `registry` whose memory is the SQLite file `memory_file`.

    It is open on quota day `day`, unless `now` is its clock; the sender goes by the same clock.
    """
    ticking = now or clock.fixed(day)
    secret = secrets.token_bytes(32)
    with service.open_service(
        registry, memory_file, cap=daily_cap, secret=secret, now=ticking, faults=faults, on_step=on_step
    ) as far_end:
        yield SignedTransport(InProcess(far_end), secret, Sender(), ticking)


class InProcess:
    """A carrier within one process."""

    def __init__(self, far_end: Service, timeout_s: float = TIMEOUT_S) -> None:
        self._far_end = far_end
        self._timeout_s = timeout_s

    def carry(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """The reply; a broken connection, or one slower than the timeout, gives none."""
        reply = self._far_end.receive(request, headers[SIGNATURE])
        if reply.delivery in (LineFault.silent, LineFault.broken) or reply.takes_s > self._timeout_s:
            raise no_answer()
        return reply


def no_answer() -> GatewayTimeout:
    """The error of a message whose reply did not come."""
    return GatewayTimeout("Không có trả lời / no answer came.")
