"""Keeps which records each night drew at random for its estimate, and finds what reviewers have said of them since."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, delete, func, insert, select

from pipelines.config import Settings
from pipelines.workspace import state
from pipelines.workspace.state_tables import decisions, review_samples

DAYS = 30
"""Nights of so many days count together: one night's sample alone says little."""
SCHEMA: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("record_id", "sector", "content", "decision", "person_id"), pl.String)
}
"""Columns of a sample: `content` is the fingerprint of what the record says, `decision` and `person_id` what the night
found without a human.
"""
ANSWERED: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("run_id", "sector", "content", "decision", "person_id", "verdict", "said_of"), pl.String)
}
"""Columns of `answered`: `verdict` is the reviewers' last word, `said_of` the person of whom it speaks."""


def known_decisions(settings: Settings, run_id: str) -> int:
    """The number of the last human decision when the run first drew its sample; now, if it has not drawn one yet."""
    with state.opened(settings) as engine, state.reading(engine) as connection:
        kept = select(func.max(review_samples.c.after)).where(review_samples.c.run_id == run_id)
        drawn = connection.execute(kept).scalar()
        return int(connection.execute(select(func.max(decisions.c.decision))).scalar() or 0) if drawn is None else drawn


def decided(settings: Settings, contents: Sequence[str], until: int) -> set[str]:
    """Which of the contents a human had decided about by decision number `until`."""
    wanted = select(decisions.c.content).where(decisions.c.content.in_(contents), decisions.c.decision <= until)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return set(connection.execute(wanted).scalars())


def record(settings: Settings, run_id: str, sample: pl.DataFrame, after: int) -> None:
    """Stores a run's sample, drawn when `after` was the last decision's number; one drawn again replaces its own."""
    rows = [
        {**row, "run_id": run_id, "place": place, "night": settings.night.isoformat(), "after": after}
        for place, row in enumerate(sample.to_dicts(), start=1)
    ]
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        connection.execute(delete(review_samples).where(review_samples.c.run_id == run_id))
        if rows:
            connection.execute(insert(review_samples), rows)


def of_run(settings: Settings, run_id: str) -> pl.DataFrame:
    """The run's sample in the order in which it was drawn. Shape: columns of SCHEMA."""
    wanted = select(*(review_samples.c[name] for name in SCHEMA)).where(review_samples.c.run_id == run_id)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        rows = connection.execute(wanted.order_by(review_samples.c.place)).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=SCHEMA, orient="row")


def answered(settings: Settings, until: int | None = None) -> pl.DataFrame:
    """What reviewers have said of the samples of the last DAYS days, each content once, with its newest sample.

    Shape: columns of ANSWERED. Only words that were said after the sample was drawn count, and with `until` none after
    that decision; of several the last that is not revoked.
    """
    first = (settings.night - timedelta(days=DAYS)).isoformat()
    with state.opened(settings) as engine, state.reading(engine) as connection:
        drawn = _drawn(connection, first, settings.night.isoformat())
        said = _said(connection, first, until)
    if drawn.is_empty() or said.is_empty():
        return pl.DataFrame(schema=ANSWERED)
    after = (
        said.join(drawn, on=["sector", "content"], how="inner")
        .filter(pl.col("number") > pl.col("after"))
        .sort("number")
        .unique(["sector", "content"], keep="last", maintain_order=True)
    )
    return after.filter(pl.col("verdict") != "revoked").select(list(ANSWERED)).sort("sector", "content")


def _drawn(connection: Connection, first: str, last: str) -> pl.DataFrame:
    names = ("run_id", "night", "sector", "content", "decision", "person_id", "after")
    wanted = select(*(review_samples.c[name] for name in names)).where(review_samples.c.night.between(first, last))
    rows: list[Any] = [tuple(row) for row in connection.execute(wanted.order_by("night", "run_id", "place"))]
    schema = {**dict.fromkeys(names, pl.String), "after": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.unique(["sector", "content"], keep="last", maintain_order=True).drop("night")


def _said(connection: Connection, first: str, until: int | None) -> pl.DataFrame:
    sampled = select(review_samples.c.content).where(review_samples.c.night >= first)
    wanted = select(*(decisions.c[name] for name in ("decision", "sector", "content", "verdict", "person_id"))).where(
        decisions.c.content.in_(sampled)
    )
    if until is not None:
        wanted = wanted.where(decisions.c.decision <= until)
    schema = {"number": pl.Int64, **dict.fromkeys(("sector", "content", "verdict", "said_of"), pl.String)}
    rows: list[Any] = [tuple(row) for row in connection.execute(wanted.order_by(decisions.c.decision))]
    return pl.DataFrame(rows, schema=schema, orient="row")
