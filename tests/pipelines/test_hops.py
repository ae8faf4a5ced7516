"""Which run is tonight's, and where an interrupted one goes on."""

from datetime import date
from pathlib import Path

import pytest

from pipelines import hops, registry
from pipelines.config import Run, Settings
from pipelines.errors import BadInput

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

    def __call__(self, run: Run) -> dict[str, int]:
        self.calls += 1
        run.database.parent.mkdir(parents=True, exist_ok=True)
        run.database.touch()
        return {"calls": self.calls}


def hop(name: str, function: Counting) -> hops.Hop:
    return hops.Hop(name, "", "", function)


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


def test_after_a_finished_run_the_night_gets_a_second_one(settings: Settings) -> None:
    run = hops.open_run(settings)
    run.directory.mkdir(parents=True)
    (run.directory / "manifest.json").write_text("{}", encoding="utf-8")
    assert hops.open_run(settings).run_id == "2026-11-22-2"
    assert hops.last_run(settings).run_id == "2026-11-22-1"


def test_two_processes_do_not_share_a_workspace(settings: Settings) -> None:
    with hops.exclusive(settings), pytest.raises(BadInput, match="another run"), hops.exclusive(settings):
        pass


def test_no_finished_run_is_told(settings: Settings) -> None:
    with pytest.raises(BadInput, match="sachsong nightly"):
        hops.last_run(settings)
