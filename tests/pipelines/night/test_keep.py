"""What a night is made from is kept once, and forgotten when no night of the last days needs it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.night import keep
from pipelines.night.keep import Kept
from pipelines.workspace import archive, run_tables

NIGHT = date(2026, 11, 22)


def settings_in(folder: Path, night: date = NIGHT, days: int = 400) -> Settings:
    return Settings(workspace=folder, night=night, archive_days=days)


def a_run(folder: Path, files: dict[str, str], read_as: dict[str, str]) -> Run:
    """A run that read these files of students (name → checksum as it was read)."""
    run = Run(settings=settings_in(folder), run_id="2026-11-22-1")
    for name, text in files.items():
        path = run.settings.inbox_directory / "students" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with run_tables.connect(run) as connection:
        connection.execute("CREATE TABLE files (sector VARCHAR, arrived_as VARCHAR, arrived_sha256 VARCHAR)")
        for name, sha256 in read_as.items():
            connection.execute(
                "INSERT INTO files VALUES ('students', $name, $sha256)", {"name": name, "sha256": sha256}
            )
    return run


def test_inputs_and_their_mapping_are_kept(tmp_path: Path) -> None:
    content = archive.keep_bytes(tmp_path / "elsewhere", b"one")
    run = a_run(tmp_path, {"a.csv": "one", "mapping.toml": "# none"}, {"a.csv": content})
    keep.inputs(run)
    held = keep.kept(run.settings, run.run_id)
    assert held is not None
    assert set(held.inputs) == {"students/a.csv", "students/mapping.toml"}
    assert held.lacking == ()
    assert archive.object_path(run.settings.archive_directory, content).read_bytes() == b"one"


def test_a_file_that_changed_after_it_was_read_is_told_as_lacking(tmp_path: Path) -> None:
    run = a_run(
        tmp_path, {"a.csv": "two"}, {"a.csv": archive.keep_bytes(tmp_path / "elsewhere", b"one"), "b.csv": "0" * 64}
    )
    keep.inputs(run)
    held = keep.kept(run.settings, run.run_id)
    assert held is not None
    assert held.lacking == ("students/a.csv", "students/b.csv")


@pytest.mark.parametrize(("days_later", "left"), [(9, 2), (10, 2), (11, 1), (400, 0)])
def test_old_nights_are_forgotten_but_not_what_others_need(tmp_path: Path, days_later: int, left: int) -> None:
    folder = settings_in(tmp_path).archive_directory
    shared, own = archive.keep_bytes(folder, b"shared"), archive.keep_bytes(folder, b"own")
    later = NIGHT + timedelta(days=20)
    for night, inputs in ((NIGHT, {"a": shared, "b": own}), (later, {"a": shared})):
        run = Run(settings=settings_in(tmp_path, night), run_id=f"{night}-1")
        keep._write(run, Kept(run_id=run.run_id, inputs=inputs))
    keep.forget_old(settings_in(tmp_path, NIGHT + timedelta(days=days_later), days=10))
    assert len(list(folder.glob("*.json"))) == left
    assert archive.object_path(folder, shared).is_file() == (left > 0)
    assert archive.object_path(folder, own).is_file() == (left > 1)


@pytest.mark.parametrize(("is_same_file", "told"), [(True, True), (False, False)])
def test_a_snapshot_that_the_archive_holds_already_is_not_hashed_again(
    tmp_path: Path, is_same_file: bool, told: bool
) -> None:
    settings = settings_in(tmp_path)
    settings.registry_directory.mkdir()
    snapshot = settings.registry_directory / "a.parquet"
    snapshot.write_bytes(b"people")
    content = archive.keep_bytes(tmp_path / "elsewhere", b"people")
    archive.keep_file(settings.archive_directory, snapshot, content, immutable=is_same_file)
    keep._write(
        Run(settings=settings, run_id="2026-11-21-1"), Kept(run_id="x", inputs={}, registry={"a.parquet": content})
    )
    assert (keep._known_digest(settings, snapshot) == content) == told
    assert keep._known_digest(settings, settings.registry_directory / "b.parquet") is None
