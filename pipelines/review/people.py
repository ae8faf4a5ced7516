"""Keeps the accounts of people who review: name, role, tenants, and a password as argon2 hashes it."""

import hmac
import re
import secrets
import threading
import time
from collections.abc import Sequence
from enum import StrEnum

import argon2
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, delete, insert, select, update

from pipelines.errors import BadInput
from pipelines.review.breached_passwords import is_breached
from pipelines.review.common_passwords import is_common
from pipelines.workspace.state_tables import account_tenants, accounts, second_factors, sessions

ANY = "*"
NAME = re.compile(r"[a-z][a-z0-9._-]{1,63}")
TENANT = re.compile(r"(\*|[a-z][a-z0-9_]*)-(\*|[0-9]{2})")
SHORTEST, LONGEST = 15, 128
"""Characters of a password."""
FEWEST_DIFFERENT = 6
"""Different characters that a password has at least: `aaaaaaaaaaaaaaa` is none."""
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Characters of a password that we make: those that nobody mistakes for another."""

_ACCOUNTS = select(accounts, second_factors.c.confirmed_at.is_not(None).label("has_second_factor")).outerjoin(
    second_factors, second_factors.c.name == accounts.c.name
)
_HASHER = argon2.PasswordHasher()
_AT_A_TIME = threading.BoundedSemaphore(2)  # each takes 64 MB
_NOBODY = _HASHER.hash(secrets.token_hex(16))


class Role(StrEnum):
    """What a person is here for."""

    officer = "officer"
    reviewer = "reviewer"
    second = "second"
    auditor = "auditor"
    administrator = "administrator"


class Account(BaseModel):
    """One person's account, without the password."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role: Role
    tenants: tuple[str, ...] = ()
    """`<sector>-<province>`, `*` for any; of reviewers and second reviewers."""
    must_change: bool = False
    """Whether the password was made by somebody else and must be changed before anything is seen."""
    is_disabled: bool = False
    has_second_factor: bool = False
    """Whether a code is asked beside the password."""

    def concerns(self, sector: str, province: str | None) -> bool:
        """Whether one of the account's tenants is this sector in this province (None: unknown)."""
        return any(
            own in (sector, ANY) and place in (province or "00", ANY)
            for own, _, place in (tenant.rpartition("-") for tenant in self.tenants)
        )


def add(connection: Connection, name: str, role: Role, tenants: Sequence[str], made_by: str) -> str:
    """The password of the new account, made here and shown once: it must be changed at the first sign-in.

    Errors: BadInput if the name is taken or no name, or a tenant is none, or a reviewer has no tenant.
    """
    if not NAME.fullmatch(name):
        raise BadInput(
            "bad_name",
            f"«{name}» không dùng làm tên tài khoản được: chữ thường không dấu, số, dấu chấm, gạch, ít nhất 2 ký tự "
            "/ an account's name has small letters a–z, digits, dots and dashes.",
        )
    if connection.execute(select(accounts.c.name).where(accounts.c.name == name)).first():
        raise BadInput("name_taken", f"Đã có tài khoản «{name}» / there is such an account already.")
    _require_tenants(role, tenants)
    password = made_password()
    row = {"name": name, "password": _hash(password), "role": role.value, "must_change": 1, "is_disabled": 0}
    connection.execute(insert(accounts), row | {"made_by": made_by, "made_at": time.time()})
    for tenant in dict.fromkeys(tenants):
        sector, _, province = tenant.rpartition("-")
        connection.execute(insert(account_tenants), {"name": name, "sector": sector, "province": province})
    return password


def disable(connection: Connection, name: str) -> None:
    """Closes an account for good and ends its sessions; its name stays taken, since decisions bear it.

    Errors: BadInput if there is none.
    """
    find(connection, name)
    connection.execute(update(accounts).where(accounts.c.name == name).values(is_disabled=1))
    connection.execute(delete(sessions).where(sessions.c.name == name))


def reset_password(connection: Connection, name: str) -> str:
    """A new password of the account, shown once; its sessions end. Errors: BadInput if there is no such account."""
    find(connection, name)
    password = made_password()
    _set(connection, name, password, must_change=1)
    return password


