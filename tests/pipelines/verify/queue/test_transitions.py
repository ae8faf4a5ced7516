"""One question's way: waiting → reserved → asked → answered, or back, or cancelled; its places go with it.

Each step is one function in the caller's transaction; `turn` 1 holds what it reserves. On both databases.
"""

from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from pipelines.gateway.protocol.answers import ANSWER, DAILY_QUOTA, FLAGS
from pipelines.quota import ledger
from pipelines.verify.queue import leases, schedule, transitions
from pipelines.verify.queue.leases import LeaseLost
from pipelines.workspace import state
from tests.pipelines.verify.stage import DAY, NEXT, A, B, Stage, asking, request, sequences, with_sequence

CAP = 4
TURN = 1


@pytest.fixture
def connection(stage: Stage) -> Iterator[Connection]:
    """One transaction on a queue: questions 0–9 of two tenants in turn, four places, two for each; turn 1 has begun."""
    stage.enqueue(asking(range(10), tenants=2))
    with state.transaction(stage.engine) as connection:
        assert leases.begin(connection, "worker", "", DAY, 0.0) == TURN
        schedule.give_places(connection, TURN, DAY, CAP)
        yield connection


def requests(*numbers: int) -> list[str]:
    return [request(n) for n in numbers]


def places(connection: Connection, *numbers: int) -> list[int]:
    """Where these questions lie in the queue."""
    return sequences(connection, requests(*numbers))


def reserve(connection: Connection, *numbers: int, turn: int = TURN) -> list[str]:
    return transitions.reserve(connection, places(connection, *numbers), turn, DAY)["request_id"].to_list()


def ask(connection: Connection, *numbers: int) -> None:
    """Reserved and sent."""
    assert reserve(connection, *numbers) == requests(*numbers)
    transitions.mark_asked(connection, places(connection, *numbers), TURN, DAY)


def answer(number: int, result: str | None = "MATCH", error: str | None = None, day: str = DAY) -> dict[str, object]:
    """What the gateway says of a question: a result, charged to its day, or an error."""
    flag = None if result is None else "M"
    charged = None if result is None else day
    return {"request_id": request(number), "result": result, "quota_day": charged, "error": error} | dict.fromkeys(
        FLAGS, flag
    )


def settle(connection: Connection, *answers: dict[str, object], turn: int = TURN, was_sent_before: bool = False) -> int:
    received = with_sequence(connection, pl.DataFrame(list(answers), schema=ANSWER))
    return transitions.settle(connection, received, turn, DAY, was_sent_before=was_sent_before)


def states(connection: Connection, *numbers: int) -> list[str]:
    found = dict(connection.exec_driver_sql("SELECT request_id, state FROM questions").tuples().all())
    return [found[key] for key in requests(*numbers)]


def one(connection: Connection, number: int, *columns: str) -> tuple[object, ...]:
    sql = f"SELECT {', '.join(columns)} FROM questions WHERE request_id = '{request(number)}'"
    return tuple(connection.exec_driver_sql(sql).one())


# waiting → reserved


def test_reserved_are_those_that_wait_in_the_order_given(connection: Connection) -> None:
    taken = transitions.reserve(connection, places(connection, 3, 0, 77), TURN, DAY)
    assert taken["request_id"].to_list() == requests(3, 0), "77 is no question"
    assert taken.select("id_number", "full_name", "unit", "purpose").row(0) == (
        *("079087000003", "Nguyễn Văn An"),
        *(B, "students"),
    )
    assert states(connection, 0, 3, 4) == ["reserved", "reserved", "waiting"]
    assert reserve(connection, 0, 4) == requests(4), "what is reserved does not wait"


def test_no_more_than_a_tenants_places(connection: Connection) -> None:
    assert reserve(connection, 0, 2, 4, 1) == requests(0, 2, 1), "A has two places: 4 is its third"


def test_no_more_than_the_days_places(connection: Connection) -> None:
    """The plan is older than the cap: the cap holds."""
    ledger.open_day(connection, DAY, 3)
    assert reserve(connection, 0, 1, 2, 3) == requests(0, 1, 2)
    assert ledger.used(connection, DAY) == 3


def test_no_places_no_question(connection: Connection) -> None:
    assert transitions.reserve(connection, places(connection, 0), TURN, NEXT).is_empty(), "nobody opened that day"
    assert states(connection, 0) == ["waiting"]


# reserved → asked, or back


