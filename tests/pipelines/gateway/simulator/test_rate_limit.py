"""The leaky bucket: never more than the rate over any stretch, and a patient sender gets all of it."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipelines.config import TIME_ZONE
from pipelines.gateway.simulator.rate_limit import Rate

BEGUN = datetime(2026, 11, 22, tzinfo=TIME_ZONE)


def at(seconds: float) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def test_a_burst_and_then_the_rate() -> None:
    rate = Rate(per_s=10, burst=20)
    assert rate.wait_s(20, at(0)) == 0
    assert round(rate.wait_s(5, at(0)), 6) == 0.5, "five places come in half a second"
    assert rate.wait_s(5, at(0.51)) == 0
    assert rate.wait_s(1, at(0.51)) > 0, "what was refused did not count, what was taken did"


def test_a_clock_that_is_set_back_does_not_shut_the_gateway() -> None:
    rate = Rate(per_s=10, burst=20)
    assert rate.wait_s(20, at(86_400)) == 0
    assert rate.wait_s(1, at(0)) <= 2.1


@given(
    sent=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 20)), min_size=1, max_size=60),
)
def test_never_more_than_burst_and_rate(sent: list[tuple[float, int]]) -> None:
    rate, now, taken = Rate(per_s=10, burst=20), 0.0, 0
    for gap, count in sent:
        now += gap
        wait = rate.wait_s(count, at(now))
        if wait == 0:
            taken += count
        else:
            assert rate.wait_s(count, at(now + wait + 1e-5)) == 0
            taken, now = taken + count, now + wait + 1e-5
        assert taken <= 20 + 10 * now + 1e-3
