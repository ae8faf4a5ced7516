"""Defines the columns of questions and answers, and loads the table of answer codes."""

import tomllib
from functools import cache
from pathlib import Path

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
"""Columns of a batch of questions; the comments name the fields of the national data exchange."""


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
"""Columns of a batch of answers: flags only, never a value of the registry."""


CODE = r"^[A-Z][A-Z0-9_]{0,39}$"
"""Pattern of an error's code; anything else in its place is repeated nowhere."""


DAILY_QUOTA = "DAILY_QUOTA"
"""Error code of questions refused because the gateway's day is used up: they wait for another day."""


class Result(BaseModel):
    """One code that the gateway may answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    title_vi: str
    title_en: str
    settled: bool
    """Whether the answer is the last one to this question."""
    status: str
    """The record's status after the answer; empty if the answer leaves the status alone."""


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
    """The table of answers, from `answers.toml`."""
    path = Path(__file__).with_name("answers.toml")
    return Answers.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
