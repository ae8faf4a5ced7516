"""What lies in the workspace, with faults on purpose."""

from pathlib import Path

import pytest
from sqlalchemy import update

from pipelines.config import Settings
from pipelines.night.doctor import installation
from pipelines.review import people, second_factor
from pipelines.review.people import Role
from pipelines.workspace import state
from pipelines.workspace.state_tables import schema


def test_a_workspace_is_examined_without_making_it(tmp_path: Path) -> None:
    found = installation.workspace(Settings(workspace=tmp_path / "a" / "w"))
    assert (found.grade, list(tmp_path.iterdir())) == ("ok", [])
    (tmp_path / "file").touch()
    assert installation.workspace(Settings(workspace=tmp_path / "file")).grade == "fault"


def test_runs_that_others_can_read_are_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "runs").mkdir(mode=0o755)
    assert installation.workspace(Settings(workspace=tmp_path)).grade == "warning"


def test_the_disk_needs_room_for_six_times_the_files(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path)
    (tmp_path / "inbox" / "students").mkdir(parents=True)
    with (tmp_path / "inbox" / "students" / "a.csv").open("wb") as large:
        large.truncate(1_000_000_000)  # a hole: it takes no room
    assert installation.disk(settings, 8_000_000_000).grade == "ok"
    assert installation.disk(settings, 7_999_000_000).grade == "fault"


def test_tables_of_own_sectors_are_judged(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path)
    assert installation.sectors(settings).grade == "ok"
    (tmp_path / "sectors").mkdir()
    (tmp_path / "sectors" / "club.toml").write_text("column = 5", encoding="utf-8")
    assert installation.sectors(settings).grade == "fault"


def test_the_inbox_and_the_registry(settings: Settings) -> None:
    assert (installation.inbox(settings).grade, installation.registry(settings).grade) == ("ok", "ok")
    (settings.inbox_directory / "insurance" / "a.csv").unlink()
    assert installation.inbox(settings).grade == "warning"
    missing = settings.model_copy(update={"registry": settings.workspace / "gone.csv"})
    assert installation.registry(missing).grade == "fault"


def test_a_state_database_of_another_version_is_a_fault(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path)
    assert installation.state_database(settings).grade == "ok"
    assert not (tmp_path / "state.sqlite").exists()
    with state.opened(settings) as engine:
        assert installation.state_database(settings).grade == "ok"
        with state.transaction(engine) as connection:
            connection.execute(update(schema).values(version=1))
    assert installation.state_database(settings).grade == "fault"


def test_a_server_that_does_not_answer_is_a_fault(tmp_path: Path) -> None:
    url = "postgresql://127.0.0.1:1/none"
    found = installation.state_database(Settings(workspace=tmp_path, state_url=url))
    assert found.grade == "fault"


@pytest.mark.parametrize("url", ["mysql://may/ten", "postgresql://[/"])
def test_an_address_that_is_none_is_a_fault(tmp_path: Path, url: str) -> None:
    assert installation.state_database(Settings(workspace=tmp_path, state_url=url)).grade == "fault"


def test_second_factors_without_their_key_are_told(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path, second_factor_key=tmp_path / "keys" / "second-factor.key")
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        people.add(connection, "an", Role.officer, [], "test")
        second_factor.begin(connection, "an", settings.second_factor_key_file)
    assert installation.state_database(settings).grade == "ok"
    settings.second_factor_key_file.unlink()
    told = installation.state_database(settings)
    assert told.grade == "warning"
    assert "second-factor.key" in told.found
