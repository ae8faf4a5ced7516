"""Places of a quota day: taken, given back, charged; no cap is passed; three books say the same. Both databases."""

import threading
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from pipelines.quota import ledger
from pipelines.quota.ledger import Entry
from pipelines.workspace import state
from tests.pipelines.verify.stage import DAY, NEXT, A, B, C, Stage

TURN = 1


@pytest.fixture
def connection(stage: Stage) -> Iterator[Connection]:
    """One transaction on an empty ledger."""
    with state.transaction(stage.engine) as connection:
        yield connection


def entry(reserved: int, charged: int = 0, *, tenant: str = A, since: str = DAY, day: str = DAY) -> Entry:
    return Entry(day, TURN, tenant, since, reserved=reserved, charged=charged)


def rows(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(sql)]


# The day's cap


def test_a_day_that_nobody_opened_has_no_places(connection: Connection) -> None:
    assert (ledger.left(connection, DAY), ledger.lock_day(connection, DAY), ledger.used(connection, DAY)) == (0, 0, 0)
    assert not ledger.reserve(connection, [entry(1)], DAY)


def test_places_are_taken_up_to_the_cap_all_or_none(connection: Connection) -> None:
    assert ledger.open_day(connection, DAY, 10) == 10
    assert ledger.reserve(connection, [entry(4), entry(3, tenant=B)], DAY)
    assert (ledger.left(connection, DAY), ledger.used(connection, DAY)) == (3, 7)
    assert not ledger.reserve(connection, [entry(2), entry(2, tenant=B)], DAY), "four more would be eleven"
    assert (ledger.left(connection, DAY), ledger.used(connection, DAY)) == (3, 7), "not even two of them were taken"
    assert ledger.reserve(connection, [entry(3)], DAY)
    assert (ledger.left(connection, DAY), ledger.lock_day(connection, DAY)) == (0, 0)


def test_the_cap_may_change_meanwhile(connection: Connection) -> None:
    """A lower one takes nothing back: there are just no places until the day is below it."""
    ledger.open_day(connection, DAY, 10)
    ledger.reserve(connection, [entry(7)], DAY)
    assert ledger.open_day(connection, DAY, 5) == 0
    assert not ledger.reserve(connection, [entry(1)], DAY)
    assert ledger.used(connection, DAY) == 7
    assert ledger.open_day(connection, DAY, 12) == 5


def test_each_day_has_places_of_its_own(connection: Connection) -> None:
    ledger.open_day(connection, DAY, 2)
    ledger.open_day(connection, NEXT, 3)
    ledger.reserve(connection, [entry(2)], DAY)
    assert (ledger.left(connection, DAY), ledger.left(connection, NEXT)) == (0, 3)


# Given back and charged


def test_a_place_that_is_given_back_is_free_again(connection: Connection) -> None:
    ledger.open_day(connection, DAY, 5)
    ledger.reserve(connection, [entry(5)], DAY)
    ledger.book(connection, [entry(-2)])
    assert (ledger.left(connection, DAY), ledger.used(connection, DAY)) == (2, 3)


def test_a_charge_keeps_its_place_and_counts_for_its_tenant(connection: Connection) -> None:
    ledger.open_day(connection, DAY, 5)
    ledger.reserve(connection, [entry(3), entry(2, tenant=B)], DAY)
    ledger.book(connection, [entry(0, 3), entry(0, 1, tenant=B)])
    assert (ledger.left(connection, DAY), ledger.charged_by_tenant(connection, DAY)) == (0, {A: 3, B: 1})


def test_a_charge_of_the_gateways_next_day_moves_the_place_there(connection: Connection) -> None:
    """Asked before midnight, charged after it; that day was not opened yet, and gets no other places by it."""
    ledger.open_day(connection, DAY, 5)
    ledger.reserve(connection, [entry(5)], DAY)
    ledger.book(connection, [entry(-2), entry(2, 2, day=NEXT)])
    assert (ledger.left(connection, DAY), ledger.left(connection, NEXT)) == (2, 0)
    days = rows(connection, "SELECT day, cap, reserved, charged FROM quota_days ORDER BY day")
    assert days == [(DAY, 5, 3, 0), (NEXT, 2, 2, 2)]
    assert ledger.open_day(connection, NEXT, 5) == 3, "opened later, two of its places are gone"


def test_the_book_keeps_every_change_and_nothing_that_changes_nothing(connection: Connection) -> None:
    ledger.open_day(connection, DAY, 5)
    ledger.reserve(connection, [entry(3)], DAY)
    ledger.book(connection, [entry(-1), entry(0, 2), entry(0, 0)])
    assert rows(connection, "SELECT turn, tenant, reserved, charged FROM ledger ORDER BY entry") == [
        (TURN, A, 3, 0),
        (TURN, A, -1, 0),
        (TURN, A, 0, 2),
    ]


# By tenant


