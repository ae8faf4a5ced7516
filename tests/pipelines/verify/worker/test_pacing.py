"""A day's questions over a day's hours: by hand, and never faster than the rate for any pattern of asking."""

from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config import TIME_ZONE
from pipelines.verify.worker.pacing import Hours, Pacer, interval_s


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 22, hour, minute, tzinfo=TIME_ZONE)


HOURS = [
    # now, waits, is left, why
    (at(0), 25_200.0, 54_000.0, "before seven"),
    (at(7), 0.0, 54_000.0, "it opens"),
    (at(21, 30), 0.0, 1_800.0, "half an hour is left"),
    (at(22), 0.0, 0.0, "closed"),
    (at(23, 59), 0.0, 0.0, "does not wait for tomorrow"),
]


@pytest.mark.parametrize(("now", "waits", "left", "why"), HOURS)
def test_open_hours(now: datetime, waits: float, left: float, why: str) -> None:
    hours = Hours(time(7), time(22))
    assert (hours.wait_s(now), hours.left_s(now)) == (waits, left), why


def test_the_countrys_rate() -> None:
    """200,000 over 24 hours is one in 0.432 s; three workers ask one in 1.296 s each."""
    assert interval_s(200_000, 86_400, 1) == pytest.approx(0.432)
    assert interval_s(200_000, 86_400, 3) == pytest.approx(1.296)
    assert interval_s(0, 86_400, 1) == 0.0


def test_places_are_used_up_a_margin_before_it_closes() -> None:
    """Of fifteen hours three quarters of one are kept; in them, what is left is made up for at once, nearly."""
    hours = Hours(time(7), time(22))
    assert hours.to_use_s(at(7)) == 54_000 - 2_700
    assert hours.to_use_s(at(21)) == 900
    assert hours.to_use_s(at(21, 30)) == 180
    assert hours.to_use_s(at(22)) == 0


def test_as_fast_as_it_can() -> None:
    pacer = Pacer()
    for _ in range(5):
        assert pacer.wait_s(0.0) == 0.0
        pacer.sent(500, 0.0)
    assert pacer.batch(500) == 500


def test_messages_keep_their_distance_and_a_pause_gives_no_credit() -> None:
    pacer = Pacer(0.5)
    assert pacer.batch(500) == 10, "one message in five seconds"
    assert pacer.wait_s(0.0) == 0.0
    pacer.sent(10, 0.0)
    assert pacer.wait_s(0.0) == 5.0
    assert pacer.wait_s(3_600.0) == 0.0, "an hour later one message goes at once"
    pacer.sent(10, 3_600.0)
    assert pacer.wait_s(3_600.0) == 5.0, "and not the hour's"


def test_nothing_sent_costs_no_time() -> None:
    """Another worker took what was wanted: the next message need not wait for it."""
    pacer = Pacer(0.5)
    pacer.sent(0, 10.0)
    assert pacer.wait_s(10.0) == 0.0


@given(st.lists(st.tuples(st.integers(1, 10), st.floats(0, 60)), min_size=1, max_size=50))
def test_never_more_than_the_rate_and_a_message(asked: list[tuple[int, float]]) -> None:
    pacer, now, sent = Pacer(0.5), 0.0, 0
    for questions, idle in asked:
        now += idle
        now += pacer.wait_s(now)
        pacer.sent(questions, now)
        sent += questions
        assert sent <= now / 0.5 + 10 + 1e-6
