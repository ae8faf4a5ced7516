"""The newborns that insurance lacks: counts for whoever asks, the list only with a name, a reason and a log entry."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Run, Settings
from pipelines.night.progress import Progress, save_progress
from pipelines.registry import load
from pipelines.registry import snapshot as snapshots
from pipelines.review import newborns
from pipelines.workspace import audit_log, run_schema, run_tables, state

FEED = """person_id,full_name,date_of_birth,sex,province,commune,change
079326000012,Nguyễn Thị Bé Một,2026-11-01,Nữ,79,26737,insert
079326000022,Ngô Thị Bé Hai,2026-11-02,Nữ,79,26737,insert
"""


@pytest.fixture
def after_a_feed(settings: Settings) -> Settings:
    """The second child has a record of insurance, the first none."""
    (settings.workspace / "feed.csv").write_text(FEED, encoding="utf-8")
    load.load(settings, settings.workspace / "feed.csv")
    run = Run(settings=settings, run_id="2026-11-22-1")
    links = pl.DataFrame({"sector": ["insurance"], "person_id": ["079326000022"], "decision": ["link"]})
    with run_tables.connect(run) as connection:
        run_tables.replace_table(connection, run_schema.LINKS, links)
    run.directory.mkdir(parents=True)
    path = snapshots.current(settings).path.name
    (run.directory / "manifest.json").write_text(f'{{"registry": {{"path": "{path}"}}}}', encoding="utf-8")
    save_progress(run, Progress(fingerprint="", inbox=None, daily_cap=0, done={"link": {}}))
    return settings


def test_counts_name_nobody(after_a_feed: Settings) -> None:
    assert newborns.count(after_a_feed) == {"born": 2, "missing": 1, "by_commune": {"Phường Tân Định (26737)": 1}}


def test_the_list_is_logged_with_who_reads_it_and_why(after_a_feed: Settings, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    assert newborns.write_list(after_a_feed, file, "Lan", "cấp thẻ") == 1
    assert file.read_text(encoding="utf-8").splitlines() == [
        "person_id,full_name,date_of_birth,province_code,commune_code",
        "079326000012,Nguyễn Thị Bé Một,2026-11-01,79,26737",
    ]
    with state.opened(after_a_feed) as engine, state.reading(engine) as connection:
        [entry] = audit_log.entries(connection, "unmasked")
    assert (entry.by, entry.details["records"], entry.details["reason"]) == ("Lan", 1, "cấp thẻ")
    assert "079326000012" not in audit_log.line_of(entry)
