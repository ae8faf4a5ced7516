"""When the breaker opens, and what closes it: by hand, call by call."""

import pytest

from pipelines.verify.worker.circuit_breaker import Breaker

CASES = [
    # calls as (second, failed) pairs, open afterwards, why
    ([(n, True) for n in range(9)], False, "nine failures are too few to judge by"),
    ([(n, True) for n in range(10)], True, "ten of ten within thirty seconds"),
    ([(n * 40, True) for n in range(19)], False, "each alone in its thirty seconds"),
    ([(n * 40, True) for n in range(20)], True, "twenty in a row, however slow"),
    ([(n * 40, n != 10) for n in range(25)], False, "one that got through begins the count anew"),
    ([(n, n % 2 == 1) for n in range(20)], False, "half is not more than half"),
    ([(n, n % 3 != 0) for n in range(20)], True, "two of three"),
    (
        [*[(n, True) for n in range(9)], *[(50 + n, False) for n in range(3)], (54, True)],
        False,
        "old ones are forgotten",
    ),
]


@pytest.mark.parametrize(("calls", "is_open", "why"), CASES)
def test_when_it_opens(calls: list[tuple[float, bool]], is_open: bool, why: str) -> None:
    breaker = Breaker()
    for second, failed in calls:
        (breaker.failed if failed else breaker.passed)(second)
        if breaker.is_open:
            break
    assert breaker.is_open == is_open, why


def test_a_probe_every_thirty_seconds_until_one_gets_through() -> None:
    breaker = Breaker()
    assert breaker.probe_in_s(0.0) == 0.0, "closed: everything may pass"
    breaker.open_now(100.0)
    assert [breaker.probe_in_s(now) for now in (100.0, 115.0, 130.0, 500.0)] == [30.0, 15.0, 0.0, 0.0]
    breaker.failed(130.0)
    assert (breaker.is_open, breaker.probe_in_s(131.0)) == (True, 29.0)
    breaker.succeeded()
    assert not breaker.is_open


def test_after_an_outage_the_count_begins_anew() -> None:
    breaker = Breaker()
    for second in range(10):
        breaker.failed(second)
    breaker.succeeded()
    breaker.failed(12)
    assert not breaker.is_open
