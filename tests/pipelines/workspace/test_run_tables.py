"""Files are whole or absent; names in SQL are ours."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.workspace import atomic_files, run_schema, run_tables


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"

    def torn() -> None:
        with atomic_files.atomic(path) as temporary:
            temporary.write_text("half", encoding="utf-8")
            raise RuntimeError("torn")

    with pytest.raises(RuntimeError, match="torn"):
        torn()
    assert list(tmp_path.iterdir()) == []
    with atomic_files.atomic(path) as temporary:
        temporary.write_text("whole", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "whole"


@pytest.mark.parametrize("name", ["a; DROP TABLE links", "Links", "1a", "a b", "", "x" * 64])
def test_only_plain_names_reach_sql(name: str) -> None:
    with pytest.raises(ValueError, match="not a table"):
        run_schema.identifier(name)


def test_values_are_parameters() -> None:
    with run_tables.open_database() as connection:
        run_tables.replace_table(connection, "links", pl.DataFrame({"name": ["O'Neil", "An"]}))
        found = run_tables.query(connection, "SELECT * FROM links WHERE name = $name", {"name": "O'Neil"})
    assert found.rows() == [("O'Neil",)]


def test_the_same_frame_gives_the_same_bytes(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": range(300_000)})
    for name in ("a", "b"):
        atomic_files.write_parquet(frame, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
