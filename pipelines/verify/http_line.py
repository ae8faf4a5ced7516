"""The line to a gateway over HTTP: one message, one reply, a deadline over the whole of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

from pipelines.errors import BadInput, GatewayDown, GatewayTimeout
from pipelines.gateway.signing import Request

MOST_BYTES = 4_000_000
"""Of a reply: a thousand answers are some 250,000."""
CONNECT_S = 5.0


@dataclass(frozen=True)
class HttpReply:
    """A reply as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """A carrier over a pool of connections; use it as a context manager."""

    def __init__(self, url: str, timeout_s: float) -> None:
        """Errors: BadInput if the messages, which hold personal data, would go over a network unencrypted."""
        base = _checked(url)
        self._timeout_s = timeout_s
        # The environment's proxies and password files are not for this line.
        timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s))
        self._client = httpx.Client(base_url=base, timeout=timeout, trust_env=False, follow_redirects=False)

    def __enter__(self) -> "Http":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def carry(self, request: Request, headers: Mapping[str, str]) -> HttpReply:
        """The reply. Errors: GatewayDown if no connection came about, GatewayTimeout if no whole reply came in time."""
        deadline = time.monotonic() + self._timeout_s
        sent = {"Content-Type": "application/json; charset=utf-8", **headers}
        try:
            with self._client.stream(request.method, request.path, content=request.body, headers=sent) as reply:
                return HttpReply(reply.status_code, reply.headers, _read(reply, deadline))
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            raise GatewayDown(f"Không nối được tới cổng xác thực / cannot connect ({type(fault).__name__}).") from fault
        except (httpx.TransportError, httpx.DecodingError) as fault:
            raise GatewayTimeout(f"Đường truyền đứt giữa chừng / the line broke ({type(fault).__name__}).") from fault


def _read(reply: httpx.Response, deadline: float) -> bytes:
    """The whole body. httpx's own timeout begins anew with each byte, so that a dripping reply would never end."""
    parts, size = [], 0
    for part in reply.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise GatewayTimeout(f"Trả lời dài quá {MOST_BYTES} byte / the reply is too long.")
        if time.monotonic() > deadline:
            raise GatewayTimeout("Trả lời đến quá chậm / the reply came too slowly.")
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
            f"Cổng xác thực «{parsed.host}» phải dùng https, vì câu hỏi có dữ liệu cá nhân "
            "/ questions are personal data: the gateway's address must begin with https.",
        )
    return parsed


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
