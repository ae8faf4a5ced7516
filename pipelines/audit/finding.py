"""Defines what an audit finds: one thing that is not as it was recorded."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was recorded."""

    path: str
    """The file, or `state: ` and the table's row, or `log: ` and the entry."""
    kind: str
    """`changed`, `missing`, `extra`, `input_changed`, `input_missing`, `manifest`, `log`, `head`, `books`, `decision`,
    `order`, `figures` or `unfinished`.
    """
    message: str
