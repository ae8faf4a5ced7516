"""How a worker behaves on the line, who is told of it, and how its turn ended."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pipelines.verify.queue import transitions
from pipelines.verify.queue.enqueue import Transaction
from pipelines.verify.worker import pacing
from pipelines.verify.worker.circuit_breaker import Limits
from pipelines.verify.worker.sender import Patience

Progress = Callable[[int, int], None]
"""Called with the questions settled in this turn and the questions that it may ask."""
Step = Callable[[str], None]
"""Called with a step's name as it is passed; the crash tests stop the process there."""
Intake = Callable[[Transaction], tuple[int, int]]
"""Takes questions in, in transactions of this kind, and says how many came and went."""


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker behaves on the line."""

    batch: int = transitions.BATCH
    asks: bool = True
    """Whether it asks anything new; else it only takes over what the gateway has answered already."""
    hours: pacing.Hours | None = None
    """Paced over these hours; None: as fast as the gateway answers."""
    patience_s: float = 0.0
    """How long it waits for a lost line before the turn ends; the nightly flow has other things to do."""
    tries: Patience = field(default_factory=Patience)
    breaker: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class TurnResult:
    """What a turn did and why it stopped."""

    stopped_by: str
    """empty, cap, outage, refused, paused, closed (out of hours), taken_over, past (the night asks nothing)."""
    error: str | None
    since: str | None
    """From when nothing could be asked (outage, refused, paused), an ISO moment in Việt Nam; else None."""
    enqueued: int
    cancelled: int
    asked: int
    settled: int
