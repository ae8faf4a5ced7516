"""The next record of somebody: nobody else's, not what was just answered, here or by somebody faster."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from pipelines.config import Run
from pipelines.review import answers, claims, desk
from pipelines.review.answers import Given
from pipelines.review.desk import Desk, Open
from pipelines.review.disagreement import Answer
from pipelines.review.worklist import Filters, Worklist
from pipelines.workspace import state
from tests.pipelines.review.small_worklist import settings_of

PUPILS = Filters(sector="students", decision="review")


def next_of(found: Open, engine: Engine, name: str, after: int = 0) -> str | None:
    with state.reading(engine) as connection:
        lines = desk.upcoming(found, connection, name, PUPILS, ["students-79"], after, is_second=False)
    with state.transaction(engine) as connection:
        line = desk.take(found, connection, name, lines, is_second=False)
    return line and line.record_id


def test_two_people_get_two_records_and_one_gets_their_own_again(
    night: Run, worklist: Worklist, engine: Engine
) -> None:
    found = Desk(settings_of(night), engine).opened()
    first = next_of(found, engine, "an")
    assert first is not None
    assert next_of(found, engine, "binh") not in (first, None)
    assert next_of(found, engine, "an") == first
    with state.transaction(engine) as connection:
        claims.release(connection, "an")
    assert next_of(found, engine, "chi") == first


def test_what_somebody_answered_meanwhile_is_not_handed_out(night: Run, worklist: Worklist, engine: Engine) -> None:
    found = Desk(settings_of(night), engine).opened()
    first = next_of(found, engine, "an")
    line = worklist.line(first or "")
    assert line is not None
    with state.transaction(engine) as connection:
        given = Given((line.sector, line.content), "students-79", Answer("an", "nobody"), None, "")
        answers.give(connection, [given])
        claims.release(connection, "an")
    assert next_of(found, engine, "binh") != first, "the standings do not know it yet"
    with state.reading(engine) as connection:
        found.standings.refresh(connection)
    assert next_of(found, engine, "binh") != first


def test_behind_the_last_record_it_begins_anew_and_ends_when_nothing_waits(
    night: Run, worklist: Worklist, engine: Engine
) -> None:
    found = Desk(settings_of(night), engine).opened()
    assert next_of(found, engine, "an", after=10_000) is not None
    with state.reading(engine) as connection:
        assert desk.upcoming(found, connection, "an", PUPILS, [], 0, is_second=False) == []


def test_who_was_faster_has_the_record_and_the_other_gets_the_one_behind_it(
    night: Run, worklist: Worklist, engine: Engine
) -> None:
    found = Desk(settings_of(night), engine).opened()
    with state.reading(engine) as connection:
        lines = desk.upcoming(found, connection, "an", PUPILS, ["students-79"], 0, is_second=False)
    with state.transaction(engine) as connection:
        assert desk.take(found, connection, "binh", lines, is_second=False) == lines[0]
        assert desk.take(found, connection, "an", lines, is_second=False) == lines[1]
        assert desk.take(found, connection, "chi", lines[:2], is_second=False) is None


def test_twenty_write_side_by_side_without_sleeping_for_sqlites_lock(
    night: Run, worklist: Worklist, engine: Engine
) -> None:
    shared = Desk(settings_of(night), engine)

    def claimed(number: int) -> str:
        with shared.writing() as connection:
            return claims.claim(connection, ("students", f"{number % 10:064}"), f"user{number:02}")

    with ThreadPoolExecutor(20) as people:
        holders = list(people.map(claimed, range(20)))
    assert len(set(holders)) == 10, "each record is one person's"
