"""Serves the simulated gateway over HTTP, and breaks the connection where a reply says so."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Incoming
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from pipelines.errors import BadInput, place_of
from pipelines.gateway.protocol import messages, signing
from pipelines.gateway.protocol.signing import Request
from pipelines.gateway.simulator.replies import LineFault, Reply
from pipelines.gateway.simulator.service import Service

_LOG = logging.getLogger(__name__)

MOST_BYTES = 2_000_000
"""Most bytes of a message: a thousand questions are some 300,000."""
DRIPS = 20

_LINES: dict[Any, asyncio.Transport] = {}
"""The open connections by their far ends: an ordered fault breaks one."""


def application(service: Service) -> Starlette:
    """The web application: POST questions, POST request codes, GET one request code, GET /health."""

    async def guarded(incoming: Incoming) -> Response:
        try:
            return await exchange(incoming)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception as fault:  # its text, and a traceback's, may repeat what was asked
            _LOG.error("our fault: %s", place_of(fault))
            return PlainTextResponse("our fault", 500)

    async def exchange(incoming: Incoming) -> Response:
        body = await _body(incoming)
        if body is None:
            return PlainTextResponse("too long", 413)
        header = incoming.headers.get
        request = Request(
            method=incoming.method,
            path=incoming.url.path,
            unit=header(signing.UNIT, ""),
            officer=header(signing.OFFICER, ""),
            nonce=header(signing.NONCE, ""),
            sent_at=header(signing.SENT_AT, ""),
            body=body,
        )
        reply = await run_in_threadpool(service.receive, request, header(signing.SIGNATURE, ""))
        return Carried(reply, service.hold_s)

    async def health(_: Incoming) -> Response:
        return PlainTextResponse("ok")

    return Starlette(
        routes=[
            Route(messages.ASK, guarded, methods=["POST"]),
            Route(messages.RESULTS, guarded, methods=["POST"]),
            Route(f"{messages.RESULTS}/{{code}}", guarded, methods=["GET"]),
            Route("/health", health, methods=["GET"]),
        ]
    )


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens on this address; port 0 takes a free one. Errors: BadInput if it cannot be had."""
    try:
        return socket.create_server((host, port), backlog=256)
    except OSError as fault:
        raise BadInput(
            "no_port", f"Không mở được cổng {host}:{port} ({fault.strerror}) / cannot listen there."
        ) from None


def service(service: Service) -> uvicorn.Server:
    """A server that, once run, answers until it is told to end (SIGINT, SIGTERM, `should_exit`)."""
    config = uvicorn.Config(
        application(service),
        http=_Line,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=False,  # the gateway's own clock is in the replies
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


class Carried(Response):
    """A reply that is sent whole, in part, or not at all."""

    def __init__(self, reply: Reply, hold_s: float) -> None:
        self._reply = reply
        self._hold_s = hold_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = self._reply
        if reply.delivery is LineFault.silent:
            await _until_gone(receive, self._hold_s)
        if reply.delivery in (LineFault.silent, LineFault.broken):
            await _break(scope)
            return
        if reply.delivery is LineFault.drip:
            await self._drip(receive, send)
            return
        await _until_gone(receive, reply.takes_s)
        await self._begin(send)
        await send({"type": "http.response.body", "body": reply.body})

    async def _drip(self, receive: Receive, send: Send) -> None:
        body = self._reply.body
        size = max(1, -(-len(body) // DRIPS))
        await self._begin(send)
        for start in range(0, len(body), size):
            if await _until_gone(receive, self._reply.takes_s / DRIPS):
                return
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _begin(self, send: Send) -> None:
        headers = self._reply.headers | {"Content-Length": str(len(self._reply.body))}
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self._reply.status, "headers": raw})


class _Line(H11Protocol):
    """uvicorn's own protocol, whose connections can be found again."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        _LINES[transport.get_extra_info("peername")[:2]] = transport
        # asyncio does so only with sockets that it opened itself; without it each reply waits 40 ms for the other side.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        _LINES.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


async def _break(scope: Scope) -> None:
    line = _LINES.get(tuple(scope["client"]))
    if line is not None:
        line.abort()
    await asyncio.sleep(0)  # until uvicorn knows, which would else send an answer of its own


async def _until_gone(receive: Callable[[], Awaitable[Any]], most_s: float) -> bool:
    """Whether the other side gave up before so many seconds had passed."""
    if not most_s:
        return False
    try:
        async with asyncio.timeout(most_s):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True


async def _body(incoming: Incoming) -> bytes | None:
    parts, size = [], 0
    async for part in incoming.stream():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            return None
    return b"".join(parts)