def test_what_was_never_sent_is_free_again(connection: Connection) -> None:
    reserve(connection, 0, 1, 2)
    transitions.mark_asked(connection, places(connection, 2), TURN, DAY)
    assert transitions.release_unsent(connection, TURN) == 2
    assert states(connection, 0, 1, 2) == ["waiting", "waiting", "asked"]
    assert one(connection, 0, "lease_token", "reserved_on", "enqueued_on") == (None, None, DAY), "with its age"
    assert (ledger.used(connection, DAY), ledger.room(connection, DAY, [A, B])) == (1, {A: 1, B: 2})


def test_only_what_this_turn_holds_may_be_sent(connection: Connection) -> None:
    reserve(connection, 0, 1)
    for numbers, turn in (((0,), TURN + 1), ((0, 5), TURN)):
        with pytest.raises(LeaseLost):
            transitions.mark_asked(connection, places(connection, *numbers), turn, DAY)


# asked → answered, cancelled, or back


def test_an_answer_settles_charges_and_forgets_what_was_asked(connection: Connection) -> None:
    ask(connection, 0, 1)
    assert settle(connection, answer(0), answer(1, "MISMATCH")) == 2
    assert one(connection, 0, "state", "result", "charged_on", "name_flag") == ("answered", "MATCH", DAY, "M")
    assert one(connection, 0, *transitions.BODY) == (None,) * 4
    assert ledger.charged_by_tenant(connection, DAY) == {A: 1, B: 1}


def test_an_answer_counts_once_and_only_for_who_asks(connection: Connection) -> None:
    ask(connection, 0)
    assert settle(connection, answer(0), turn=TURN + 1) == 0, "another's"
    assert settle(connection, answer(5)) == 0, "it was never asked"
    assert settle(connection, answer(0)) == 1
    assert settle(connection, answer(0, "MISMATCH")) == 0, "it was answered"
    assert one(connection, 0, "result") == ("MATCH",)
    assert ledger.charged_by_tenant(connection, DAY) == {A: 1}


def test_a_pending_answer_is_charged_once_and_stays_asked_until_the_last(connection: Connection) -> None:
    ask(connection, 0)
    assert settle(connection, answer(0, "MANUAL_REVIEW")) == 0
    assert one(connection, 0, "state", "charged_on", "full_name") == ("asked", DAY, "Nguyễn Văn An")
    assert settle(connection, answer(0, "MATCH", day=NEXT)) == 1
    assert one(connection, 0, "state", "charged_on") == ("answered", DAY), "charged when it was first answered"
    assert (ledger.charged_by_tenant(connection, DAY), ledger.used(connection, NEXT)) == ({A: 1}, 0)


def test_a_charge_of_the_next_day_frees_todays_place(connection: Connection) -> None:
    ask(connection, 0)
    settle(connection, answer(0, day=NEXT))
    assert (ledger.used(connection, DAY), ledger.used(connection, NEXT)) == (0, 1)
    assert ledger.charged_by_tenant(connection, NEXT) == {A: 1}


def test_turned_down_for_the_day_it_waits_on_with_its_age(connection: Connection) -> None:
    ask(connection, 0)
    assert settle(connection, answer(0, None, DAILY_QUOTA)) == 0
    assert one(connection, 0, "state", "enqueued_on", "lease_token") == ("waiting", DAY, None)
    assert ledger.used(connection, DAY) == 0


def test_turned_down_for_the_day_but_sent_before_it_may_still_be_charged(connection: Connection) -> None:
    ask(connection, 0)
    settle(connection, answer(0, None, DAILY_QUOTA), was_sent_before=True)
    assert (states(connection, 0), ledger.used(connection, DAY)) == (["asked"], 1)


def test_turned_down_for_itself_it_is_cancelled_with_the_gateways_code(connection: Connection) -> None:
    ask(connection, 0, 1)
    assert settle(connection, answer(0, None, "INVALID_ID"), answer(1)) == 1
    assert one(connection, 0, "state", "reason", "cancelled_on", "full_name") == (
        *("cancelled", "refused:INVALID_ID"),
        *(DAY, None),
    )
    assert (ledger.used(connection, DAY), ledger.room(connection, DAY, [A])) == (1, {A: 2}), "its place is free"


# asked, and nobody said what became of it


