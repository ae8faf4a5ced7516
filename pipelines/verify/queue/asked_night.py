"""Which night asked a question: the one whose turn sent it first, whatever the calendar said by then.

A night that goes on over midnight, is cut off and taken up again, or is run once more next day is one night: its runs
are called after it. A worker of its own has no run; it counts for the day on which it began.
"""

from sqlalchemy import Select, case, func, select

from pipelines.workspace.state_tables import questions, turns

ASKED_NIGHT = case((turns.c.run_id == "", turns.c.day), else_=func.substr(turns.c.run_id, 1, 10))
"""`YYYY-MM-DD`; null where the question was never sent, or turned away for want of places."""


def with_asked_night(*columns: str) -> Select[tuple[str | None, ...]]:
    """These columns of each question, and the night that asked it."""
    chosen = select(*(questions.c[name] for name in columns), ASKED_NIGHT)
    return chosen.select_from(questions.outerjoin(turns, turns.c.turn == questions.c.asked_by))
