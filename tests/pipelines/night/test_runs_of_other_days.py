"""Which day a night may be of: none of the future, and one that is past asks nothing unless it is told to."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.config import Settings, today
from pipelines.errors import BadInput
from pipelines.night import hops, runs
from pipelines.workspace import run_schema, run_tables
from tests.pipelines.nights import Counting

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("ahead", "why"), [(2, "the day after tomorrow"), (400, "a slip in the year"), (30_000, "a slip in the century")]
)
def test_a_night_of_the_future_is_refused_before_any_work(settings: Settings, ahead: int, why: str) -> None:
    night = today() + ahead * DAY
    with pytest.raises(BadInput, match=f"{night:%d/%m/%Y}") as refused:
        runs.open_run(settings.model_copy(update={"night": night}))
    assert refused.value.code == "future_night", why
    assert not settings.runs_directory.exists()


@pytest.mark.parametrize(
    ("ahead", "told", "asks"),
    [
        (1, None, True),  # the clocks of two machines, or a night prepared in the evening
        (0, None, True),
        (-1, None, False),
        (-400, None, False),
        (-1, True, True),
        (0, False, False),
    ],
)
def test_a_past_night_asks_only_when_told(settings: Settings, ahead: int, told: bool | None, asks: bool) -> None:
    chosen = settings.model_copy(update={"night": today() + ahead * DAY, "asks": told})
    assert runs.open_run(chosen).settings.asks is asks


def test_a_night_that_began_in_time_goes_on_over_midnight(
    settings: Settings, counted: dict[str, Counting], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.open_run(settings.model_copy(update={"night": today()}))
    monkeypatch.setattr(runs, "today", lambda: today() + DAY)
    assert run.settings.asks
    # The same night taken up again after midnight is past: its quota day is over.
    assert not runs.open_run(settings.model_copy(update={"night": today()})).settings.asks


def test_what_a_past_night_cannot_ask_waits_and_the_queue_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    past = settings.model_copy(update={"night": date(2026, 11, 22)})
    run = runs.open_run(past)
    counts = {hop.name: hops.run_hop(run, hop) for hop in hops.HOPS[:5]}["verify"]
    assert (counts["past"], counts["asked"], counts["enqueued"], counts["used"]) == (1, 0, 0, 0)
    told = run.model_copy(update={"settings": run.settings.model_copy(update={"asks": True})})
    asked = hops.run_again(told, "verify")
    assert (asked["past"], asked["asked"]) == (0, counts["questions"])
    with run_tables.connect(run) as connection:
        states = run_tables.read_table(connection, run_schema.VERIFICATIONS)["state"].to_list()
    assert set(states) == {"answered"}
