"""Side files are made once, whole, and are never those of another snapshot or of other keys."""

import os
from pathlib import Path

import polars as pl
import pytest

from matching import keys, snapshot
from matching.lookup import split
from matching.model import Key, Model, load
from tests.matching.tables import person, registry

AN = person("079087001234", "Lê Văn An", "1987-09-05", "Nam", old_ids=["271450001"], mother_name="Đỗ Thị Tư")
BINH = person("001190000007", "Trần Thị Bình", "1990", "Nữ", other_names=["Trần Thị Bính", "Trần Thị Bình"])
PEOPLE = [BINH, AN]


def folders(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.index"))


def test_made_once_and_again_only_for_other_keys_or_people(tmp_path: Path) -> None:
    path = registry(tmp_path, PEOPLE)
    snapshot.prepare(path, 2, 256)
    first = folders(path)
    snapshot.prepare(path, 2, 256)
    assert folders(path) == first
    other: Model = load().model_copy(update={"key": (Key(name="words_date", parts=("words", "sex"), cap=3),)})
    row = pl.DataFrame({name: ["an le van" if name == "name_key" else "Nam"] for name in keys.COLUMNS})
    with snapshot.connect(path, 2, 256) as connection:
        value = keys.values(row.with_columns(birth_year=pl.lit(None)), other.key)["words_date"]
        found = snapshot.lookup(connection, other).find("words_date", pl.Series([7]), value)
        assert split(found.pairs)["p"].to_list() == [1]
    assert len(folders(path)) == 1
    assert folders(path) != first
    registry(tmp_path, [AN])
    os.utime(path, ns=(0, 0))  # the same second, even
    with snapshot.connect(path, 2, 256) as connection:
        assert snapshot.size(connection) == 1


@pytest.mark.parametrize("name", ["people.arrow", "number.npy", "index.json"])
def test_side_files_that_were_cut_off_are_made_again(tmp_path: Path, name: str) -> None:
    path = registry(tmp_path, PEOPLE)
    snapshot.prepare(path, 2, 256)
    (folder,) = folders(path)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:-1])
    snapshot.prepare(path, 2, 256)
    assert (folder / name).read_bytes() == whole
    assert list(path.parent.glob(".*")) == []


def test_the_same_snapshot_gives_the_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    path = registry(tmp_path, PEOPLE)
    snapshot.prepare(path, 1, 256)
    (folder,) = folders(path)
    made = {file.name: file.read_bytes() for file in folder.iterdir()}
    (folder / "index.json").unlink()
    snapshot.prepare(path, 4, 512)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == made
