"""A hop is done once, and again only when somebody says so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.night import hops, runs
from pipelines.workspace import run_schema, run_tables
from tests.pipelines.nights import Counting, calls, hop, spoil, through


def test_a_hop_that_was_done_is_not_done_again(settings: Settings) -> None:
    reading = Counting()
    assert hops.run_hop(runs.open_run(settings), hop("read", reading)) == {"calls": 1}
    assert hops.run_hop(runs.open_run(settings), hop("read", reading)) == {"calls": 1}
    assert reading.calls == 1


def test_a_hop_done_again_makes_the_later_ones_stale(settings: Settings) -> None:
    run, reading, linking = runs.open_run(settings), Counting(), Counting()
    hops.run_hop(run, hop("read", reading))
    hops.run_hop(run, hop("link", linking))
    run.database.unlink()
    run = runs.open_run(settings)
    hops.run_hop(run, hop("read", reading))
    hops.run_hop(run, hop("link", linking))
    assert (reading.calls, linking.calls) == (2, 2)


def test_what_a_hop_cost_is_kept_once(settings: Settings, counted: dict[str, Counting]) -> None:
    run = through(settings)
    hops.run_again(run, "report")
    with run_tables.connect(run, read_only=True) as connection:
        spent = run_tables.read_table(connection, run_schema.SPENT)
    assert spent["hop"].to_list() == [hop.name for hop in hops.HOPS]
    assert (spent["seconds"] >= 0).all()
    assert (spent["peak_mb"] > 50).all()


def test_a_crash_while_a_hop_is_opened_again_leaves_no_night_without_manifest(
    settings: Settings, counted: dict[str, Counting], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = through(settings)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(hops, "save_progress", fail)
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
