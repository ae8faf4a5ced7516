"""An officer's word that a held correction may be applied."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.read import replacements
from pipelines.workspace.checksums import sha256
from tests.pipelines.terminal import Sachsong

Load = Callable[..., int]


@pytest.fixture
def load(sachsong: Sachsong) -> Load:
    """Types `sachsong load` of a pupils' list; the exit code."""
    return lambda file, workspace, *more: (
        sachsong("load", file, "--sector", "students", "--workspace", workspace, *more).code
    )


def test_the_word_is_kept_and_a_file_in_the_inbox_stays_where_it_is(tmp_path: Path, load: Load) -> None:
    file = tmp_path / "inbox" / "students" / "lop 6" / "sua.csv"
    file.parent.mkdir(parents=True)
    file.write_text("ma_hoc_sinh\n1\n", encoding="utf-8")
    signed = ("--takes-away", "--by", "Trần Thị An", "--reason", "số của trường khác")
    assert load(file, tmp_path, *signed) == 0
    assert replacements.allowed(Settings(workspace=tmp_path)) == {("students", sha256(file))}
    assert [path.name for path in (tmp_path / "inbox" / "students").rglob("*.csv")] == ["sua.csv"]


@pytest.mark.parametrize("more", [(), ("--by", "Trần Thị An"), ("--by", " ", "--reason", "x")])
def test_nobody_allows_it_without_a_name_and_a_reason(tmp_path: Path, load: Load, more: tuple[str, ...]) -> None:
    file = tmp_path / "sua.csv"
    file.write_text("ma_hoc_sinh\n1\n", encoding="utf-8")
    assert load(file, tmp_path, "--takes-away", *more) == 2
    assert replacements.allowed(Settings(workspace=tmp_path)) == frozenset()
    assert not (tmp_path / "inbox").exists()
