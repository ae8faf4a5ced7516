"""What an authenticator app shows for a secret, worked out here by RFC 6238 alone."""

import base64
import hashlib
import hmac
import struct
import time


def app_code(secret: str, at: float | None = None) -> str:
    """The six digits of now, or of that time in seconds since 1970, for a secret in Base32."""
    step = int((time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06}"