def test_places_are_shared_out_and_each_takes_of_its_own(connection: Connection) -> None:
    ledger.open_day(connection, DAY, 10)
    ledger.share_out(connection, DAY, {A: 6, B: 4})
    assert ledger.room(connection, DAY, [A, B, C]) == {A: 6, B: 4}, "C has no row, so no room"
    ledger.reserve(connection, [entry(5)], DAY)
    assert (ledger.room(connection, DAY, [A]), ledger.planned(connection, DAY)) == ({A: 1}, 5)


def test_who_is_shared_nothing_any_more_has_no_room_but_keeps_what_it_took(connection: Connection) -> None:
    ledger.open_day(connection, DAY, 10)
    ledger.share_out(connection, DAY, {A: 6, B: 4})
    ledger.reserve(connection, [entry(5)], DAY)
    ledger.share_out(connection, DAY, {B: 5})
    assert ledger.room(connection, DAY, [A, B]) == {A: 0, B: 5}
    assert ledger.planned(connection, DAY) == 5, "A's five beyond its share take nothing from B's"
    assert ledger.used_by_tenant(connection, DAY) == {(A, DAY): 5}


def test_what_a_tenant_used_is_told_by_age(connection: Connection) -> None:
    ledger.open_day(connection, DAY, 10)
    ledger.reserve(connection, [entry(3, since="2026-11-20"), entry(2), entry(4, tenant=B)], DAY)
    ledger.book(connection, [entry(-1)])
    assert ledger.used_by_tenant(connection, DAY) == {(A, "2026-11-20"): 3, (A, DAY): 1, (B, DAY): 4}


# Several at once


def test_two_workers_never_take_the_same_last_place(stage: Stage) -> None:
    with state.transaction(stage.engine) as connection:
        ledger.open_day(connection, DAY, 10)
    taken: list[bool] = []

    def take() -> None:
        for _ in range(4):
            with state.transaction(stage.engine) as connection:
                taken.append(ledger.reserve(connection, [entry(2)], DAY))

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(taken) == [False] * 3 + [True] * 5
    assert stage.rows("SELECT reserved FROM quota_days") == [(10,)]


# Whatever is done

STEP = st.one_of(
    st.tuples(st.just("cap"), st.integers(0, 12)),
    st.tuples(st.just("take"), st.lists(st.tuples(st.sampled_from([A, B, C]), st.integers(1, 4)), max_size=3)),
    st.tuples(st.just("back"), st.sampled_from([A, B, C])),
    st.tuples(st.just("charge"), st.sampled_from([A, B, C])),
    st.tuples(st.just("share"), st.dictionaries(st.sampled_from([A, B, C]), st.integers(0, 9))),
)
days = count(1)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=25))
def test_no_history_passes_the_cap_and_the_three_books_agree(stage: Stage, steps: list[tuple[str, object]]) -> None:
    """The model: what each tenant holds and was charged, and the cap. Each history has a day of its own."""
    day = f"day {next(days)}"
    cap, held, charged = 0, dict.fromkeys([A, B, C], 0), dict.fromkeys([A, B, C], 0)
    for what, detail in steps:
        with state.transaction(stage.engine) as connection:
            match what, detail:
                case "cap", int(cap):
                    assert ledger.open_day(connection, day, cap) == max(0, cap - sum(held.values()))
                case "take", list(wanted):
                    was_taken = ledger.reserve(connection, [entry(n, tenant=t, day=day) for t, n in wanted], day)
                    is_open = bool(rows(connection, f"SELECT 1 FROM quota_days WHERE day = '{day}'"))
                    fits = is_open and sum(held.values()) + sum(n for _, n in wanted) <= cap
                    assert was_taken == fits
                    for tenant, number in wanted if was_taken else []:
                        held[tenant] += number
                case "back", str(tenant) if held[tenant] > charged[tenant]:
                    ledger.book(connection, [entry(-1, tenant=tenant, day=day)])
                    held[tenant] -= 1
                case "charge", str(tenant) if held[tenant] > charged[tenant]:
                    ledger.book(connection, [entry(0, 1, tenant=tenant, day=day)])
                    charged[tenant] += 1
                case "share", dict(places):
                    ledger.share_out(connection, day, places)
                    room = {tenant: max(0, number - held[tenant]) for tenant, number in places.items()}
                    assert ledger.room(connection, day, places) == room
                    assert ledger.planned(connection, day) == sum(room.values())
    with state.reading(stage.engine) as connection:
        assert ledger.used(connection, day) == sum(held.values())
        book = f"FROM ledger WHERE day = '{day}' GROUP BY tenant HAVING sum(reserved) <> 0 ORDER BY tenant"
        by_tenant = [(tenant, held[tenant], charged[tenant]) for tenant in (A, B, C) if held[tenant]]
        assert rows(connection, f"SELECT tenant, sum(reserved), sum(charged) {book}") == by_tenant
        taken = f"SELECT tenant, reserved FROM tenant_days WHERE day = '{day}' AND reserved <> 0 ORDER BY tenant"
        assert rows(connection, taken) == [(tenant, number) for tenant, number, _ in by_tenant]
        total = rows(connection, f"SELECT reserved, charged FROM quota_days WHERE day = '{day}'")
        assert total in ([], [(sum(held.values()), sum(charged.values()))])
