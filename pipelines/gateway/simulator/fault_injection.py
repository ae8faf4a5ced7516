"""Applies an ordered fault: to the message before it is read, to the answers, or to the reply on its way."""

import hashlib
from dataclasses import replace

import polars as pl

from pipelines.gateway.protocol import signing
from pipelines.gateway.protocol.signing import Request
from pipelines.gateway.simulator.fault_plan import Kind
from pipelines.gateway.simulator.replies import LineFault, Replies, Reply, Spoil

_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center>"

LOST: dict[Kind, Reply] = {
    Kind.outage: Reply(0, b"", delivery=LineFault.broken),
    Kind.lost_before: Reply(0, b"", delivery=LineFault.silent),
    Kind.bad_gateway: Reply(502, _PAGE, {"Content-Type": "text/html"}),
}
"""Fault by which the gateway never sees the message → the reply."""

TURNED_DOWN: dict[Kind, tuple[int, str, str]] = {
    Kind.maintenance: (503, "MAINTENANCE", "the gateway is being maintained"),
    Kind.rate: (429, "RATE", "too many questions a second"),
    Kind.inner_error: (200, "INTERNAL", "the registry behind the gateway failed"),
    Kind.error_500: (500, "INTERNAL", "the gateway failed"),
}
"""Fault → status, code and message with which the whole message is refused."""
WAIT = frozenset({Kind.maintenance, Kind.rate})
"""Faults whose refusal says when to come again."""


def spoil(kind: Kind | None) -> Spoil:
    """The answers as the fault leaves them, before they are signed."""
    return _ROWS.get(kind, lambda rows: rows)


def on_the_way(kind: Kind | None, reply: Reply, request: Request, replies: Replies, slow_s: float) -> Reply:
    """The reply as the fault leaves it, after the questions were answered."""
    if kind in _DELIVERIES:
        reply = replace(reply, delivery=_DELIVERIES[kind])
    if kind in (Kind.slow, Kind.drip):
        reply = replace(reply, takes_s=slow_s)
    if kind is Kind.truncated:
        reply = replace(reply, body=reply.body[: len(reply.body) // 2])
    if kind is Kind.another_request:
        reply = _of_another(reply, request, replies.secret)
    return reply


def _of_another(reply: Reply, request: Request, secret: bytes) -> Reply:
    """The same body, rightly signed, for a message that nobody sent."""
    other = hashlib.sha256(request.hash.encode()).hexdigest()
    signature = signing.mac(secret, signing.answer_text(reply.status, other, reply.body))
    return replace(reply, headers=reply.headers | {signing.REQUEST_HASH: other, signing.SIGNATURE: signature})


def _under_other_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Each row under the next one's request code; a single one under one that was never asked."""
    keys = pl.col("MaYeuCau")
    moved = keys.shift(-1).fill_null(keys.first()) if rows.height > 1 else pl.lit("0" * 36)
    return rows.with_columns(moved.alias("MaYeuCau"))


_ROWS: dict[Kind | None, Spoil] = {
    Kind.duplicate: lambda rows: rows[[place // 2 for place in range(2 * rows.height)]],
    Kind.shuffled: lambda rows: rows.reverse(),
    Kind.wrong_key: _under_other_keys,
}
_DELIVERIES: dict[Kind | None, LineFault] = {
    Kind.lost_after: LineFault.silent,
    Kind.reset_after: LineFault.broken,
    Kind.drip: LineFault.drip,
}
