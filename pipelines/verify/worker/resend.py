"""Schedules questions that were sent and never answered: in which parts they are asked again, and which rest for an
hour.

One question may be what the gateway cannot take: then every message with it fails, though look-ups pass. Parts are
split until it is found; alone it rests, so that it holds up nobody else.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from pipelines.verify.worker.sender import BatchResult

LOST_IN_A_ROW = 3
"""Number of messages in a row without any answer, though look-ups pass, after which the gateway counts as taking no
questions.
"""
PARTS = 10
"""A message is split into this many parts when it is sent again."""
MOST_LOST = 30
"""Most lost messages in a turn, since each costs all its tries."""
REST_S = 3_600.0
"""Seconds for which a question rests once it has been tried as often as it may be."""


@dataclass
class ResendSchedule:
    """The schedule of one turn, by the clock that the caller reads."""

    turn: int
    _until: dict[str, float] = field(default_factory=dict, init=False)
    _lost: int = field(default=0, init=False)

    def parts(self, unanswered: pl.DataFrame, size: int) -> list[pl.DataFrame]:
        """The parts in which messages of this size are sent again; in another order in each turn, so that what stops
        one turn does not stop the next at the same place.
        """
        found = _parts(unanswered, size)
        random.Random(self.turn).shuffle(found)
        return found

    def left(
        self, result: BatchResult, others: list[pl.DataFrame], lost_in_a_row: int, now: float
    ) -> list[pl.DataFrame]:
        """Parts that are still to be sent again after this message: none, all of them resting, if the gateway takes no
        questions.
        """
        self._lost += result.is_lost
        is_alone = result.open.height == 1
        if self._lost >= MOST_LOST or (lost_in_a_row >= LOST_IN_A_ROW and not is_alone):
            for part in (result.open, *others):
                self.rest(part["request_id"], now)
            return []
        if is_alone or not result.is_lost:
            self.rest(result.open["request_id"], now)
            return others
        return [*others, *_parts(result.open, result.open.height)]

    def rest(self, request_ids: Iterable[str], now: float) -> None:
        """Lets these questions rest from now on."""
        self._until |= dict.fromkeys(request_ids, now + REST_S)

    def awake(self, questions: pl.DataFrame, now: float) -> pl.DataFrame:
        """Those of the questions that may be asked, because they do not rest."""
        self._until = {request: until for request, until in self._until.items() if until > now}
        resting = pl.Series(list(self._until), dtype=pl.String)
        return questions.filter(~pl.col("request_id").is_in(resting.implode()))

    def next_s(self, now: float) -> float | None:
        """Seconds until the first resting question may be asked again; None if none rests."""
        return max(0.0, min(self._until.values()) - now) if self._until else None


def _parts(questions: pl.DataFrame, size: int) -> list[pl.DataFrame]:
    return list(questions.iter_slices(max(1, size // PARTS)))
