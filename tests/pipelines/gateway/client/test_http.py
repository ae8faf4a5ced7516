"""Far ends that keep no rules: whatever comes over the line, there is a typed error, and before the deadline."""

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pipelines.errors import GatewayTimeout
from pipelines.gateway.client.http import MOST_BYTES, Http
from pipelines.gateway.protocol.signing import Request

REQUEST = Request("POST", "/xacthuc", "s79", "can bo", "n", "2026-11-22T12:00:00+07:00", b"{}")
DEADLINE_S = 0.6
HEAD = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def far_end(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """Reads a message and does this to its line; the address."""

    def serve() -> None:
        line, _ = listening.accept()
        with line:
            try:
                line.recv(65_536)
                answer(line)
            except OSError:  # the other side has had enough
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)
        assert not thread.is_alive()


def again(part: bytes, first: bytes = b"") -> Callable[[socket.socket], None]:
    def send(line: socket.socket) -> None:
        line.sendall(first)
        while True:
            line.sendall(part)
            time.sleep(0.05)

    return send


def once(reply: bytes) -> Callable[[socket.socket], None]:
    return lambda line: line.sendall(reply)


def packed() -> bytes:
    """A hundred megabytes in a hundred thousand bytes."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(squeeze.compress(bytes(1_000_000)) for _ in range(100)) + squeeze.flush()


RULELESS = [
    # what is sent, why
    (again(b"HTTP/1.1 103 Early Hints\r\n\r\n"), "interim answers for ever"),
    (again(b"X-A: a\r\n", HEAD), "headers for ever"),
    (again(b"1\r\na\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"), "chunks for ever"),
    (lambda line: line.recv(1), "nothing for ever"),
    (once(HEAD + b"Content-Length: 9\r\n\r\n{"), "less than was announced"),
    (once(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), "two lengths"),
    (once(b"HELLO\r\n\r\n"), "another protocol"),
    (once(b""), "closed at once"),
    (once(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), "packed, it says"),
    (once(HEAD + b"Content-Encoding: gzip\r\n\r\n" + packed()), "unpacks to much more"),
    (once(HEAD + b"\r\n" + bytes(MOST_BYTES + 1)), "too long"),
]


@pytest.mark.parametrize(("answer", "why"), RULELESS, ids=[row[1] for row in RULELESS])
def test_a_far_end_that_keeps_no_rules(answer: Callable[[socket.socket], object], why: str) -> None:
    with far_end(answer) as url:
        begun = time.monotonic()
        with Http(url, DEADLINE_S) as carrier, pytest.raises(GatewayTimeout):
            carrier.carry(REQUEST, {})
        assert time.monotonic() - begun < 4 * DEADLINE_S, why


def test_a_redirection_is_not_followed() -> None:
    """What is asked is personal: it goes where the settings say, or nowhere."""
    elsewhere = once(b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
    with far_end(elsewhere) as url, Http(url, 5.0) as carrier:
        assert carrier.carry(REQUEST, {}).status == 307
