"""The benchmarks of queue and gateway at tiny sizes: they run, their books agree, and every figure is there."""

from pathlib import Path

import pytest

from benchmarks import country, gateway, procrastinate_peer, queue, sustained
from tests.pipelines.verify import postgres


def test_the_queue(tmp_path: Path) -> None:
    told = queue.measure(600, 400, 5, 0.2, tmp_path)
    assert (told["waiting"], told["cap"], told["over_cap"]) == (600, 400, 0)
    assert all(isinstance(value, int | float | str | dict) for value in told.values())


def test_the_gateway_over_http_and_embedded(tmp_path: Path) -> None:
    told = gateway.measure(2_000, 0.05, tmp_path)
    assert {"http_1000", "http_100", "embedded_1000"} <= told.keys()


def test_a_small_country_clears_in_the_days_it_must(tmp_path: Path) -> None:
    told = country.measure(2_500, 1_000, 500, tmp_path)
    assert told["open_days"] == told["ceil_of_backlog_by_cap"] == 3
    assert (told["least_use_of_a_full_day"], told["over_the_cap"], told["wrong_answers"]) == (1.0, 0, 0)
    assert told["charged_at_the_gateway"] == 2_500


@pytest.mark.parametrize("name", sustained.SETTINGS)
def test_answers_for_some_time(tmp_path: Path, name: str) -> None:
    if name.startswith("postgresql") and postgres.PROGRAMS is None:
        pytest.skip("PostgreSQL is not installed")
    (told,) = sustained.measure([name], 500, 300, 0.1, tmp_path).values()
    assert isinstance(told, dict)
    assert told["answers"] % 300 == 0
    assert told["worst_half_minute_per_s"] <= told["answers_per_s"]


def test_the_worst_half_minute_is_found() -> None:
    """100 a second but for the third half minute: 1."""
    told = [(0.0, 0), (30.0, 3_000), (60.0, 6_000), (90.0, 6_030), (120.0, 9_030)]
    assert sustained._worst(told) == 1.0
    assert sustained._worst([*told[:1], (10.0, 500)]) == 50.0


def test_our_side_of_the_comparison(tmp_path: Path) -> None:
    if postgres.PROGRAMS is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.server() as folder:
        told = procrastinate_peer.ours(postgres.database(folder, "ours"), 50, 10, tmp_path)
    assert told["jobs_per_s"] > 0
