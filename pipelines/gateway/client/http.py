"""Carries messages to a gateway over HTTP: one message, one reply, a deadline over the whole of it."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Thread
from typing import Any, TypeVar

import httpx

from pipelines.errors import BadInput, GatewayDown, GatewayTimeout
from pipelines.gateway.protocol.signing import Request

MOST_BYTES = 4_000_000
"""Most bytes of a reply: a thousand answers are some 250,000."""
CONNECT_S = 5.0

_T = TypeVar("_T")


@dataclass(frozen=True)
class HttpReply:
    """A reply as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """A carrier over a pool of connections; use it as a context manager. Several threads may send at once."""

    def __init__(self, url: str, timeout_s: float) -> None:
        """Errors: BadInput if the messages, which hold personal data, would go over a network unencrypted."""
        base = _checked(url)
        self._timeout_s = timeout_s
        # The environment's proxies and password files are not for this line.
        timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s))
        self._client = httpx.AsyncClient(base_url=base, timeout=timeout, trust_env=False, follow_redirects=False)
        # An own thread: what waits in a plain socket cannot be told to stop when the whole has taken too long.
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="gateway line", daemon=True)

    def __enter__(self) -> "Http":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._on_line(self._client.aclose())
        self._on_line(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def carry(self, request: Request, headers: Mapping[str, str]) -> HttpReply:
        """The reply. Errors: GatewayDown if no connection came about, GatewayTimeout if no whole reply came in time."""
        try:
            return self._on_line(self._exchange(request, headers))
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            raise GatewayDown(f"Không nối được tới cổng xác thực / cannot connect ({type(fault).__name__}).") from fault
        except TimeoutError as fault:
            raise GatewayTimeout("Trả lời đến quá chậm / the reply came too slowly.") from fault
        except (httpx.TransportError, httpx.DecodingError) as fault:
            raise GatewayTimeout(f"Đường truyền đứt giữa chừng / the line broke ({type(fault).__name__}).") from fault

    async def _exchange(self, request: Request, headers: Mapping[str, str]) -> HttpReply:
        sent = {"Content-Type": "application/json; charset=utf-8", **headers}
        # httpx's own timeout begins anew with each byte: a dripping reply would never end.
        async with (
            asyncio.timeout(self._timeout_s),
            self._client.stream(request.method, request.path, content=request.body, headers=sent) as reply,
        ):
            return HttpReply(reply.status_code, reply.headers, await _read(reply))

    def _on_line(self, doing: Coroutine[Any, Any, _T]) -> _T:
        promised = asyncio.run_coroutine_threadsafe(doing, self._loop)
        try:
            return promised.result()
        finally:
            promised.cancel()


async def _read(reply: httpx.Response) -> bytes:
    parts, size = [], 0
    async for part in reply.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise GatewayTimeout(f"Trả lời dài quá {MOST_BYTES} byte / the reply is too long.")
    return b"".join(parts)


def _checked(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise BadInput("bad_url", "Địa chỉ cổng xác thực phải như https://tên-máy / the gateway's address is no URL.")
    if parsed.scheme == "http" and not _is_here(parsed.host):
        raise BadInput(
            "not_encrypted",
            f"Cổng xác thực «{parsed.host}» phải dùng https, vì yêu cầu có dữ liệu cá nhân "
            "/ questions are personal data: the gateway's address must begin with https.",
        )
    return parsed


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
