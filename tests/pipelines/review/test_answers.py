"""Answers and what is decided by them, on both databases: one reader, two, a third, undo, what stood before."""

import pytest
from sqlalchemy import Engine, select

from pipelines.errors import BadInput
from pipelines.review import answers
from pipelines.review.answers import Given
from pipelines.review.disagreement import Answer
from pipelines.workspace import audit_log, state
from pipelines.workspace.state_tables import decisions

KEY, OTHER, TENANT = ("students", "c" * 64), ("students", "d" * 64), "students-79"


def given(by: str, said: str, person: str | None = "P1", *, key: tuple[str, str] = KEY, entry: str = "e") -> Given:
    about = said in ("same", "different")
    answer = Answer(by, said, person if about else None)  # type: ignore[arg-type]
    return Given(key, TENANT, answer, entry * 64 if about else None, "")


def decided(engine: Engine) -> list[tuple[str, str | None, str]]:
    with state.reading(engine) as connection:
        table = decisions
        rows = connection.execute(
            select(table.c.verdict, table.c.person_id, table.c.decided_by).order_by(table.c.decision)
        )
        return [tuple(row) for row in rows]


def give(engine: Engine, *each: Given) -> None:
    with state.transaction(engine) as connection:
        answers.give(connection, each, now=1e9)


def undo(engine: Engine, by: str, number: int) -> None:
    with state.transaction(engine) as connection:
        answers.undo(connection, by, number, now=1e9)


def two_readers(engine: Engine) -> None:
    with state.transaction(engine) as connection:
        answers.order_readers(connection, TENANT, 2, "dung", "mẫu kiểm tra")


def test_one_answer_is_a_decision_and_an_entry_of_the_log(engine: Engine) -> None:
    give(engine, given("an", "same"))
    assert decided(engine) == [("same", "P1", "an")]
    with state.reading(engine) as connection:
        (entry,) = audit_log.entries(connection, "decision")
    assert (entry.by, entry.details["verdict"]) == ("an", "same")
    assert "P1" not in str(entry.details)


def test_two_like_answers_decide_where_two_read(engine: Engine) -> None:
    two_readers(engine)
    give(engine, given("an", "same"))
    assert decided(engine) == []
    with pytest.raises(BadInput) as told, state.transaction(engine) as connection:
        answers.give(connection, [given("an", "same")])
    assert told.value.code == "another_person"
    give(engine, given("binh", "same"))
    assert decided(engine) == [("same", "P1", "an, binh")]


def test_a_third_settles_what_two_see_differently(engine: Engine) -> None:
    two_readers(engine)
    give(engine, given("an", "same"))
    give(engine, given("binh", "nobody"))
    assert decided(engine) == []
    give(engine, given("chi", "nobody"))
    assert decided(engine) == [("nobody", None, "binh, chi")]


def test_an_answer_that_contradicts_a_decision_ends_it_until_a_third_settles(engine: Engine) -> None:
    give(engine, given("an", "same"))
    give(engine, given("binh", "different"))
    assert [verdict for verdict, *_ in decided(engine)] == ["same", "revoked"]
    give(engine, given("chi", "same"))
    assert decided(engine)[-1] == ("same", "P1", "an, chi")


def test_unsure_decides_nothing(engine: Engine) -> None:
    give(engine, given("an", "unsure"))
    assert decided(engine) == []


def test_the_same_said_again_of_a_person_who_has_changed_is_a_decision_again(engine: Engine) -> None:
    give(engine, given("an", "same"))
    give(engine, given("an", "same"))
    assert len(decided(engine)) == 1
    give(engine, given("an", "same", entry="f"))
    assert len(decided(engine)) == 2


def test_undone_is_as_if_nothing_had_been_said_and_what_stood_before_stands_again(engine: Engine) -> None:
    give(engine, given("an", "different", "P2"))
    give(engine, given("an", "same"))
    undo(engine, "an", 2)
    assert [verdict for verdict, *_ in decided(engine)] == ["different", "same", "revoked", "different"]
    with state.reading(engine) as connection:
        (kept,) = answers.of_records(connection, [KEY])[KEY]
    assert kept.answer == Answer("an", "different", "P2")


def test_nobody_takes_back_anothers_answer_nor_one_that_others_built_on(engine: Engine) -> None:
    two_readers(engine)
    give(engine, given("an", "same"))
    for by, number in (("binh", 1), ("an", 99)):
        with pytest.raises(BadInput):
            undo(engine, by, number)
    give(engine, given("binh", "same"))
    with pytest.raises(BadInput):
        undo(engine, "an", 1)
    undo(engine, "binh", 2)
    assert [verdict for verdict, *_ in decided(engine)] == ["same", "revoked"]
    with pytest.raises(BadInput):
        undo(engine, "binh", 2)


def test_what_was_answered_together_is_taken_back_together(engine: Engine) -> None:
    give(engine, given("an", "same"), given("an", "same", "P2", key=OTHER))
    with state.reading(engine) as connection:
        ((number, many, _, is_undone),) = answers.latest(connection, "an", 9)
        assert (many, is_undone, answers.last_of(connection, "an")) == (2, False, number)
    undo(engine, "an", number)
    assert sorted(verdict for verdict, *_ in decided(engine)) == ["revoked", "revoked", "same", "same"]
    with state.reading(engine) as connection:
        assert answers.last_of(connection, "an") is None
        assert answers.of_records(connection, [KEY, OTHER]) == {KEY: [], OTHER: []}


def test_nothing_is_kept_of_answers_of_which_one_is_refused(engine: Engine) -> None:
    two_readers(engine)
    give(engine, given("an", "same"))
    with pytest.raises(BadInput), state.transaction(engine) as connection:
        answers.give(connection, [given("an", "same", key=OTHER), given("an", "same")])
    with state.reading(engine) as connection:
        assert answers.of_records(connection, [OTHER])[OTHER] == []


@pytest.mark.parametrize(("readers", "reason"), [(0, "x"), (3, "x"), (2, " ")])
def test_readers_are_one_or_two_for_a_reason(engine: Engine, readers: int, reason: str) -> None:
    with pytest.raises(BadInput), state.transaction(engine) as connection:
        answers.order_readers(connection, TENANT, readers, "dung", reason)
