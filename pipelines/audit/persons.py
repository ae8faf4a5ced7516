"""Decides whether two names are one person's, so that nobody is their own second person."""

import unicodedata

from pipelines.errors import BadInput


def key(name: str) -> str:
    """The name for comparison: no marks, no case, single spaces."""
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def required(name: str) -> str:
    """The name without spaces around it. Errors: BadInput if it is empty."""
    if not key(name):
        raise BadInput("nobody", "Cần nói rõ ai làm việc này (--by) / say who does this (--by).")
    return " ".join(name.split())