def change_password(connection: Connection, account: Account, old: str, new: str) -> None:
    """Replaces the password by one that its owner chose; all the account's sessions end.

    Errors: BadInput if the old one is wrong or the new one is too weak.
    """
    if check(connection, account.name, old) is None:
        raise BadInput("wrong_password", "Mật khẩu đang dùng không đúng / the current password is wrong.")
    if hmac.compare_digest(old.encode(), new.encode()):
        raise BadInput("same_password", "Mật khẩu mới phải khác mật khẩu cũ / choose another password than the old.")
    require_strong(account.name, new)
    _set(connection, account.name, new, must_change=0)


def require_strong(name: str, password: str) -> None:
    """Errors: BadInput if a password is too short, too long, has few different characters or the account's name, is
    made of common passwords, or was leaked.
    """
    told = password.casefold()
    is_weak = len(set(told)) < FEWEST_DIFFERENT or name in told or "sachsong" in told or "matkhau" in told
    is_weak |= "password" in told or is_common(password, name) or is_breached(password)
    if not SHORTEST <= len(password) <= LONGEST or is_weak:
        raise BadInput(
            "weak_password",
            f"Mật khẩu cần {SHORTEST}–{LONGEST} ký tự, ít nhất {FEWEST_DIFFERENT} ký tự khác nhau, không chứa tên tài "
            "khoản, không ghép từ mật khẩu thông dụng, không có trong danh sách mật khẩu đã lộ / a password has "
            f"{SHORTEST} to {LONGEST} characters, {FEWEST_DIFFERENT} different ones, not the account's name, is not "
            "made of common passwords and is in no list of leaked ones.",
        )


def check(connection: Connection, name: str, password: str) -> Account | None:
    """The account whose password this is; None if there is none, it is disabled, or the password is another.

    An unknown name takes as long as a known one.
    """
    row = connection.execute(_ACCOUNTS.where(accounts.c.name == name)).mappings().first()
    is_right = _verify(row["password"] if row else _NOBODY, password)
    return _account(connection, row) if row and is_right and not row["is_disabled"] else None


def find(connection: Connection, name: str) -> Account:
    """The account of this name, disabled or not. Errors: BadInput if there is none."""
    row = connection.execute(_ACCOUNTS.where(accounts.c.name == name)).mappings().first()
    if row is None:
        raise BadInput("no_account", f"Không có tài khoản «{name}» / there is no such account.")
    return _account(connection, row)


def every(connection: Connection) -> list[Account]:
    """All accounts by name."""
    rows = connection.execute(_ACCOUNTS.order_by(accounts.c.name)).mappings().all()
    return [_account(connection, row) for row in rows]


def made_password(groups: int = 5) -> str:
    """A random password of so many groups of four, 20 bits each."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(groups))


def _require_tenants(role: Role, tenants: Sequence[str]) -> None:
    needs = role in (Role.reviewer, Role.second)
    wrong = [tenant for tenant in tenants if not TENANT.fullmatch(tenant)]
    if wrong or needs != bool(tenants):
        raise BadInput(
            "bad_tenants",
            "Người xác minh cần ít nhất một đơn vị <ngành>-<mã tỉnh> (students-79, students-*), vai trò khác không có "
            "/ reviewers need a tenant like students-79 or students-*, other roles have none.",
        )


def _set(connection: Connection, name: str, password: str, must_change: int) -> None:
    values = {"password": _hash(password), "must_change": must_change}
    connection.execute(update(accounts).where(accounts.c.name == name).values(values))
    connection.execute(delete(sessions).where(sessions.c.name == name))


def _hash(password: str) -> str:
    with _AT_A_TIME:
        return _HASHER.hash(password)


def _verify(kept: str, password: str) -> bool:
    with _AT_A_TIME:
        try:
            return _HASHER.verify(kept, password[: LONGEST + 1])
        except argon2.exceptions.VerifyMismatchError:
            return False


def _account(connection: Connection, row: object) -> Account:
    told = dict(row)  # type: ignore[call-overload]
    table = account_tenants
    tenants = connection.execute(
        select(table.c.sector, table.c.province).where(table.c.name == told["name"]).order_by(*table.primary_key)
    ).all()
    return Account(
        name=told["name"],
        role=Role(told["role"]),
        tenants=tuple(f"{sector}-{province}" for sector, province in tenants),
        must_change=bool(told["must_change"]),
        is_disabled=bool(told["is_disabled"]),
        has_second_factor=bool(told["has_second_factor"]),
    )
