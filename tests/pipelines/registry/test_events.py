"""What each change of a feed means, worked out by hand; a feed out of turn is refused with what is missing."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Settings
from pipelines.errors import RegistryInvalid
from pipelines.registry import events
from pipelines.registry import load as registry
from pipelines.registry import snapshot as snapshots
from pipelines.workspace import audit_log, state

COLUMNS = "person_id,full_name,date_of_birth,sex,old_ids,province,commune,status"
FEED = f"{COLUMNS},change,event,feed_number"
AN = "079087001234,Nguyễn Văn An,1987-09-05,Nam,271450001,79,,"
BINH = "001190000007,Trần Thị Bình,1990-02-03,Nữ,,01,,"
CHI = "001190000009,Lê Thị Chi,1990-02-03,Nữ,,01,,"
DUNG = "001090000011,Lê Văn Dũng,1990-05-06,Nam,,01,,"
BE = "079226000012,Nguyễn Thị Bé,2026-11-01,Nữ,,79,,"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "registry.csv"
    file.write_text("\n".join([COLUMNS, AN, BINH, CHI, DUNG, ""]), encoding="utf-8")
    settings = Settings(workspace=tmp_path / "w")
    registry.load(settings, file, replace=True)
    return settings


def feed(settings: Settings, *rows: str) -> pl.DataFrame:
    """The events after a feed with these rows: person, change, event, number."""
    file = settings.workspace.parent / "feed.csv"
    file.write_text("\n".join([FEED, *rows, ""]), encoding="utf-8")
    return events.read(registry.load(settings, file).path)


def told(found: pl.DataFrame) -> list[tuple[str, str, str | None]]:
    return found.select("event", "person_id", "old_id").rows()


def test_what_changes_mean_by_their_difference(settings: Settings) -> None:
    found = feed(
        settings,
        f"{BE},insert,,",
        f"{AN}đã mất,update,,",
        f"{BINH.replace(',01,', ',48,')},update,,",
        # Chi gets a new number, the old one is gone; a man of 1960 was not in the registry.
        "001190000010,Lê Thị Chi,1990-02-03,Nữ,001190000009,01,,,insert,,",
        "001190000009,,,,,,,,delete,,",
        "001060000013,Lê Văn Sáu,1960-02-03,Nam,,01,,,insert,,",
        f"{DUNG.replace('Dũng', 'Dụng')},update,,",
    )
    assert told(found) == [
        ("correction", "001060000013", None),
        ("correction", "001090000011", None),
        ("move", "001190000007", None),
        ("new_number", "001190000010", "001190000009"),
        ("death", "079087001234", None),
        ("birth", "079226000012", None),
    ]
    moved = found.filter(event="move").select("province_before", "province_code")
    assert moved.rows() == [("01", "48")]


def test_two_entries_of_one_person_are_merged_and_a_number_is_cancelled(settings: Settings) -> None:
    merged = BINH.replace(",Nữ,,", ",Nữ,001190000009,")
    found = feed(settings, f"{merged},update,,", "001190000009,,,,,,,,delete,,", "001090000011,,,,,,,,delete,,")
    assert told(found) == [
        ("cancelled", "001090000011", None),
        ("merge", "001190000007", "001190000009"),
    ]
    again = feed(settings, f"{merged},update,,")
    assert told(again)[2:] == [("correction", "001190000007", None)], "the number that it bears already is no news"
    assert again["feed"].to_list() == [1, 1, 2]


def test_the_feed_may_say_itself_what_happened(settings: Settings) -> None:
    found = feed(
        settings,
        f"{AN},update,Khai tử,",  # the status is left open: it follows
        f"{BINH},update,cải chính,",
        f"{CHI},update,bay,",  # row 4: no such event
        f"{DUNG}còn sống,update,death,",  # row 5: alive and dead
    )
    assert told(found) == [("correction", "001190000007", None), ("death", "079087001234", None)]
    snapshot = snapshots.current(settings)
    refused = pl.read_parquet(snapshot.path.with_suffix(".rejected.parquet")).select("source_row", "code").rows()
    assert refused == [(4, "unknown_event"), (5, "event_contradicts")]
    dead = pl.read_parquet(snapshot.path).filter(status="deceased")["person_id"].to_list()
    assert dead == ["079087001234"]


def test_a_gap_a_repeat_and_a_feed_without_a_number_are_refused(settings: Settings) -> None:
    feed(settings, f"{AN},update,,7")
    assert snapshots.current(settings).feed_number == 7
    for number, code, says in (
        ("9", "feed_gap", "Thiếu tệp thay đổi số 8:"),
        ("12", "feed_gap", "Thiếu tệp thay đổi số 8–11:"),
        ("7", "feed_repeated", "số 7 đã nạp rồi"),
        ("", "feed_unnumbered", "hãy nạp số 8"),
        ("tám", "feed_number", "một số nguyên dương"),
    ):
        before = snapshots.current(settings)
        with pytest.raises(RegistryInvalid, match=says) as refused:
            feed(settings, f"{BINH},update,,{number}")
        assert refused.value.code == code
        assert snapshots.current(settings) == before
    feed(settings, f"{BINH},update,,8")
    assert snapshots.current(settings).feed_number == 8


def test_rows_of_two_feeds_in_one_file_are_refused(settings: Settings) -> None:
    with pytest.raises(RegistryInvalid, match="giống nhau ở mọi dòng"):
        feed(settings, f"{AN},update,,7", f"{BINH},update,,8")


def test_a_whole_file_says_after_which_feed_it_was_made(settings: Settings, tmp_path: Path) -> None:
    feed(settings, f"{AN},update,,7")
    whole = tmp_path / "whole.csv"
    whole.write_text(f"{COLUMNS},feed_number\n{AN},20\n{BINH},20\n{CHI},20\n{DUNG},20\n", encoding="utf-8")
    registry.load(settings, whole)
    assert events.read(snapshots.current(settings).path).is_empty()
    with pytest.raises(RegistryInvalid, match="feed 21 comes next"):
        feed(settings, f"{AN},update,,20")


def test_the_log_counts_what_was_read_and_names_nobody(settings: Settings) -> None:
    feed(settings, f"{AN}đã mất,update,,1", f"{BE},insert,,1")
    with state.opened(settings) as engine, state.reading(engine) as connection:
        entries = list(audit_log.entries(connection, "events"))
    assert [(each.details["feed_number"], each.details["events"]) for each in entries] == [
        (1, {"birth": 1, "death": 1})
    ]
    assert "079087001234" not in audit_log.line_of(entries[0])


def test_a_snapshot_without_feeds_has_no_events(tmp_path: Path) -> None:
    assert events.read(tmp_path / "none.parquet").schema == pl.Schema(events.SCHEMA)
