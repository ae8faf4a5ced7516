"""Signs questions, and turns replies into answers or typed errors, alike over every carrier.

A `Carrier` takes one message over its line and brings the reply. Here the message is signed, the reply is checked
against it, and every way to fail gets its type: what was certainly not charged, what may have been, what is final.
"""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import polars as pl

from pipelines.errors import CapReached, GatewayDown, GatewayRefused, GatewayTimeout, RateLimited
from pipelines.gateway.protocol import messages, signing
from pipelines.gateway.protocol.answers import CODE, DAILY_QUOTA
from pipelines.gateway.protocol.clock import Now
from pipelines.gateway.protocol.messages import Envelope, Unreadable
from pipelines.gateway.protocol.signing import Request


class Received(Protocol):
    """A reply as it came: nothing of it is believed yet."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, their names in any case."""
        ...

    @property
    def body(self) -> bytes:
        """Bytes of the reply as they came."""
        ...


class Carrier(Protocol):
    """Protocol of what carries one message and its reply."""

    def carry(self, request: Request, headers: Mapping[str, str]) -> Received:
        """The reply. Errors: GatewayDown if the message never left, GatewayTimeout if no reply came."""
        ...


@dataclass(frozen=True)
class Sender:
    """The unit and the officer who ask: both go into the registry's own log."""

    unit: str = "sachsong"
    """Code of the unit (MaDonVi)."""
    officer: str = "nightly"
    """Code of the officer (MaCanBo)."""


class SignedTransport:
    """A transport (pipelines/gateway/client/client.py) over any carrier."""

    def __init__(
        self,
        carrier: Carrier,
        secret: bytes,
        sender: Sender,
        now: Now,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._carrier = carrier
        self._secret = secret
        self._sender = sender
        self._now = now
        self._nonce = nonce

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        """Answers to a batch, in the gateway's order. Errors: those of pipelines/errors.py that begin with Gateway,
        RateLimited, and CapReached if the whole batch was turned down."""
        return self._exchange(messages.ASK, messages.questions_body(questions))

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        """Answers already given to these requests. Errors: as `ask`."""
        return self._exchange(messages.RESULTS, messages.codes_body(request_ids))

    def _exchange(self, path: str, body: bytes) -> pl.DataFrame:
        request, headers = self._signed(path, body)
        return self._answers(request, self._carrier.carry(request, headers))

    def _signed(self, path: str, body: bytes) -> tuple[Request, dict[str, str]]:
        """The message and its headers."""
        sent_at = self._now().isoformat(timespec="milliseconds")
        request = Request("POST", path, self._sender.unit, self._sender.officer, self._nonce(), sent_at, body)
        return request, request.headers(self._secret)

    def _answers(self, request: Request, reply: Received) -> pl.DataFrame:
        """The answers in the reply to this message. Errors: as `ask`."""
        envelope = self._envelope(reply)
        is_theirs = envelope is not None and self._belongs(reply, request)
        if reply.status == 429:
            raise _limited(reply, envelope if is_theirs else None)
        has_rows = reply.status == 200 or (reply.status in (400, 422) and envelope and envelope.response.data)
        if not has_rows:
            raise _failed(reply, envelope, is_theirs=is_theirs)
        if envelope is None or not is_theirs:
            raise _unusable("trả lời không phải của yêu cầu này / an answer that is not to this message")
        if reply.status == 200 and envelope.error:
            raise _failed(reply, envelope, is_theirs=True)
        answers = messages.read_answers(envelope, self._secret)
        if str(answers["quota_day"].max() or "") > (self._now() + timedelta(days=1)).date().isoformat():
            raise _unusable("ngày tính hạn mức chưa tới / a quota day that is still to come")
        return answers

    def _envelope(self, reply: Received) -> Envelope | None:
        try:
            return messages.read_envelope(reply.body)
        except Unreadable:
            return None

    def _belongs(self, reply: Received, request: Request) -> bool:
        """Whether this is the answer to this message, by somebody who has the secret."""
        text = signing.answer_text(reply.status, request.hash, reply.body)
        return signing.is_signed(self._secret, text, reply.headers.get(signing.SIGNATURE, ""))


def _limited(reply: Received, envelope: Envelope | None) -> Exception:
    """Only who has the secret can say that the day is over: what was asked is free for others then."""
    wait_s = _seconds(reply.headers)
    if envelope is not None and envelope.error == DAILY_QUOTA:
        day = reply.headers.get("X-Quota-Day")
        return CapReached(f"Hết hạn mức ngày {day} / the quota of {day} is used up.", day=day, retry_after_s=wait_s)
    told = "Cổng xác thực đề nghị gửi chậm lại / the gateway asks to slow down."
    return RateLimited(told) if wait_s is None else RateLimited(told, retry_after_s=wait_s)


def _failed(reply: Received, envelope: Envelope | None, *, is_theirs: bool) -> Exception:
    """The error of a reply that holds no answers."""
    # What is no code is not repeated: nobody knows what stands there.
    told = envelope.error if envelope and envelope.error else ""
    code = told if re.fullmatch(CODE, told) else f"HTTP_{reply.status}"
    if is_theirs and reply.status in (200, 500, 503):
        wait_s = _seconds(reply.headers)
        return GatewayDown(f"Cổng xác thực báo lỗi / the gateway is out of order: {code}.", retry_after_s=wait_s)
    # 408 of a proxy, which says no code: it may have handed the message on.
    if 400 <= reply.status < 500 and reply.status != 409 and (told or reply.status != 408):
        told = f"Cổng xác thực từ chối: {code}{_REMEDY.get(code, '')} / refused: {code}."
        return GatewayRefused(told, code=code, is_for_content=reply.status in _FOR_CONTENT, is_theirs=is_theirs)
    # 409: this very message came twice, so one of the two was dealt with. 5xx: a proxy cannot know what lies behind.
    return _unusable(code)


_FOR_CONTENT = (400, 413, 422)
_REMEDY = {
    "EXPIRED": " (kiểm tra đồng hồ máy này / check this machine's clock)",
    "FUTURE": " (kiểm tra đồng hồ máy này / check this machine's clock)",
    "UNSIGNED": " (kiểm tra khóa bí mật / check the secret)",
    "FORBIDDEN": " (kiểm tra mã đơn vị / check the unit)",
}


def _unusable(why: str) -> GatewayTimeout:
    return GatewayTimeout(
        f"Không có trả lời dùng được, yêu cầu có thể đã bị tính vào hạn mức / no usable answer: {why}."
    )


def _seconds(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdecimal() else None
