"""Keeps the second factor of accounts: a secret of which an app makes one-time codes, and recovery codes instead of it.

The secret stands encrypted in the state database, bound to its account (AES-256-GCM); the key is a file outside the
workspace, so a copy of the database makes no codes. Recovery codes are kept as digests, and need no key.
Source: RFC 6238 (TOTP), RFC 4226 (HOTP).
"""

import base64
import hashlib
import hmac
import re
import secrets
import time
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from pipelines.errors import BadInput
from pipelines.review.people import made_password
from pipelines.workspace import key_files
from pipelines.workspace.state_tables import recovery_codes, second_factors

DIGITS, STEP_S = 6, 30
"""What every authenticator app takes for granted: six digits, another code each half minute, SHA-1."""
SECRET_BYTES = 20
KEY_BYTES, NONCE_BYTES = 32, 12
STEPS_LATE = 1
"""A code is taken so many steps after its own, for whoever types slowly or whose clock is behind (RFC 6238, 5.2)."""
RECOVERY_CODES, RECOVERY_GROUPS = 10, 6
"""How many are made, of 120 bits each: so many that a plain digest keeps them."""
ISSUER = "Sach Song"


class Factor(StrEnum):
    """What somebody showed beside the password."""

    none = "none"
    """Nothing: the account has no second factor."""
    code = "code"
    recovery = "recovery"


class Secret(NamedTuple):
    """A new secret, as it is shown once to whoever puts it into an app."""

    text: str
    """Base32 in groups of four."""
    uri: str
    """`otpauth://totp/…`."""


def begin(connection: Connection, name: str, key_file: Path) -> Secret:
    """A new secret of the account, which counts once a code of it was seen; it takes the place of one that never was.

    Makes the key if there is none. Errors: BadInput if the account has a second factor, or the key cannot be used.
    """
    row = _row(connection, name)
    if row is not None and row.confirmed_at is not None:
        raise BadInput("has_factor", "Đã bật xác thực hai lớp; hãy tắt trước / switch the second factor off first.")
    connection.execute(delete(second_factors).where(second_factors.c.name == name))
    secret = secrets.token_bytes(SECRET_BYTES)
    key_files.make(key_file, secrets.token_bytes(KEY_BYTES))
    kept = encrypted(secret, name, key_file)
    connection.execute(insert(second_factors), {"name": name, "secret": kept, "confirmed_at": None, "last_step": 0})
    text = base64.b32encode(secret).decode()
    grouped = " ".join(text[at : at + 4] for at in range(0, len(text), 4))
    return Secret(grouped, _totp(secret).get_provisioning_uri(name, ISSUER))


def is_begun(connection: Connection, name: str) -> bool:
    """Whether a secret was shown of which no code was seen yet."""
    row = _row(connection, name)
    return row is not None and row.confirmed_at is None


def confirm(connection: Connection, name: str, code: str, key_file: Path, now: float | None = None) -> list[str] | None:
    """The recovery codes, to be shown this once, now that a code proves that the secret is in an app; None if not.

    Errors: BadInput if the key is not the one of the secret.
    """
    if not is_begun(connection, name) or not _is_taken(connection, name, code, key_file, now):
        return None
    at = time.time() if now is None else now
    connection.execute(update(second_factors).where(second_factors.c.name == name).values(confirmed_at=at))
    codes = [made_password(RECOVERY_GROUPS) for _ in range(RECOVERY_CODES)]
    connection.execute(insert(recovery_codes), [{"name": name, "digest": _digest(each)} for each in codes])
    return codes


def shown(connection: Connection, name: str, code: str, key_file: Path, now: float | None = None) -> Factor | None:
    """What the code is, used up by this; None if it is neither the app's nor a recovery code, or was used before.

    Errors: BadInput if it is no recovery code and the key is not the one of the secret.
    """
    row = _row(connection, name)
    if row is None or row.confirmed_at is None:
        return Factor.none
    mine = (recovery_codes.c.name == name) & (recovery_codes.c.digest == _digest(code))
    if connection.execute(delete(recovery_codes).where(mine)).rowcount:
        return Factor.recovery
    return Factor.code if _is_taken(connection, name, code, key_file, now) else None


def left(connection: Connection, name: str) -> int:
    """Number of recovery codes that are left."""
    return connection.execute(select(func.count()).where(recovery_codes.c.name == name)).scalar_one()


def remove(connection: Connection, name: str) -> None:
    """Takes the account's second factor away. Errors: BadInput if it has none."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.name == name))
    if not connection.execute(delete(second_factors).where(second_factors.c.name == name)).rowcount:
        raise BadInput("no_factor", f"Tài khoản «{name}» không có xác thực hai lớp / it has no second factor.")


def encrypted(secret: bytes, name: str, key_file: Path) -> str:
    """The secret as it is kept: base64 of nonce and ciphertext, good for this account only."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return base64.b64encode(nonce + _cipher(key_file).encrypt(nonce, secret, name.encode())).decode()


def _decrypted(kept: str, name: str, key_file: Path) -> bytes:
    content = base64.b64decode(kept)
    try:
        return _cipher(key_file).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], name.encode())
    except InvalidTag:
        raise _no_key(key_file) from None


def _cipher(key_file: Path) -> AESGCM:
    key = key_files.read(key_file)
    if key is None or len(key) != KEY_BYTES:
        raise _no_key(key_file)
    return AESGCM(key)


def _no_key(key_file: Path) -> BadInput:
    return BadInput(
        "factor_key",
        f"Khóa «{key_file}» không mở được mã của xác thực hai lớp; hãy chép lại khóa đã dùng khi bật, dùng mã dự "
        "phòng, hoặc nhờ quản trị: sachsong review user second-factor-off TÊN / the key does not open the second "
        "factor: put the file back, use a recovery code, or have the factor taken away.",
    )


def _is_taken(connection: Connection, name: str, code: str, key_file: Path, now: float | None) -> bool:
    """Whether the code is the app's of now and none of its half minute, or a later one, was taken before."""
    row = _row(connection, name)
    if row is None:
        return False
    told = re.sub(r"\s", "", code).encode()
    totp = _totp(_decrypted(row.secret, name, key_file))
    newest = int((time.time() if now is None else now) // STEP_S)
    for step in range(newest, newest - STEPS_LATE - 1, -1):
        if hmac.compare_digest(totp.generate(step * STEP_S), told):
            # Of two requests with one code the second finds the first one's step.
            is_new = (second_factors.c.name == name) & (second_factors.c.last_step < step)
            return connection.execute(update(second_factors).where(is_new).values(last_step=step)).rowcount == 1
    return False


def _row(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(second_factors).where(second_factors.c.name == name)).first()


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_S)


def _digest(code: str) -> str:
    """Of a recovery code however it was typed."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).hexdigest()
