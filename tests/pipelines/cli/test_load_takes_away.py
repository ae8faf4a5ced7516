"""An officer's word that a held correction may be applied."""

from pathlib import Path

import pytest

from pipelines import cli
from pipelines.config import Settings
from pipelines.read import replacements
from pipelines.workspace.checksums import sha256


def load(file: Path, workspace: Path, *more: str) -> int | str | None:
    arguments = ["load", str(file), "--sector", "students", "--workspace", str(workspace), *more]
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    return end.value.code


def test_the_word_is_kept_and_a_file_in_the_inbox_stays_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "inbox" / "students" / "lop 6" / "sua.csv"
    file.parent.mkdir(parents=True)
    file.write_text("ma_hoc_sinh\n1\n", encoding="utf-8")
    signed = ("--takes-away", "--by", "Trần Thị An", "--reason", "số của trường khác")
    assert load(file, tmp_path, *signed) == 0
    assert replacements.allowed(Settings(workspace=tmp_path)) == {("students", sha256(file))}
    assert [path.name for path in (tmp_path / "inbox" / "students").rglob("*.csv")] == ["sua.csv"]


@pytest.mark.parametrize("more", [(), ("--by", "Trần Thị An"), ("--by", " ", "--reason", "x")])
def test_nobody_allows_it_without_a_name_and_a_reason(tmp_path: Path, more: tuple[str, ...]) -> None:
    file = tmp_path / "sua.csv"
    file.write_text("ma_hoc_sinh\n1\n", encoding="utf-8")
    assert load(file, tmp_path, "--takes-away", *more) == 2
    assert replacements.allowed(Settings(workspace=tmp_path)) == frozenset()
    assert not (tmp_path / "inbox").exists()
