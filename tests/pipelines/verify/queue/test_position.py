"""Why a question is asked in its place: what goes before it in its tenant, and whether it comes today."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.verify.queue import position, schedule
from pipelines.workspace import state
from tests.pipelines.verify.stage import DAY, Stage, asking, once, request


def test_a_place_is_explained_by_what_goes_before_it(stage: Stage, settings: Settings) -> None:
    stage.enqueue(asking([1, 2], value=10), "2026-11-21")
    stage.enqueue(asking([1, 2], value=10).vstack(asking([3], value=90)).vstack(asking([4, 5, 6], value=50)), DAY)
    explained = position.explain_position(settings, request(5))
    before = {name: explained[name] for name in ("place", "older", "dearer", "same", "value", "state")}
    assert before == {"place": 5, "older": 2, "dearer": 1, "same": 1, "value": 50, "state": "waiting"}
    assert explained["comes_today"] is False, "nothing was given out yet"


def test_a_place_that_comes_today_and_one_that_does_not(stage: Stage, settings: Settings) -> None:
    stage.cap = 3
    stage.enqueue(asking(range(10)))
    seen: list[tuple[bool, int]] = []

    def look() -> None:
        for number in (2, 3):
            told = position.explain_position(settings, request(number))
            seen.append((told["comes_today"], told["places_left"]))

    stage.turn(step=once("places_given", look)).run()
    assert seen == [(True, 3), (False, 3)]
    answered = position.explain_position(settings, request(0))
    assert (answered["state"], answered["charged_on"], "place" in answered) == ("answered", DAY, False)


def test_no_such_question(settings: Settings) -> None:
    with state.opened(settings), pytest.raises(BadInput, match="no such question"):
        position.explain_position(settings, request(77))


def test_nothing_personal_is_told(stage: Stage, settings: Settings) -> None:
    stage.enqueue(asking([1]))
    told = str(position.explain_position(settings, request(1)))
    for secret in asking([1]).select("id_number", "full_name", "date_of_birth").row(0):
        assert secret not in told


@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["2026-11-20", DAY]), st.sampled_from([10, 50])), min_size=1, max_size=8))
def test_the_explained_places_are_the_order_of_asking(
    stage: Stage, settings: Settings, questions: list[tuple[str, int]]
) -> None:
    """Of one tenant: the first place is asked first, and each place is one question's."""
    with state.transaction(stage.engine) as connection:
        connection.exec_driver_sql("DELETE FROM questions")
    for day in ("2026-11-20", DAY):  # tonight what waits from earlier days is asked too
        waiting = [asking([n], value=value) for n, (since, value) in enumerate(questions) if since <= day]
        if waiting:
            stage.enqueue(pl.concat(waiting), day)
    with state.transaction(stage.engine) as connection:
        schedule.give_places(connection, 0, DAY, len(questions))
        order = schedule.in_order(connection, DAY)
        key = dict(connection.exec_driver_sql("SELECT sequence, request_id FROM questions").tuples().all())
    places = [position.explain_position(settings, key[sequence])["place"] for sequence in order]
    assert places == list(range(1, len(questions) + 1))
