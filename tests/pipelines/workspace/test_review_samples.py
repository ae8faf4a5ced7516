"""Which samples are kept, and which words about them count."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import insert

from pipelines.config import Settings
from pipelines.workspace import review_samples, state
from pipelines.workspace.state_tables import decisions


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(workspace=tmp_path, night=date(2026, 11, 22))


def sample(*contents: str) -> pl.DataFrame:
    rows = [(f"r-{content}", "students", content, "link", "079087001234") for content in contents]
    return pl.DataFrame(rows, schema=review_samples.SCHEMA, orient="row")


def say(settings: Settings, *words: tuple[str, str]) -> None:
    rows = [
        {
            **{"sector": "students", "content": content, "verdict": verdict, "person_id": "079087001234"},
            **{"decided_by": "Lan", "decided_at": "2026-11-22T08:00:00+07:00", "reason": "giấy khai sinh"},
        }
        for content, verdict in words
    ]
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        connection.execute(insert(decisions), rows)


def test_a_sample_is_kept_in_its_order_and_replaced_when_it_is_drawn_again(settings: Settings) -> None:
    review_samples.record(settings, "2026-11-22-1", sample("x", "y"), 0)
    review_samples.record(settings, "2026-11-22-1", sample("z", "b", "a"), 0)
    assert review_samples.of_run(settings, "2026-11-22-1")["content"].to_list() == ["z", "b", "a"]
    assert review_samples.of_run(settings, "2026-11-22-2").is_empty()


def test_only_words_after_the_draw_count_and_the_last_of_them(settings: Settings) -> None:
    say(settings, ("a", "different"))
    review_samples.record(settings, "2026-11-22-1", sample("a", "b", "c", "d"), 1)
    assert review_samples.answered(settings).is_empty(), "said before"
    say(settings, ("a", "same"), ("b", "different"), ("b", "same"), ("c", "same"), ("c", "revoked"), ("e", "same"))
    found = review_samples.answered(settings)
    assert dict(zip(found["content"], found["verdict"], strict=True)) == {"a": "same", "b": "same"}
    until = review_samples.answered(settings, until=3)
    assert dict(zip(until["content"], until["verdict"], strict=True)) == {"a": "same", "b": "different"}


def test_a_content_that_was_drawn_twice_counts_once_and_an_old_sample_not_at_all(settings: Settings) -> None:
    for day in (1, 20, 21):
        night = settings.model_copy(update={"night": date(2026, 10 if day == 1 else 11, day)})
        review_samples.record(night, f"{night.night}-1", sample("a" if day > 1 else "old"), 0)
    say(settings, ("a", "same"), ("old", "same"))
    found = review_samples.answered(settings)
    assert (found["content"].to_list(), found["run_id"].to_list()) == (["a"], ["2026-11-21-1"])


def test_what_was_known_stays_what_it_was_when_the_run_first_drew(settings: Settings) -> None:
    say(settings, ("a", "same"))
    assert review_samples.known_decisions(settings, "2026-11-22-1") == 1
    review_samples.record(settings, "2026-11-22-1", sample("b"), 1)
    say(settings, ("b", "same"))
    assert review_samples.known_decisions(settings, "2026-11-22-1") == 1
    assert review_samples.known_decisions(settings, "2026-11-23-1") == 2
    assert review_samples.decided(settings, ["a", "b"], 1) == {"a"}
