"""Decides on a batch of questions: answered before, new within the day's places, under review, or refused.

One transaction a batch: the answers are remembered and charged together, or neither.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Engine

from pipelines.gateway.protocol.answers import ANSWER, DAILY_QUOTA, FLAGS
from pipelines.gateway.simulator import request_log
from pipelines.gateway.simulator.compare import People
from pipelines.gateway.simulator.quota import Quota
from pipelines.workspace import state

BAD_FORMAT = "FORMAT"
KEY_REUSED = "KEY_REUSED"
"""Error code of a request code that was used before for another question."""
PENDING = "MANUAL_REVIEW"

_REPLAYED = ("body_hash", "result", *FLAGS, "ready_at")
_NOT_YET = {"result": PENDING, **dict.fromkeys(FLAGS, "X")}


@dataclass(frozen=True)
class Review:
    """Rule for the questions that an official looks at first: chosen by a hash of the request code."""

    share: float = 0.0
    after_s: int = 3_600
    """Seconds until the answer is there."""
    seed: int = 0

    def chosen(self, request_ids: pl.Series) -> pl.Expr:
        """Whether each of these questions is under review."""
        if not self.share:
            return pl.lit(False)
        return pl.lit(pl.Series([self._is_chosen(each) for each in request_ids.to_list()], dtype=pl.Boolean))

    def _is_chosen(self, request_id: str) -> bool:
        digest = hashlib.sha256(f"review|{self.seed}|{request_id}".encode()).digest()
        return int.from_bytes(digest[:6], "big") < self.share * 2**48


@dataclass(frozen=True)
class Answered:
    """Answers to a batch, and the day's count afterwards."""

    answers: pl.DataFrame
    """Answers in the columns ANSWER, in the order of the questions."""
    accepted: int
    """Questions charged to this day so far."""
    is_replay: bool = False
    """True if nothing was done because the message's nonce had been used."""


class Answering:
    """Answers questions from the registry, or from its memory where it answered before."""

    def __init__(
        self,
        people: People,
        engine: Engine,
        quota: Quota,
        review: Review | None = None,
        on_step: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self.quota = quota
        self._people = people
        self._engine = engine
        self._review = review or Review()
        self._step = on_step

    def ask(self, questions: pl.DataFrame, nonce: str, now: datetime) -> Answered:
        """Answers in the order of the questions; questions over the day's cap are refused, uncharged."""
        day = self.quota.day(now)
        compared = self._with_review(self._people.compare(questions), now)
        with state.transaction(self._engine) as connection:
            before = request_log.accepted(connection, day)
            if not request_log.spend(connection, nonce, now):
                return Answered(pl.DataFrame(schema=ANSWER), before, is_replay=True)
            known = request_log.remembered(connection, questions["request_id"].to_list())
            judged = _judge(compared, known, max(0, self.quota.cap_at(now) - before))
            new = judged.filter(pl.col("is_new") & pl.col("error").is_null())
            request_log.charge(connection, new, day)
            self._step("gateway.before_commit")
        self._step("gateway.after_commit")
        charged_on = pl.coalesce("quota_day", pl.when(pl.col("error").is_null()).then(pl.lit(day)))
        answers = _as_of(judged.with_columns(quota_day=charged_on), now)
        return Answered(answers, before + new.height)

    def results(self, request_ids: Sequence[str], nonce: str, now: datetime) -> Answered:
        """Answers given before to these requests; a request never received has no row."""
        with state.transaction(self._engine) as connection:
            charged = request_log.accepted(connection, self.quota.day(now))
            if not request_log.spend(connection, nonce, now):
                return Answered(pl.DataFrame(schema=ANSWER), charged, is_replay=True)
            known = request_log.remembered(connection, list(request_ids))
        return Answered(_as_of(known.with_columns(error=pl.lit(None, dtype=pl.String)), now), charged)

    def accepted(self, now: datetime) -> int:
        """Questions charged to this day so far."""
        with state.reading(self._engine) as connection:
            return request_log.accepted(connection, self.quota.day(now))

    def _with_review(self, compared: pl.DataFrame, now: datetime) -> pl.DataFrame:
        ready = pl.lit(int(now.timestamp()) + self._review.after_s, dtype=pl.Int64)
        chosen = self._review.chosen(compared["request_id"])
        return compared.with_columns(ready_at=pl.when(chosen).then(ready))


def _judge(compared: pl.DataFrame, remembered: pl.DataFrame, left: int) -> pl.DataFrame:
    """Each question with its answer: remembered, new within the places left, or turned down with a code."""
    known = remembered.select("request_id", "quota_day", *(pl.col(c).alias(f"old_{c}") for c in _REPLAYED))
    is_new = pl.col("quota_day").is_null()
    takes_place = is_new & pl.col("is_well_formed")
    error = (
        pl.when(~is_new & (pl.col("old_body_hash") != pl.col("body_hash")))
        .then(pl.lit(KEY_REUSED))
        .when(~pl.col("is_well_formed"))
        .then(pl.lit(BAD_FORMAT))
        .when(takes_place & (takes_place.cum_sum() > left))
        .then(pl.lit(DAILY_QUOTA))
    )
    given = pl.col("error").is_null()
    return (
        compared.lazy()
        .join(known.lazy(), on="request_id", how="left", maintain_order="left")
        .with_columns(is_new=is_new, error=error)
        .with_columns(
            *(
                pl.when(given).then(pl.when("is_new").then(column).otherwise(f"old_{column}")).alias(column)
                for column in ("result", *FLAGS, "ready_at")
            ),
            quota_day=pl.when(given).then("quota_day"),
        )
        .collect()
    )


def _as_of(answers: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The answers as they may be given at this moment: what is under review is not told."""
    is_open = (pl.col("ready_at") > int(now.timestamp())).fill_null(False)
    return answers.with_columns(
        pl.when(is_open).then(pl.lit(value)).otherwise(column).alias(column) for column, value in _NOT_YET.items()
    ).select(list(ANSWER))
