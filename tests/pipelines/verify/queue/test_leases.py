"""Who holds what is in flight: renewed by the living, taken over once from the dead, whatever the clock does."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from pipelines.verify.queue import leases, schedule, transitions
from pipelines.verify.queue.leases import LEASE_S, LeaseLost
from pipelines.workspace import state
from tests.pipelines.verify.stage import DAY, Stage, asking, request, sequences

NOON = 1_795_300_000.0
"""Some moment; the others are so many seconds later."""


@pytest.fixture
def connection(stage: Stage) -> Iterator[Connection]:
    """One transaction on a queue of six questions, with places for all."""
    stage.enqueue(asking(range(6)))
    with state.transaction(stage.engine) as connection:
        schedule.give_places(connection, 0, DAY, 6)
        yield connection


def begin(connection: Connection, worker: str, later: float = 0) -> int:
    return leases.begin(connection, worker, "2026-11-22-1", DAY, NOON + later)


def reserve(connection: Connection, turn: int, *numbers: int) -> None:
    wanted = sequences(connection, [request(n) for n in numbers])
    assert transitions.reserve(connection, wanted, turn, DAY).height == len(numbers)


def held(connection: Connection, turn: int) -> list[str]:
    return transitions.held(connection, "reserved", turn)["request_id"].to_list()


def test_a_turns_number_is_new_and_it_holds_nothing_yet(connection: Connection) -> None:
    first, second = begin(connection, "a"), begin(connection, "b")
    assert first < second
    assert (held(connection, first), held(connection, second)) == ([], [])


def test_the_living_keep_what_they_hold(connection: Connection) -> None:
    first = begin(connection, "a")
    reserve(connection, first, 1, 2)
    second = begin(connection, "b", LEASE_S - 1)
    assert (held(connection, first), held(connection, second)) == ([request(1), request(2)], [])
    leases.renew(connection, first, NOON + LEASE_S - 1)
    assert leases.take_over(connection, second, "b", NOON + 2 * LEASE_S - 2) == 0, "renewed: it lives on"


def test_what_the_dead_held_is_taken_over_once(connection: Connection) -> None:
    """Of two that come after the lease the first has it all; the dead one, should it wake, can change nothing."""
    dead = begin(connection, "a")
    reserve(connection, dead, 1, 2)
    second, third = begin(connection, "b", LEASE_S), begin(connection, "c", LEASE_S)
    assert (held(connection, dead), held(connection, second)) == ([], [request(1), request(2)])
    assert held(connection, third) == []
    with pytest.raises(LeaseLost):
        leases.renew(connection, dead, NOON + LEASE_S)


def test_a_workers_own_earlier_turn_is_over_at_once(connection: Connection) -> None:
    """It was killed and started again: nobody else has its name."""
    before = begin(connection, "a")
    reserve(connection, before, 1)
    again = begin(connection, "a", 1)
    assert held(connection, again) == [request(1)]
    with pytest.raises(LeaseLost):
        leases.renew(connection, before, NOON + 1)


def test_a_turn_that_ended_leaves_what_it_still_holds(connection: Connection) -> None:
    first = begin(connection, "a")
    reserve(connection, first, 1)
    leases.end(connection, first, NOON + 1, "outage", "GatewayDown: no line")
    assert held(connection, begin(connection, "b", 1)) == [request(1)]


def test_the_ended_holds_nothing_up_and_says_why(stage: Stage) -> None:
    with state.transaction(stage.engine) as connection:
        turn = begin(connection, "a")
        leases.count(connection, turn, sent=10, settled=9, error="GatewayTimeout: late")
        leases.count(connection, turn, sent=5, settled=6, error=None)
        leases.end(connection, turn, NOON + 1, "empty", None)
    told = stage.rows("SELECT sent, settled, stopped_by, last_error FROM turns")
    assert told == [(15, 15, "empty", "GatewayTimeout: late")], "an error stays to be seen until another comes"


def test_who_was_taken_over_cannot_end(stage: Stage) -> None:
    """It was dead; its own word about how it ended comes too late."""
    with state.transaction(stage.engine) as connection:
        dead = begin(connection, "a")
        begin(connection, "b", LEASE_S)
        leases.end(connection, dead, NOON + LEASE_S, "empty", None)
    assert stage.rows("SELECT stopped_by, taken_by FROM turns ORDER BY turn") == [(None, 2), (None, None)]


def test_only_the_living_are_counted(connection: Connection) -> None:
    begin(connection, "a")
    ended = begin(connection, "b", 10)
    leases.end(connection, ended, NOON + 10, "cap", None)
    begin(connection, "c", 20)
    counts = [leases.alive(connection, NOON + later) for later in (20, LEASE_S - 1, LEASE_S, LEASE_S + 19)]
    assert counts == [2, 2, 1, 1]
    assert leases.alive(connection, NOON + LEASE_S + 20) == 0


def test_a_clock_that_was_put_back_makes_no_lease_longer(connection: Connection) -> None:
    """An hour back: the dead one's lease would last 62 minutes. Who looks cuts it to a whole one from now."""
    dead = begin(connection, "a", 3_600)
    reserve(connection, dead, 1)
    looks = begin(connection, "b")
    assert held(connection, dead) == [request(1)], "it may be alive"
    assert leases.take_over(connection, looks, "b", NOON + LEASE_S) == 1


# Whatever workers come and go, and whenever

WORKERS = ("a", "b", "c")
STEPS = st.lists(
    st.tuples(st.sampled_from(["begin", "renew", "end"]), st.sampled_from(WORKERS), st.integers(-200, 200)), max_size=20
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_a_question_in_flight_has_one_holder_who_was_not_taken_over(
    stage: Stage, steps: list[tuple[str, str, int]]
) -> None:
    """Nothing in flight is held by a turn that another has taken over; no lease is longer than a whole one from now."""
    with state.transaction(stage.engine) as connection:
        for table in ("questions", "turns"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    stage.enqueue(asking(range(6)))
    now, last = NOON, dict.fromkeys(WORKERS, 0)
    for what, worker, seconds in steps:
        now += seconds
        with state.transaction(stage.engine) as connection:
            schedule.give_places(connection, 0, DAY, 6)
            if what == "begin":
                last[worker] = leases.begin(connection, worker, "", DAY, now)
                wanted = schedule.in_order(connection, DAY)[:1]
                transitions.reserve(connection, wanted, last[worker], DAY)
            elif what == "end":
                leases.end(connection, last[worker], now, "empty", None)
            elif last[worker]:
                was_taken = connection.exec_driver_sql(
                    f"SELECT count(*) FROM turns WHERE turn = {last[worker]} AND taken_by IS NOT NULL"
                ).scalar_one()
                if was_taken:
                    with pytest.raises(LeaseLost):
                        leases.renew(connection, last[worker], now)
                else:
                    leases.renew(connection, last[worker], now)
        orphans = "SELECT count(*) FROM questions JOIN turns ON turn = lease_token WHERE taken_by IS NOT NULL"
        assert stage.rows(orphans) == [(0,)]
        if what == "begin":
            too_long = f"SELECT count(*) FROM turns WHERE taken_by IS NULL AND lease_until > {now + LEASE_S}"
            assert stage.rows(too_long) == [(0,)]
    # A lease after the last step somebody new holds all that is in flight.
    with state.transaction(stage.engine) as connection:
        new = leases.begin(connection, "d", "", DAY, now)
        leases.take_over(connection, new, "d", now + LEASE_S)
        in_flight = connection.exec_driver_sql("SELECT count(*) FROM questions WHERE state = 'reserved'").scalar_one()
        assert transitions.held(connection, "reserved", new).height == in_flight
