"""Decides whether two names are one person's, so that nobody is their own second person, and when one must be proven.

A name is proven by the password of the account that bears it (`pipelines.review.proof`); who was proven has the
account's role here, who only typed a name has none.
"""

import unicodedata

from sqlalchemy import Connection, select

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.workspace.state_tables import accounts


def key(name: str) -> str:
    """The name for comparison: no marks, no case, single spaces."""
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def required(name: str) -> str:
    """The name without spaces around it. Errors: BadInput if it is empty."""
    if not key(name):
        raise BadInput("nobody", "Cần nói rõ ai làm việc này (--by) / say who does this (--by).")
    return " ".join(name.split())


def need_proof(connection: Connection, settings: Settings) -> bool:
    """Whether names must be proven: where two persons are needed, and wherever there are accounts."""
    return settings.approval == "two" or connection.execute(select(accounts.c.name).limit(1)).first() is not None


def require_proof(connection: Connection, settings: Settings, role: str | None) -> None:
    """Returns if the person was proven, which the role of their account shows, or need not be.

    Errors: BadInput.
    """
    if role is None and need_proof(connection, settings):
        raise BadInput(
            "not_proven",
            "Việc này cần mật khẩu của tài khoản mang tên đó (--by) / the password of that name's account is needed.",
        )
