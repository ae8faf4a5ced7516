"""Keeps which lists each run's report handed out, and what became of the answers to them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from sqlalchemy import delete, func, insert, select

from pipelines.config import Settings
from pipelines.workspace import state
from pipelines.workspace.state_tables import list_answers, lists

LISTED = "listed.parquet"
"""Name of the run's file that says what each list is about: `list_id, record_id, sector, content`."""
LIST = "Cần xử lý"
"""Name of a list's sheet of records."""
HEADER_ROWS = 3
"""Number of rows above the list: title, explanation, header."""


class Issued(NamedTuple):
    """A list as it was handed out."""

    run_id: str
    recipient: str
    list_id: str
    night: str
    """ISO date."""
    sector: str
    checksum: str
    counts: Mapping[str, int]


ANSWERED = {
    name: pl.String
    for name in ("sector", "recipient", "content", "key", "said", "outcome", "why", "answered_by", "night")
}
"""Columns of `answered`."""


def answers_folder(settings: Settings) -> Path:
    """The folder of the returned copies that go with a night's reports."""
    return settings.workspace / "answers" / settings.night.isoformat()


def record(settings: Settings, run_id: str, issued: Sequence[Issued]) -> None:
    """Stores a run's lists; a run reported again replaces its own."""
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        connection.execute(delete(lists).where(lists.c.run_id == run_id))
        if issued:
            connection.execute(insert(lists), [each._asdict() for each in issued])


def of_list(settings: Settings, list_id: str) -> Issued | None:
    """The list of this number; None if no run of this workspace handed it out."""
    with state.opened(settings) as engine, state.reading(engine) as connection:
        row = connection.execute(_select().where(lists.c.list_id == list_id)).first()
    return _issued(row) if row else None


def before(settings: Settings, night: str) -> dict[str, Issued]:
    """By recipient the lists of the last night before this one that had any."""
    with state.opened(settings) as engine, state.reading(engine) as connection:
        last = connection.execute(select(func.max(lists.c.night)).where(lists.c.night < night)).scalar()
        rows = connection.execute(_select().where(lists.c.night == last).order_by(lists.c.run_id)).all()
    # Of a night's runs the last holds.
    return {each.recipient: each for each in map(_issued, rows)}


def answered(settings: Settings) -> pl.DataFrame:
    """The last answer about each record as it stood in a list: the columns of `ANSWERED`."""
    wanted = [list_answers.c[name] for name in ANSWERED]
    with state.opened(settings) as engine, state.reading(engine) as connection:
        rows = connection.execute(select(*wanted).order_by(list_answers.c.answer)).all()
    told = pl.DataFrame([tuple(row) for row in rows], schema=ANSWERED, orient="row")
    return told.unique(["sector", "recipient", "content"], keep="last", maintain_order=True)


def _select() -> Any:
    return select(*(lists.c[name] for name in Issued._fields))


def _issued(row: Any) -> Issued:
    return Issued(*row)
