"""Which run is tonight's, and where an interrupted one goes on."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.errors import BadInput, Transient
from pipelines.night import hops, runs
from pipelines.workspace import lock, run_tables
from tests.pipelines.nights import LIST, Counting, calls, hop, spoil, through

ONCE = "read1 standardise1 check1 link1 verify1 live1 report1"
FROM_VERIFY = "read1 standardise1 check1 link1 verify2 live2 report2"
TWICE = "read2 standardise2 check2 link2 verify2 live2 report2"


def test_changed_inputs_start_the_unfinished_run_over(settings: Settings) -> None:
    reading = Counting()
    hops.run_hop(runs.open_run(settings), hop("read", reading))
    (settings.inbox_directory / "insurance" / "b.csv").write_text(LIST + "\n", encoding="utf-8")
    run = runs.open_run(settings)
    hops.run_hop(run, hop("read", reading))
    assert (run.run_id, reading.calls) == ("2026-11-22-1", 2)


def test_after_a_finished_run_the_night_gets_a_second_one(settings: Settings, counted: dict[str, Counting]) -> None:
    run = through(settings)
    runs.close(run)
    assert runs.open_run(settings).run_id == "2026-11-22-2"
    assert runs.last_run(settings).run_id == "2026-11-22-1"


def test_two_processes_do_not_share_a_workspace(settings: Settings) -> None:
    with lock.exclusive(settings), pytest.raises(BadInput, match="another run"), lock.exclusive(settings):
        pass


def test_no_finished_run_is_told(settings: Settings) -> None:
    with pytest.raises(BadInput, match="sachsong nightly"):
        runs.last_run(settings)


def test_a_night_killed_after_its_manifest_is_not_done_twice(settings: Settings, counted: dict[str, Counting]) -> None:
    through(settings)
    assert (through(settings).run_id, calls(counted)) == ("2026-11-22-1", ONCE)


@pytest.mark.parametrize(
    ("damage", "again"),
    [
        (
            lambda run: (run.directory / "manifest.json").unlink(),
            "read1 standardise1 check1 link1 verify1 live1 report2",
        ),
        (lambda run: spoil(run.database.with_suffix(".json")), TWICE),
        (lambda run: run.database.with_suffix(".json").write_text("[1]", encoding="utf-8"), TWICE),
        (lambda run: spoil(run.database), TWICE),
        (lambda run: run.database.unlink(), TWICE),
    ],
    ids=["manifest gone", "progress torn", "progress of another shape", "tables torn", "tables gone"],
)
def test_what_can_be_rebuilt_is_rebuilt(
    settings: Settings, counted: dict[str, Counting], damage: Callable[[Run], object], again: str
) -> None:
    run = through(settings)
    damage(run)
    (run.directory / "manifest.json").unlink(missing_ok=True)
    assert (through(settings).run_id, calls(counted)) == ("2026-11-22-1", again)
    assert (run.directory / "manifest.json").exists()


def test_another_cap_goes_on_where_the_cap_matters(settings: Settings, counted: dict[str, Counting]) -> None:
    run = through(settings)
    (run.directory / "manifest.json").unlink()
    through(settings.model_copy(update={"daily_cap": 7}))
    assert calls(counted) == FROM_VERIFY


def test_a_file_moved_within_its_sector_is_a_change(settings: Settings) -> None:
    """Its path is in every output."""
    reading = Counting()
    hops.run_hop(runs.open_run(settings), hop("read", reading))
    folder = settings.inbox_directory / "insurance"
    (folder / "district").mkdir()
    (folder / "a.csv").rename(folder / "district" / "a.csv")
    hops.run_hop(runs.open_run(settings), hop("read", reading))
    assert reading.calls == 2


def test_what_a_killed_attempt_was_writing_is_swept_away(settings: Settings, counted: dict[str, Counting]) -> None:
    run = through(settings)
    (run.directory / "manifest.json").unlink()
    left = [
        run.directory / ".manifest.json.part",
        run.directory / "reports" / ".summary.html.part",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    left.append(settings.registry_directory / ".0123.part")
    left[-1].mkdir()
    runs.open_run(settings)
    assert [path.name for path in left if path.exists()] == []


def test_a_hop_again_knows_the_settings_of_its_night(settings: Settings, counted: dict[str, Counting]) -> None:
    """On another day, and without saying again where the files came from and how many may be asked."""
    elsewhere = settings.inbox_directory.rename(settings.workspace / "arrived")
    through(settings.model_copy(update={"inbox": elsewhere, "daily_cap": 700}))
    for found in (runs.newest_run, runs.last_run):
        run = found(Settings(workspace=settings.workspace))
        assert (run.run_id, run.settings.night, run.settings.daily_cap, run.settings.inbox) == (
            "2026-11-22-1",
            date(2026, 11, 22),
            700,
            elsewhere.resolve(),
        )
    assert runs.newest_run(Settings(workspace=settings.workspace, daily_cap=5)).settings.daily_cap == 5
    with pytest.raises(BadInput, match="2026-11-25"):
        runs.newest_run(Settings(workspace=settings.workspace, night=date(2026, 11, 25)))


def test_tables_in_another_process_are_not_thrown_away(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    hops.run_hop(runs.open_run(settings), hop("read", Counting()))

    def locked(*_: object, **__: object) -> None:
        raise duckdb.IOException("Could not set lock on file: Conflicting lock is held")

    monkeypatch.setattr(run_tables, "open_database", locked)
    with pytest.raises(Transient, match="another process"):
        runs.open_run(settings)


def test_tables_that_are_gone_or_damaged_are_told(settings: Settings) -> None:
    run = runs.open_run(settings)
    with pytest.raises(BadInput, match="tables are gone"), runs.tables_of(run):
        pass
    hops.run_hop(run, hop("read", Counting()))
    with runs.tables_of(run, read_only=True) as connection:
        assert connection.sql("SELECT 1").fetchall() == [(1,)]
    spoil(run.database)
    with pytest.raises(BadInput, match="tables are gone"), runs.tables_of(run):
        pass


def test_a_workspace_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="--workspace"), lock.exclusive(Settings(workspace=tmp_path / "file")):
        pass


def test_tables_of_old_nights_are_removed(settings: Settings, counted: dict[str, Counting]) -> None:
    """A night's tables are as large as its files; its outputs stay."""
    few = settings.model_copy(update={"kept_tables": 2})
    for day in (20, 21, 22):
        runs.close(through(few.model_copy(update={"night": date(2026, 11, day)})))
    kept = sorted(path.name for path in (settings.workspace / "work").glob("*.duckdb"))
    assert kept == ["2026-11-21-1.duckdb", "2026-11-22-1.duckdb"]
    assert len(list(settings.runs_directory.glob("*/manifest.json"))) == 3
