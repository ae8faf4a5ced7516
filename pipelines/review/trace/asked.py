"""Finds what the state database knows of a record: the question about it, its place in a day, humans' decisions."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from pipelines.config import Settings
from pipelines.review.trace.model import HumanWord, Question
from pipelines.workspace import state, state_tables
from vn.ids import mask

FLAGS = {"id_number": "id_flag", "full_name": "name_flag", "date_of_birth": "birth_flag", "sex": "sex_flag"}


def questions(settings: Settings, verifications: Iterable[dict[str, Any]]) -> dict[str, Question]:
    """Record → its question, of some rows of the table `verifications`."""
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return {row["record_id"]: _question(connection, row) for row in verifications}


def human_words(settings: Settings, sector: str, content: str) -> tuple[HumanWord, ...]:
    """Every decision about what this record says, the oldest first; revoked ones too."""
    table = state_tables.decisions
    wanted = select(table).where(table.c.sector == sector, table.c.content == content).order_by(table.c.decision)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        rows = connection.execute(wanted).mappings().all()
    return tuple(
        HumanWord(
            decision=row["decision"],
            verdict=row["verdict"],
            person=row["person_id"] and mask(row["person_id"]),
            decided_by=row["decided_by"],
            decided_at=row["decided_at"],
            reason=row["reason"],
        )
        for row in rows
    )


def _question(connection: Connection, row: dict[str, Any]) -> Question:
    asked, places = state_tables.questions, state_tables.tenant_days
    names = ("tenant", "enqueued_on", "asked_on", "charged_on", "value")
    columns = [asked.c[name] for name in names]
    found = connection.execute(select(*columns).where(asked.c.request_id == row["request_id"])).mappings().first()
    # A question of which the state database knows nothing: what the night wrote of it is all there is.
    kept: dict[str, Any] = dict(found or {"tenant": row["tenant"], "charged_on": row["asked_on"]})
    day = kept["charged_on"] or kept.get("asked_on")
    of_day = (places.c.day == day) & (places.c.tenant == kept["tenant"])
    place = connection.execute(select(places.c.places, places.c.reserved).where(of_day)).first() if day else None
    return Question(
        request_id=row["request_id"],
        tenant=kept["tenant"],
        state=row["state"],
        result=row["result"],
        flags={field: row[flag] for field, flag in FLAGS.items()},
        enqueued_on=kept.get("enqueued_on"),
        asked_on=kept.get("asked_on"),
        charged_on=kept["charged_on"],
        places=place[0] if place else None,
        places_used=place[1] if place else None,
        points=kept.get("value"),
    )
