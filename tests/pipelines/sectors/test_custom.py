"""Tables of one's own in a night: judged together, kept with the run, and what is no such table is left alone."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.night import hops, progress, runs
from pipelines.registry import load
from pipelines.sectors import custom, schema
from tests.pipelines import club, nights
from tests.pipelines.sectors.small_table import TABLE


def folder(workspace: Path, **tables: str) -> Settings:
    for name, text in tables.items():
        path = workspace / "sectors" / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Settings(workspace=workspace, night=date(2026, 11, 22))


def with_inbox(settings: Settings) -> Settings:
    inbox = settings.inbox_directory / "students"
    inbox.mkdir(parents=True)
    (inbox / "a.csv").write_text(nights.LIST, encoding="utf-8")
    (settings.workspace / "r.csv").write_text(nights.REGISTRY, encoding="utf-8")
    load.load(settings, settings.workspace / "r.csv")
    return settings


def test_no_folder_is_no_table_but_one_that_was_named_must_be_there(tmp_path: Path) -> None:
    assert custom.tables(folder(tmp_path)) == {}
    with pytest.raises(BadInput, match="nowhere"):
        custom.tables(Settings(workspace=tmp_path, own_sectors=tmp_path / "nowhere"))


def test_only_toml_files_are_tables(tmp_path: Path) -> None:
    settings = folder(tmp_path, club=TABLE)
    for name in ("club.toml~", "README.md", ".club.toml", "._club.toml"):
        (settings.sectors_directory / name).write_text("?", encoding="utf-8")
    (settings.sectors_directory / "old.toml").mkdir()
    assert list(custom.tables(settings)) == ["club.toml"]


def test_all_faults_of_all_tables_are_told_at_once(tmp_path: Path) -> None:
    settings = folder(tmp_path, club=TABLE, a="x = ", Big=TABLE, students=TABLE, members=club.SECTOR)
    with pytest.raises(BadInput) as refused:
        custom.tables(settings)
    first_words = [line.split(":")[0] for line in str(refused.value).splitlines()]
    assert first_words == ["Big.toml", "a.toml", "members.toml", "students.toml"]


def test_titles_are_told_of_tables_that_can_be_used(tmp_path: Path) -> None:
    settings = folder(tmp_path, club=TABLE, a="x = ")
    titles = custom.titles(settings.sectors_directory)
    assert titles["club"] == ("Câu lạc bộ", "Club")
    assert set(titles) == {"club", *schema.known()} == {"club", *custom.titles(None)}


def test_a_run_keeps_its_tables_whatever_becomes_of_the_folder(tmp_path: Path) -> None:
    settings = with_inbox(folder(tmp_path, club=TABLE))
    run = runs.open_run(settings)
    kept = run.directory / "sectors"
    assert run.settings.own_sectors == kept
    (settings.sectors_directory / "club.toml").write_text("", encoding="utf-8")
    assert schema.load("club", run.settings.sectors_directory).title_en == "Club"
    again = custom.with_kept(Run(settings=settings, run_id=run.run_id))
    assert again.settings.sectors_directory == kept


def test_an_unfinished_run_starts_over_when_a_table_has_changed(tmp_path: Path) -> None:
    settings = with_inbox(folder(tmp_path, club=TABLE))
    run = runs.open_run(settings)
    hops.run_hop(run, hops.HOPS[0])
    assert list(done_of(runs.open_run(settings)).done) == ["read"]
    folder(tmp_path, club=TABLE.replace("Số thẻ", "Mã thẻ"))
    changed = runs.open_run(settings)
    assert changed.run_id == run.run_id
    assert done_of(changed).done == {}
    assert "Mã thẻ" in (changed.directory / "sectors" / "club.toml").read_text(encoding="utf-8")
    (settings.sectors_directory / "club.toml").unlink()
    assert not (runs.open_run(settings).directory / "sectors").exists()


def done_of(run: Run) -> progress.Progress:
    found = progress.progress_of(run)
    assert found is not None
    return found
