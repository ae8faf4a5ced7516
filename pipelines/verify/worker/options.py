"""Defines a worker's options, its callbacks, and the result of its turn."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pipelines.verify.queue import transitions
from pipelines.verify.queue.enqueue import Transaction
from pipelines.verify.worker import pacing
from pipelines.verify.worker.circuit_breaker import Limits
from pipelines.verify.worker.sender import Patience

Progress = Callable[[int, int], None]
"""A function that is called with the questions settled in this turn and the questions that it may ask."""
Step = Callable[[str], None]
"""A function that is called with a step's name as it is passed; the crash tests stop the process there."""
Intake = Callable[[Transaction], tuple[int, int]]
"""A function that takes questions in, in transactions of this kind, and returns how many came and went."""


@dataclass(frozen=True)
class WorkerOptions:
    """Options of a worker's behaviour towards the gateway."""

    batch: int = transitions.BATCH
    asks: bool = True
    """True if it asks new questions; else it only takes over what the gateway has answered already."""
    hours: pacing.Hours | None = None
    """Open hours over which it paces its questions; None: as fast as the gateway answers."""
    patience_s: float = 0.0
    """Seconds that it waits for a lost connection before the turn ends; the nightly flow has other things to do."""
    tries: Patience = field(default_factory=Patience)
    breaker: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class TurnResult:
    """Counts of a turn and why it stopped."""

    stopped_by: str
    """Reason: empty, cap, outage, refused, paused, closed (out of hours), taken_over, past (the night asks nothing)."""
    error: str | None
    since: str | None
    """From when nothing could be asked (outage, refused, paused), an ISO moment in Việt Nam; else None."""
    enqueued: int
    cancelled: int
    asked: int
    settled: int
