"""Which run is tonight's, and where an interrupted one goes on."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines import hops, registry, store
from pipelines.config import Run, Settings
from pipelines.errors import BadInput, Transient

REGISTRY = "person_id,full_name,date_of_birth,sex\n079087001234,Nguyễn Văn An,1987-09-05,Nam\n"
LIST = "ho_ten,ngay_sinh,gioi_tinh,so_cccd\nNguyễn Văn An,05/09/1987,Nam,079087001234\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "inbox" / "insurance").mkdir(parents=True)
    (tmp_path / "inbox" / "insurance" / "a.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    settings = Settings(workspace=tmp_path, night=date(2026, 11, 22))
    registry.load(settings, tmp_path / "registry.csv")
    return settings


class Counting:
    """A hop's function that counts its calls and leaves a table behind."""

    def __init__(self) -> None:
        self.calls = 0
        self.writes_manifest = False

    def __call__(self, run: Run) -> dict[str, int]:
        self.calls += 1
        with store.connect(run):
            pass
        if self.writes_manifest:
            run.directory.mkdir(parents=True, exist_ok=True)
            (run.directory / "manifest.json").write_text("{}", encoding="utf-8")
        return {"calls": self.calls}


def hop(name: str, function: Counting) -> hops.Hop:
    return hops.Hop(name, "", "", function)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Counting]:
    """All hops replaced by ones that count their calls; the last one writes the manifest."""
    functions = {each.name: Counting() for each in hops.HOPS}
    monkeypatch.setattr(hops, "HOPS", tuple(hop(name, function) for name, function in functions.items()))
    functions["report"].writes_manifest = True
    return functions


def through(settings: Settings) -> Run:
    """Every hop of the night, as the flow does them."""
    run = hops.open_run(settings)
    for each in hops.HOPS:
        hops.run_hop(run, each)
    return run


def calls(counted: dict[str, Counting]) -> str:
    return " ".join(f"{name}{function.calls}" for name, function in counted.items())


ONCE = "read1 standardise1 check1 link1 verify1 live1 report1"
FROM_VERIFY = "read1 standardise1 check1 link1 verify2 live2 report2"
TWICE = "read2 standardise2 check2 link2 verify2 live2 report2"


def spoil(path: Path) -> None:
    path.write_bytes(b"\xff{ not what it was" * 400)


def test_a_hop_that_was_done_is_not_done_again(settings: Settings) -> None:
    reading = Counting()
    assert hops.run_hop(hops.open_run(settings), hop("read", reading)) == {"calls": 1}
    assert hops.run_hop(hops.open_run(settings), hop("read", reading)) == {"calls": 1}
    assert reading.calls == 1


def test_a_hop_done_again_makes_the_later_ones_stale(settings: Settings) -> None:
    run, reading, linking = hops.open_run(settings), Counting(), Counting()
    hops.run_hop(run, hop("read", reading))
    hops.run_hop(run, hop("link", linking))
    run.database.unlink()
    run = hops.open_run(settings)
    hops.run_hop(run, hop("read", reading))
    hops.run_hop(run, hop("link", linking))
    assert (reading.calls, linking.calls) == (2, 2)


def test_changed_inputs_start_the_unfinished_run_over(settings: Settings) -> None:
    reading = Counting()
    hops.run_hop(hops.open_run(settings), hop("read", reading))
    (settings.inbox_directory / "insurance" / "b.csv").write_text(LIST + "\n", encoding="utf-8")
    run = hops.open_run(settings)
    hops.run_hop(run, hop("read", reading))
    assert (run.run_id, reading.calls) == ("2026-11-22-1", 2)


def test_after_a_finished_run_the_night_gets_a_second_one(settings: Settings, counted: dict[str, Counting]) -> None:
    run = through(settings)
    hops.close(run)
    assert hops.open_run(settings).run_id == "2026-11-22-2"
    assert hops.last_run(settings).run_id == "2026-11-22-1"


def test_two_processes_do_not_share_a_workspace(settings: Settings) -> None:
    with hops.exclusive(settings), pytest.raises(BadInput, match="another run"), hops.exclusive(settings):
        pass


def test_no_finished_run_is_told(settings: Settings) -> None:
    with pytest.raises(BadInput, match="sachsong nightly"):
        hops.last_run(settings)


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
    hops.run_hop(hops.open_run(settings), hop("read", reading))
    folder = settings.inbox_directory / "insurance"
    (folder / "district").mkdir()
    (folder / "a.csv").rename(folder / "district" / "a.csv")
    hops.run_hop(hops.open_run(settings), hop("read", reading))
    assert reading.calls == 2


def test_what_a_killed_attempt_was_writing_is_swept_away(settings: Settings, counted: dict[str, Counting]) -> None:
    run = through(settings)
    (run.directory / "manifest.json").unlink()
    left = [
        run.directory / ".manifest.json.part",
        run.directory / "reports" / ".summary.html.part",
        settings.registry_directory / "0123.building",
        settings.registry_directory / "0123.building.wal",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    hops.open_run(settings)
    assert [path.name for path in left if path.exists()] == []


def test_a_hop_again_knows_the_settings_of_its_night(settings: Settings, counted: dict[str, Counting]) -> None:
    """On another day, and without saying again where the files came from and how many may be asked."""
    elsewhere = settings.inbox_directory.rename(settings.workspace / "arrived")
    through(settings.model_copy(update={"inbox": elsewhere, "daily_cap": 700}))
    for found in (hops.newest_run, hops.last_run):
        run = found(Settings(workspace=settings.workspace))
        assert (run.run_id, run.settings.night, run.settings.daily_cap, run.settings.inbox) == (
            "2026-11-22-1",
            date(2026, 11, 22),
            700,
            elsewhere.resolve(),
        )
    assert hops.newest_run(Settings(workspace=settings.workspace, daily_cap=5)).settings.daily_cap == 5
    with pytest.raises(BadInput, match="2026-11-25"):
        hops.newest_run(Settings(workspace=settings.workspace, night=date(2026, 11, 25)))


def test_a_crash_while_a_hop_is_opened_again_leaves_no_night_without_manifest(
    settings: Settings, counted: dict[str, Counting], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = through(settings)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(hops, "_save_progress", fail)
        with pytest.raises(KeyboardInterrupt):
            hops.run_again(run, "link")
    assert (run.directory / "manifest.json").exists()
    with monkeypatch.context() as patch:
        patch.setattr(hops, "run_hop", fail)
        with pytest.raises(KeyboardInterrupt):
            hops.run_again(run, "link")
    through(settings)
    assert calls(counted) == "read1 standardise1 check1 link2 verify2 live2 report2"
    assert (run.directory / "manifest.json").exists()


@pytest.mark.parametrize("damage", [Path.unlink, spoil])
def test_tables_that_are_gone_are_told(
    settings: Settings, counted: dict[str, Counting], damage: Callable[[Path], None]
) -> None:
    run = through(settings)
    damage(run.database)
    with pytest.raises(BadInput, match="sachsong nightly"):
        hops.run_again(run, "report")
    assert (run.directory / "manifest.json").exists(), "the evidence of the night stays"


def test_tables_in_another_process_are_not_thrown_away(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    hops.run_hop(hops.open_run(settings), hop("read", Counting()))

    def locked(*_: object, **__: object) -> None:
        raise duckdb.IOException("Could not set lock on file: Conflicting lock is held")

    monkeypatch.setattr(store, "open_database", locked)
    with pytest.raises(Transient, match="another process"):
        hops.open_run(settings)


def test_a_workspace_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="--workspace"), hops.exclusive(Settings(workspace=tmp_path / "file")):
        pass
