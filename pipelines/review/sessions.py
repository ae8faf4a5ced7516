"""Keeps who is signed in, on the server: the browser has a random token, the table its digest.

Names and addresses that failed too often are refused for a while, over restarts and several processes.
"""

import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from pipelines.review import people
from pipelines.review.people import Account
from pipelines.workspace.state_tables import sessions, sign_in_failures

IDLE_S = 30 * 60
"""Seconds without a request after which a session ends."""
LONGEST_S = 12 * 3600
"""Seconds after which a session ends whatever its owner does."""
SEEN_EVERY_S = 60
"""A session's last request is written down no oftener than this."""
MOST_FAILURES = {"name": 5, "address": 30}
"""Failed sign-ins within FAILURE_WINDOW_S after which a name or an address is refused."""
FAILURE_WINDOW_S = 15 * 60


class Session(NamedTuple):
    """One signed-in browser."""

    token: str
    """Digest of the cookie's token."""
    account: Account
    csrf: str
    view: Mapping[str, Any]
    """Filters, search and switches of the pages: a URL may hold none of them."""
    is_stale: bool
    """Whether it is time to write down that it was seen."""


def begin(connection: Connection, name: str, view: Mapping[str, Any], now: float | None = None) -> str:
    """The token of a new session, for the cookie; sessions that have ended are removed."""
    at = time.time() if now is None else now
    connection.execute(
        delete(sessions).where((sessions.c.seen_at < at - IDLE_S) | (sessions.c.begun_at < at - LONGEST_S))
    )
    token = secrets.token_urlsafe(32)
    row = {"token": _digest(token), "name": name, "csrf": secrets.token_urlsafe(32), "view": dict(view)}
    connection.execute(insert(sessions), row | {"begun_at": at, "seen_at": at})
    return token


def find(connection: Connection, token: str, now: float | None = None) -> Session | None:
    """The session of a cookie's token; None if it ended, or its account was disabled."""
    at = time.time() if now is None else now
    row = connection.execute(select(sessions).where(sessions.c.token == _digest(token))).mappings().first()
    if row is None or row["seen_at"] < at - IDLE_S or row["begun_at"] < at - LONGEST_S:
        return None
    account = people.find(connection, row["name"])
    if account.is_disabled:
        return None
    return Session(row["token"], account, row["csrf"], row["view"], row["seen_at"] < at - SEEN_EVERY_S)


def seen(connection: Connection, session: Session, now: float | None = None) -> None:
    """Writes down that the session was used."""
    at = time.time() if now is None else now
    connection.execute(update(sessions).where(sessions.c.token == session.token).values(seen_at=at))


def keep_view(connection: Connection, session: Session, view: Mapping[str, Any]) -> None:
    """Keeps what the session's pages show."""
    connection.execute(update(sessions).where(sessions.c.token == session.token).values(view=dict(view)))


def end(connection: Connection, session: Session) -> None:
    """Ends the session."""
    connection.execute(delete(sessions).where(sessions.c.token == session.token))


def end_others(connection: Connection, session: Session) -> None:
    """Ends the account's other sessions."""
    others = (sessions.c.name == session.account.name) & (sessions.c.token != session.token)
    connection.execute(delete(sessions).where(others))


def attempt(connection: Connection, name: str, address: str, now: float | None = None) -> bool:
    """Whether a sign-in may be tried, which counts as failed until it has succeeded: tries side by side count too."""
    at = time.time() if now is None else now
    table = sign_in_failures
    connection.execute(delete(table).where(table.c.at < at - FAILURE_WINDOW_S))
    for kind, key in _keys(name, address):
        tried = connection.execute(select(func.count()).where(table.c.key == key)).scalar_one()
        if tried >= MOST_FAILURES[kind]:
            return False
    connection.execute(insert(table), [{"key": key, "at": at} for _, key in _keys(name, address)])
    return True


def succeeded(connection: Connection, name: str, address: str) -> None:
    """Forgets the name's failures, and of the address this one try."""
    table = sign_in_failures
    connection.execute(delete(table).where(table.c.key == _digest(f"name:{name}")))
    mine = select(func.max(table.c.failure)).where(table.c.key == _digest(f"address:{address}")).scalar_subquery()
    connection.execute(delete(table).where(table.c.failure == mine))


def _keys(name: str, address: str) -> Sequence[tuple[str, str]]:
    return [("name", _digest(f"name:{name}")), ("address", _digest(f"address:{address}"))]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
