"""Builds the gateway's replies: the envelope, the quota headers, Retry-After, the signature."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum

import polars as pl

from pipelines.gateway.protocol import messages, signing
from pipelines.gateway.protocol.answers import DAILY_QUOTA
from pipelines.gateway.protocol.signing import Request
from pipelines.gateway.simulator.answering import BAD_FORMAT, KEY_REUSED, Answered
from pipelines.gateway.simulator.quota import Quota

STATUS = {DAILY_QUOTA: 429, BAD_FORMAT: 400, KEY_REUSED: 422}
"""Error code → HTTP status of a message of which every question was refused with that code."""

Spoil = Callable[[pl.DataFrame], pl.DataFrame]
"""A function that changes the rows of an answer. Shape: as `messages.answers_data`."""


class LineFault(StrEnum):
    """Fault of the connection on which a reply is sent."""

    whole = "whole"
    silent = "silent"
    """The connection stays open and nothing comes."""
    broken = "broken"
    drip = "drip"


@dataclass(frozen=True)
class Reply:
    """A reply as it is sent."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    delivery: LineFault = LineFault.whole
    takes_s: float = 0.0


@dataclass(frozen=True)
class Replies:
    """Builder of the replies of one gateway."""

    secret: bytes = field(repr=False)
    quota: Quota

    def answers(self, request: Request, now: datetime, told: Answered, spoil: Spoil = lambda rows: rows) -> Reply:
        """The reply with these answers; `spoil` is applied to the rows before the message is signed."""
        errors = told.answers["error"].unique().to_list()
        common = errors[0] if len(errors) == 1 else None
        status = STATUS.get(common or "", 200)
        data = spoil(messages.answers_data(told.answers, self.secret))
        body = messages.envelope_body(status, common, "", data, request.hash)
        until_reset = math.ceil((self.quota.reset(now) - now) / timedelta(seconds=1))
        wait = {"Retry-After": str(until_reset)} if common == DAILY_QUOTA else {}
        return self._signed(request, now, status, body, told.accepted, wait)

    def error(
        self,
        request: Request,
        now: datetime,
        accepted: int,
        status: int,
        code: str,
        message: str,
        retry_after_s: float | None = None,
    ) -> Reply:
        """The reply that refuses the whole message, uncharged."""
        wait = {} if retry_after_s is None else {"Retry-After": str(math.ceil(retry_after_s))}
        body = messages.envelope_body(status, code, message, pl.DataFrame(), request.hash)
        return self._signed(request, now, status, body, accepted, wait)

    def _signed(
        self, request: Request, now: datetime, status: int, body: bytes, accepted: int, more: Mapping[str, str]
    ) -> Reply:
        cap = self.quota.cap_at(now)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Date": format_datetime(now.astimezone(UTC), usegmt=True),
            "X-Quota-Day": self.quota.day(now),
            "X-Quota-Limit": str(cap),
            "X-Quota-Remaining": str(max(0, cap - accepted)),
            "X-Quota-Reset": self.quota.reset(now).isoformat(),
            signing.REQUEST_HASH: request.hash,
            signing.SIGNATURE: signing.mac(self.secret, signing.answer_text(status, request.hash, body)),
            **more,
        }
        return Reply(status, body, headers)
