"""Asks the registry's gateway over any transport, and checks what it answers.

`Gateway` is the one client; only its transport differs (embedded in this process, or over HTTP). It lets through
nothing but well-formed answers to the questions that were asked: anything else counts as no answer, and the
question stays open until the gateway is asked for the result of the same request code.

    GatewayDown, GatewayTimeout   the line failed; the question may have been charged
    GatewayRefused                the gateway rejects the whole message
"""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import polars as pl

from pipelines.gateway.protocol.answers import ANSWER, CODE, FLAGS, QUESTION, answers


class Transport(Protocol):
    """Protocol of what carries messages to the gateway. Shape: frames as QUESTION and ANSWER say, in any order."""

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        """Answers to a batch. Asking the same request again gives the same answer and charges nothing."""
        ...

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        """Answers already given to these requests; charges nothing. A request never received has no row."""
        ...


@runtime_checkable
class Beside(Transport, Protocol):
    """Protocol of a transport whose gateway answers while the caller does something else."""

    def begin(self, questions: pl.DataFrame) -> Callable[[], pl.DataFrame]:
        """Sends a batch. Called, what is returned waits for the answers: they, and the errors, are those of `ask`."""
        ...


class Gateway:
    """The client: the same checks over every transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        """The well-formed answers to these questions, sorted by request; a question without an answer has no row.

        Errors: GatewayDown, GatewayTimeout (some may have been charged), GatewayRefused.
        """
        sent = questions.select(list(QUESTION)).cast(QUESTION)
        return _well_formed(self._transport.ask(sent), sent["request_id"])

    @property
    def answers_beside(self) -> bool:
        """Whether the gateway answers while the caller does something else."""
        return isinstance(self._transport, Beside)

    def ask_beside(self, questions: pl.DataFrame) -> Callable[[], pl.DataFrame]:
        """Sends these questions to a gateway that answers beside. Called, what is returned waits for the answers."""
        assert isinstance(self._transport, Beside)
        sent = questions.select(list(QUESTION)).cast(QUESTION)
        received = self._transport.begin(sent)
        return lambda: _well_formed(received(), sent["request_id"])

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        """Answers that the gateway already gave to these requests, whether or not they reached us."""
        asked = pl.Series("request_id", list(request_ids), dtype=pl.String)
        return _well_formed(self._transport.results(asked.to_list()), asked)


def _well_formed(received: pl.DataFrame, asked: pl.Series) -> pl.DataFrame:
    """Answers to what was asked, one each, with known codes and flags."""
    known = answers()
    answered = (
        pl.col("result").is_in(known.codes)
        & pl.all_horizontal(pl.col(flag).is_in(known.flags) for flag in FLAGS)
        & (pl.col("quota_day").str.to_date("%Y-%m-%d", strict=False).dt.to_string("%Y-%m-%d") == pl.col("quota_day"))
        & pl.col("error").is_null()
    )
    is_code = pl.col("error").str.contains(CODE)
    turned_down = pl.col("result").is_null() & is_code & pl.col("quota_day").is_null()
    return (
        received.lazy()
        .select(list(ANSWER))
        .cast(ANSWER)
        .filter(pl.col("request_id").is_in(asked.implode()), answered.fill_null(False) | turned_down)
        .sort("request_id", "result", nulls_last=True)
        .unique("request_id", keep="first", maintain_order=True)
        .collect()
    )
