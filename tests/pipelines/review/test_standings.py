"""Which records wait for whom, after answers here, decisions elsewhere, and changes of people."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from pipelines.config import TIME_ZONE
from pipelines.link import human_decisions
from pipelines.link.human_decisions import Decision
from pipelines.review import answers
from pipelines.review.answers import Given
from pipelines.review.disagreement import Answer
from pipelines.review.standings import Standings
from pipelines.review.worklist import Line, Worklist
from pipelines.workspace import state


@pytest.fixture
def standings(worklist: Worklist) -> Standings:
    return Standings(worklist)


def line_of(worklist: Worklist, record_id: str = "r0000") -> Line:
    found = worklist.line(record_id)
    assert found is not None
    return found


def given(worklist: Worklist, line: Line, by: str, said: str) -> Given:
    about = said in ("same", "different")
    person = worklist.fingerprints([line.person_id or ""]).get(line.person_id or "")
    answer = Answer(by, said, line.person_id if about else None)  # type: ignore[arg-type]
    return Given((line.sector, line.content), "students-79", answer, person if about else None, "")


def test_a_decided_record_waits_for_nobody_and_one_taken_back_for_all(
    worklist: Worklist, standings: Standings, engine: Engine
) -> None:
    line = line_of(worklist)
    with state.transaction(engine) as connection:
        standings.refresh(connection)
        assert standings.is_open(line.position, "an", is_second=False)
        answers.give(connection, [given(worklist, line, "an", "same")])
        standings.refresh(connection)
        assert not standings.is_open(line.position, "binh", is_second=True)
        answers.undo(connection, "an", 1)
        standings.refresh(connection)
        assert standings.is_open(line.position, "an", is_second=False)


def test_an_unsure_one_waits_for_another_and_two_that_differ_for_a_second_reviewer(
    worklist: Worklist, standings: Standings, engine: Engine
) -> None:
    line = line_of(worklist)
    with state.transaction(engine) as connection:
        answers.give(connection, [given(worklist, line, "an", "unsure")])
        standings.refresh(connection)
        assert not standings.is_open(line.position, "an", is_second=False)
        assert standings.is_open(line.position, "binh", is_second=False)
        answers.order_readers(connection, "students-79", 2, "dung", "mẫu")
        answers.give(connection, [given(worklist, line, "binh", "same")])
        answers.give(connection, [given(worklist, line, "chi", "nobody")])
        standings.refresh(connection)
        assert standings.of(line.position).waits_for == "third"
        assert not standings.is_open(line.position, "em", is_second=False)
        assert standings.is_open(line.position, "em", is_second=True)
        assert not standings.is_open(line.position, "binh", is_second=True)


def test_readers_that_change_reopen_what_one_had_answered(
    worklist: Worklist, standings: Standings, engine: Engine
) -> None:
    line = line_of(worklist)
    with state.transaction(engine) as connection:
        answers.order_readers(connection, "students-79", 2, "dung", "mẫu")
        answers.give(connection, [given(worklist, line, "an", "same")])
        standings.refresh(connection)
        assert standings.of(line.position).waits_for == "second"


def test_decisions_from_elsewhere_count_and_those_of_an_earlier_entry_do_not(
    worklist: Worklist, standings: Standings, engine: Engine, tmp_path: Path
) -> None:
    line = line_of(worklist, "r0005")
    told = Decision(
        sector=line.sector, content=line.content, verdict="same", person_id=line.person_id, person="0" * 64,
        decided_by="quan", decided_at=datetime(2026, 11, 22, tzinfo=TIME_ZONE), reason="CLI",
    )  # fmt: skip
    with state.transaction(engine) as connection:
        human_decisions.record(connection, [told])
        standings.refresh(connection)
        assert standings.is_open(line.position, "an", is_second=False), "the person's entry has changed since"
        known = worklist.fingerprints([line.person_id or ""])[line.person_id or ""]
        human_decisions.record(connection, [told.model_copy(update={"person": known})])
        standings.refresh(connection)
        assert not standings.is_open(line.position, "an", is_second=False)
