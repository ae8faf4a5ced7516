"""Signs messages and answers: who sent a message, when, unchanged, and to which message an answer belongs.

HMAC-SHA256 over the lines of `Request.text` with a secret that both ends hold. The answer's signature covers the hash
of the request: an answer to another message, or made with another secret, counts as none.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

NONCE, OFFICER, SENT_AT, SIGNATURE, UNIT = "X-Nonce", "X-Officer", "X-Sent-At", "X-Signature", "X-Unit"
REQUEST_HASH = "X-Request-Hash"

OLDEST_S = 300
"""Largest age of a message; an older one is refused (408), so that a stolen one cannot be sent again."""
FUTURE_S = 60
"""Most seconds by which a message may be ahead; beyond it is refused (425): the sender's clock is wrong."""


@dataclass(frozen=True)
class Request:
    """A message to the gateway, without its signature."""

    method: str
    path: str
    unit: str
    officer: str
    nonce: str
    sent_at: str
    body: bytes

    @property
    def text(self) -> bytes:
        """The text that is signed: one field a line, the body by its hash."""
        fields = (self.method, self.path, self.unit, self.officer, self.nonce, self.sent_at, _digest(self.body))
        return "\n".join(fields).encode()

    @property
    def hash(self) -> str:
        """Hash that identifies this one message: no other has its nonce."""
        return _digest(self.text)

    def headers(self, secret: bytes) -> dict[str, str]:
        """Headers with everything but method, path and body, and with the signature."""
        return {
            UNIT: self.unit,
            OFFICER: self.officer,
            NONCE: self.nonce,
            SENT_AT: self.sent_at,
            SIGNATURE: mac(secret, self.text),
        }


def mac(secret: bytes, text: bytes) -> str:
    """HMAC-SHA256 as hex."""
    return hmac.digest(secret, text, "sha256").hex()


def is_signed(secret: bytes, text: bytes, signature: str) -> bool:
    """Whether this secret made the signature."""
    # As bytes: of text, compare_digest takes ASCII only, and this came over the line.
    return hmac.compare_digest(mac(secret, text).encode(), signature.encode())


def answer_text(status: int, request_hash: str, body: bytes) -> bytes:
    """The text that an answer's signature covers."""
    return f"{status}\n{request_hash}\n{_digest(body)}".encode()


def age_s(sent_at: str, now: datetime) -> float | None:
    """Seconds since the message was sent, by the clock of the reader; None if the time cannot be read."""
    try:
        sent = datetime.fromisoformat(sent_at)
    except ValueError:
        return None
    return (now - sent).total_seconds() if sent.tzinfo else None


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
