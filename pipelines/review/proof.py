"""Proves that whoever gives a name is the person whose account bears it, by the account's password and second factor.

At the terminal as on the pages: failures are counted and told alike, and every one is in the audit log.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.review import list_answers, people, second_factor, sessions
from pipelines.review.people import Account
from pipelines.review.second_factor import Factor
from pipelines.review.web import roles
from pipelines.review.web.roles import Act
from pipelines.workspace import audit_log, persons, state

UNKNOWN = "unknown"
"""The name in the log for a try under a name that no account has: what was typed may be a password."""
TERMINAL = "terminal"
"""The address from which somebody at the terminal tries."""


class Tried(NamedTuple):
    """What became of a try."""

    account: Account | None
    """Whose password and code these are; None if they are nobody's."""
    factor: Factor | None
    """What was shown beside the password."""
    is_barred: bool
    """Whether the name or the address failed too often to be tried now."""


class Proven(NamedTuple):
    """Who acts."""

    name: str
    role: str | None
    """Role of the account; None: there are no accounts and one person is enough, so that the name was only typed."""


def tried(
    engine: Engine,
    writing: Callable[[], AbstractContextManager[Connection]],
    name: str,
    password: str,
    address: str,
    code: Callable[[], str],
    key_file: Path,
) -> Tried:
    """The account whose password and code these are; a failure counts and is in the log.

    `writing` begins a transaction. `code` is asked only where the password is right and there is a second factor, which
    `key_file` decrypts. Errors: BadInput if it does not.
    """
    with writing() as connection:
        may_try = sessions.attempt(connection, name, address)
    with state.reading(engine) as connection:
        account = people.check(connection, name, password) if may_try else None
        by = name if any(each.name == name for each in people.every(connection)) else UNKNOWN
    told = code() if account is not None and account.has_second_factor else ""
    with writing() as connection:
        factor = None if account is None else second_factor.shown(connection, name, told, key_file)
        if factor is not None:
            sessions.succeeded(connection, name, address)
            return Tried(account, factor, is_barred=False)
        act = "failed_code" if account else "failed" if may_try else "barred"
        audit_log.append(connection, "sign_in", {"act": act}, by)
    return Tried(None, None, is_barred=not may_try)


def at_terminal(
    settings: Settings,
    by: str,
    act: Act,
    password: Callable[[], str],
    code: Callable[[], str] = lambda: "",
    *,
    of: str = "",
) -> Proven:
    """The person behind a name, who may do this. `password` and `code` are asked for only if the name must be proven.

    `of`: run and list that the act is about, as `2026-11-22-1/students-79`: the account must be of its tenants.
    Errors: BadInput if nobody is named, there are no accounts where two persons are needed, the password is wrong or
    was made by somebody else, or the role does not allow it.
    """
    name = persons.required(by)
    if not settings.has_state:
        return Proven(name, None)
    with state.opened(settings) as engine:
        with state.reading(engine) as connection:
            if not persons.need_proof(connection, settings):
                return Proven(name, None)
            has_accounts = bool(people.every(connection))
        if not has_accounts:
            raise BadInput(
                "no_accounts",
                "Cần hai người (approval = two) mà chưa có tài khoản nào; hãy tạo cho từng người: sachsong review user "
                "add TÊN --role officer / two persons are needed and there are no accounts: make one for each.",
            )
        writing = partial(state.transaction, engine)
        key_file = settings.second_factor_key_file
        account, _, is_barred = tried(engine, writing, name.lower(), password(), TERMINAL, code, key_file)
        if account is None:
            raise _refusal(is_barred=is_barred)
        if account.must_change:
            raise BadInput(
                "made_password",
                f"Mật khẩu của «{account.name}» do người khác đặt; hãy vào trang xác minh (sachsong review) đổi trước "
                "/ the password was made by somebody else: change it on the review pages first.",
            )
        if not _may(settings, account, act, of):
            with writing() as connection:
                told = {"path": f"{TERMINAL}: {act.value}", "role": account.role.value}
                audit_log.append(connection, "refused", told, account.name)
            raise BadInput(
                "not_allowed",
                f"Vai trò {account.role.value} của «{account.name}» không cho phép việc này; việc này đã được ghi lại "
                "/ the role does not allow this; it was written down.",
            )
    return Proven(account.name, account.role.value)


def _may(settings: Settings, account: Account, act: Act, of: str) -> bool:
    if not roles.may(account, act):
        return False
    run_id, _, listed = of.partition("/")
    path = settings.runs_directory / run_id / "reports" / "lists" / f"{listed}.xlsx"
    if act is not Act.sign_list or not path.is_file():  # that there is no such list is told where it is signed
        return True
    return all(roles.concerns(account, *tenant) for tenant in list_answers.tenants(settings, path))


def _refusal(*, is_barred: bool) -> BadInput:
    if is_barred:
        return BadInput(
            "barred",
            "Sai quá nhiều lần; hãy đợi 15 phút rồi thử lại / too many failures: wait 15 minutes, then try again.",
        )
    return BadInput(
        "wrong_password",
        "Tên, mật khẩu hoặc mã không đúng, hoặc tài khoản đã khóa / wrong name or password, or code, or the account is "
        "closed.",
    )
