"""Holds a turn's lease: its transactions happen only while nobody has taken over, and waiting keeps it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from pipelines.verify.clock import Clock
from pipelines.verify.queue import leases
from pipelines.verify.queue.leases import LEASE_S
from pipelines.workspace import state


@dataclass
class HeldLease:
    """The lease of one turn, which has just begun."""

    engine: Engine
    clock: Clock
    turn: int
    _renewed_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._renewed_at = self.clock.elapsed()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that happens only while nobody has taken over. Errors: LeaseLost."""
        with state.transaction(self.engine) as connection:
            leases.renew(connection, self.turn, self.clock.now(connection))
            self._renewed_at = self.clock.elapsed()
            yield connection

    def keep(self) -> None:
        """Before a message: whoever was stopped for long asks first whether it is still its turn. Errors: LeaseLost."""
        if self.clock.elapsed() - self._renewed_at > LEASE_S / 4:
            with self.transaction():
                pass

    def wait(self, seconds: float) -> None:
        """Waits, and holds the lease meanwhile. Errors: LeaseLost."""
        until = self.clock.elapsed() + seconds
        while (left := until - self.clock.elapsed()) > 0:
            self.clock.sleep(min(left, LEASE_S / 4))
            self.keep()
