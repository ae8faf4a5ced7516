"""What was sent and never heard of: in which parts it is asked again, and what is left alone for an hour.

One question may be what the gateway cannot take: then every message with it fails, though look-ups pass. Parts are
split until it is found; alone it rests, so that it holds up nobody else.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from pipelines.verify.worker.sender import BatchResult

LOST_IN_A_ROW = 3
"""Messages without any answer, though look-ups pass, after which the gateway counts as taking no questions."""
PARTS = 10
"""In so many parts a message is asked again."""
MOST_LOST = 30
"""Messages in a turn, since each costs all its tries."""
REST_S = 3_600.0
"""What was tried as often as it may be is left alone for so long."""


@dataclass
class ResendSchedule:
    """One turn's, by the clock that the caller reads."""

    turn: int
    _until: dict[str, float] = field(default_factory=dict, init=False)
    _lost: int = field(default=0, init=False)

    def parts(self, unanswered: pl.DataFrame, size: int) -> list[pl.DataFrame]:
        """What messages of this size are asked again in; in another order in each turn, so that what stops one turn
        does not stop the next at the same place."""
        found = _parts(unanswered, size)
        random.Random(self.turn).shuffle(found)
        return found

    def left(
        self, delivery: BatchResult, others: list[pl.DataFrame], lost_in_a_row: int, now: float
    ) -> list[pl.DataFrame]:
        """What is still to be asked again after this message: all of it rests if the gateway takes no questions."""
        self._lost += delivery.is_lost
        is_alone = delivery.open.height == 1
        if self._lost >= MOST_LOST or (lost_in_a_row >= LOST_IN_A_ROW and not is_alone):
            for part in (delivery.open, *others):
                self.rest(part["request_id"], now)
            return []
        if is_alone or not delivery.is_lost:
            self.rest(delivery.open["request_id"], now)
            return others
        return [*others, *_parts(delivery.open, delivery.open.height)]

    def rest(self, request_ids: Iterable[str], now: float) -> None:
        """These are left alone from now on."""
        self._until |= dict.fromkeys(request_ids, now + REST_S)

    def awake(self, questions: pl.DataFrame, now: float) -> pl.DataFrame:
        """Those of the questions that may be asked."""
        self._until = {request: until for request, until in self._until.items() if until > now}
        resting = pl.Series(list(self._until), dtype=pl.String)
        return questions.filter(~pl.col("request_id").is_in(resting.implode()))

    def next_s(self, now: float) -> float | None:
        """Seconds until the first that rests may be asked again; None if none does."""
        return max(0.0, min(self._until.values()) - now) if self._until else None


def _parts(questions: pl.DataFrame, size: int) -> list[pl.DataFrame]:
    return list(questions.iter_slices(max(1, size // PARTS)))