def test_what_nobody_answered_and_is_not_known_to_be_charged(connection: Connection) -> None:
    ask(connection, 0, 1, 2, 3)
    settle(connection, answer(0), answer(1, "MANUAL_REVIEW"))
    assert transitions.unanswered(connection, TURN)["request_id"].to_list() == requests(2, 3)
    assert transitions.unanswered(connection, TURN, places(connection, 0, 1, 3))["request_id"].to_list() == requests(3)
    assert transitions.held(connection, "asked", TURN)["request_id"].to_list() == requests(1, 2, 3), "pending too"
    assert transitions.held(connection, "asked", TURN + 1).is_empty()


def test_what_nobody_answered_yesterday_takes_todays_places_as_far_as_they_go(connection: Connection) -> None:
    ask(connection, 0, 1, 2)
    ledger.open_day(connection, NEXT, 2)
    transitions.move_to(connection, TURN, NEXT)
    again = transitions.to_ask_again(connection, TURN, NEXT)
    assert again["request_id"].to_list() == requests(0, 1), "by their codes; for 2 there is no place"
    assert again.columns == transitions.reserve(connection, [], TURN, DAY).columns, "questions as before"
    assert transitions.to_ask_again(connection, TURN, DAY)["request_id"].to_list() == requests(2)
    assert (ledger.used(connection, DAY), ledger.used(connection, NEXT)) == (1, 2)


# Whatever happens to a question

NUMBERS = st.lists(st.integers(0, 9), max_size=4, unique=True)
RESULTS = st.sampled_from(["MATCH", "MISMATCH", "MANUAL_REVIEW", DAILY_QUOTA, "INVALID_ID"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), NUMBERS),
        st.tuples(st.just("ask"), NUMBERS),
        st.tuples(st.just("settle"), st.dictionaries(st.integers(0, 9), RESULTS, max_size=4)),
        st.tuples(st.just("release"), st.just(())),
        st.tuples(st.just("cap"), st.integers(0, 8)),
    ),
    max_size=15,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_every_question_is_in_one_state_and_has_the_place_that_goes_with_it(
    stage: Stage, steps: list[tuple[str, object]]
) -> None:
    """Reserved, asked or charged is one place each, of its tenant; no cap is passed; a settled text is forgotten."""
    with state.transaction(stage.engine) as connection:
        for table in ("questions", "turns", "quota_days", "tenant_days", "ledger"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    stage.enqueue(asking(range(10), tenants=2))
    highest = CAP
    with state.transaction(stage.engine) as connection:
        turn = leases.begin(connection, "worker", "", DAY, 0.0)
        schedule.give_places(connection, turn, DAY, CAP)
        for what, detail in steps:
            match what, detail:
                case "cap", int(cap):
                    highest = max(highest, cap)
                    schedule.give_places(connection, turn, DAY, cap)
                case "reserve", list(numbers):
                    transitions.reserve(connection, places(connection, *numbers), turn, DAY)
                case "ask", list(numbers):
                    ours = transitions.held(connection, "reserved", turn)["sequence"].to_list()
                    sent = [place for place in places(connection, *numbers) if place in ours]
                    transitions.mark_asked(connection, sent, turn, DAY)
                case "settle", dict(results):
                    errors = (DAILY_QUOTA, "INVALID_ID")
                    told = [answer(n, None, r) if r in errors else answer(n, r) for n, r in results.items()]
                    settle(connection, *told, turn=turn)
                case "release", _:
                    transitions.release_unsent(connection, turn)
    has_place = "state IN ('reserved', 'asked', 'answered')"
    taken = stage.rows(f"SELECT tenant, count(*) FROM questions WHERE {has_place} GROUP BY tenant ORDER BY tenant")
    assert stage.rows("SELECT tenant, reserved FROM tenant_days WHERE reserved <> 0 ORDER BY tenant") == taken
    charged = stage.rows("SELECT count(*) FROM questions WHERE charged_on IS NOT NULL")[0][0]
    assert stage.rows("SELECT reserved, charged FROM quota_days") == [(sum(n for _, n in taken), charged)]
    assert sum(n for _, n in taken) <= highest
    assert stage.rows("SELECT count(*) FROM questions") == [(10,)]
    without_text = "state IN ('answered', 'cancelled')"
    assert stage.rows(f"SELECT count(*) FROM questions WHERE ({without_text}) <> (full_name IS NULL)") == [(0,)]
    free = "state = 'waiting' AND (lease_token IS NOT NULL OR reserved_on IS NOT NULL OR asked_on IS NOT NULL)"
    assert stage.rows(f"SELECT count(*) FROM questions WHERE {free}") == [(0,)]
