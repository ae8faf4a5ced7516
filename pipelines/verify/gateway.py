"""What the registry's gateway is asked and may answer, whoever carries the message.

`Gateway` is the one client; only its transport differs (embedded in this process, or over HTTP). It lets through
nothing but well-formed answers to the questions that were asked: anything else counts as no answer, and the
question stays open until the gateway is asked for the result of the same request code.

    GatewayDown, GatewayTimeout   the line failed; the question may have been charged
    GatewayRefused                the gateway rejects the whole message
"""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import polars as pl
from pydantic import BaseModel, ConfigDict

QUESTION = pl.Schema(
    {
        "request_id": pl.String,  # MaYeuCau: made by the caller, the same whenever the same is asked
        "unit": pl.String,  # MaDonVi
        "purpose": pl.String,  # MucDich: the sector that asks
        "id_number": pl.String,  # SoDinhDanh
        "full_name": pl.String,  # HoVaTen
        "date_of_birth": pl.String,  # NgayThangNamSinh: yyyy-mm-dd, yyyy-mm or yyyy
        "sex": pl.String,  # GioiTinh
    }
)
"""A batch of questions; the comments name the fields of the national data exchange."""

FLAGS = ("id_flag", "name_flag", "birth_flag", "sex_flag")

ANSWER = pl.Schema(
    {
        "request_id": pl.String,
        "result": pl.String,  # null if the question itself was turned down
        **dict.fromkeys(FLAGS, pl.String),
        "quota_day": pl.String,  # the gateway's day that was charged; null if none was
        "error": pl.String,  # code of why the question was turned down, uncharged
    }
)
"""A batch of answers: flags only, never a value of the registry."""

CODE = r"^[A-Z][A-Z0-9_]{0,39}$"
"""What an error's code looks like; anything else that stands in its place is repeated nowhere."""
DAILY_QUOTA = "DAILY_QUOTA"
"""Turned down because the gateway's day is used up: the question waits for another day."""


class Result(BaseModel):
    """One code that the gateway may answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    title_vi: str
    title_en: str
    settled: bool
    """Whether the answer is the last one to this question."""
    status: str
    """The record's status after it; empty if it leaves the status alone."""


class Answers(BaseModel):
    """The table of answers: codes and flags."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flags: tuple[str, ...]
    result: tuple[Result, ...]

    @property
    def codes(self) -> list[str]:
        """All result codes."""
        return [result.code for result in self.result]

    @property
    def settled(self) -> list[str]:
        """Codes that end a question."""
        return [result.code for result in self.result if result.settled]

    @property
    def statuses(self) -> dict[str, str]:
        """Result code → the record's new status, where it changes."""
        return {result.code: result.status for result in self.result if result.status}


@cache
def answers() -> Answers:
    """What the gateway may answer, from `answers.toml`."""
    path = Path(__file__).with_name("answers.toml")
    return Answers.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


class Transport(Protocol):
    """Carries messages to the gateway. Shape: frames as QUESTION and ANSWER say, in any order."""

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        """Answers to a batch. Asking the same request again gives the same answer and charges nothing."""
        ...

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        """Answers already given to these requests; charges nothing. A request never received has no row."""
        ...


class Gateway:
    """The client: the same checks over every transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        """The well-formed answers to these questions, sorted by request; a question without one has no row.

        Errors: GatewayDown, GatewayTimeout (some may have been charged), GatewayRefused.
        """
        sent = questions.select(list(QUESTION)).cast(QUESTION)
        return _well_formed(self._transport.ask(sent), sent["request_id"])

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
        received.select(list(ANSWER))
        .cast(ANSWER)
        .filter(pl.col("request_id").is_in(asked.implode()), answered.fill_null(False) | turned_down)
        .sort("request_id", "result", nulls_last=True)
        .unique("request_id", keep="first", maintain_order=True)
    )
