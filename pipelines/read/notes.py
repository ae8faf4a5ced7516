"""What an officer should know of a file that was read all the same."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Note:
    """One remark on a file or a sheet, e.g. that it holds macros, which were not run."""

    code: str
    """Stable, for a script."""
    message: str
    """One sentence for the officer: Vietnamese, then English; no personal data."""
