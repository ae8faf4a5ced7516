"""A file comes into the inbox whole, under its own name, never over another one."""

from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.read import submit
from pipelines.sectors import schema

STUDENTS = schema.load("students")


def test_a_file_is_placed_once_and_never_over_another(tmp_path: Path) -> None:
    settings, file = Settings(workspace=tmp_path / "w"), tmp_path / "a.csv"
    file.write_text("một", encoding="utf-8")
    placed = submit.submit(settings, file, STUDENTS)
    assert placed == tmp_path / "w" / "inbox" / "students" / "a.csv"
    assert submit.submit(settings, file, STUDENTS).read_text(encoding="utf-8") == "một"
    file.write_text("hai", encoding="utf-8")
    with pytest.raises(BadInput, match="«a"):
        submit.submit(settings, file, STUDENTS)
    assert [path.name for path in placed.parent.iterdir()] == ["a.csv"]


def test_the_mapping_beside_a_file_counts_first(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path)
    assert submit.mapping_of(settings, STUDENTS, tmp_path / "a.csv") == tmp_path / "inbox" / "students" / "mapping.toml"
    (tmp_path / "mapping.toml").touch()
    assert submit.mapping_of(settings, STUDENTS, tmp_path / "a.csv") == tmp_path / "mapping.toml"


def test_an_unknown_sector_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="insurance, students, vaccination"):
        submit.sector_of(Settings(workspace=tmp_path), "driving")
