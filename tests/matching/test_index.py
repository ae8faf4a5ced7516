"""Side files: who has which value is looked up as SQL would join it, and they are never those of another snapshot."""

import os
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import index, keys, snapshot
from matching.lookup import distinct, join, split
from matching.model import Key, Model, load
from tests.matching.tables import person, registry

AN = person("079087001234", "Lê Văn An", "1987-09-05", "Nam", old_ids=["271450001"], mother_name="Đỗ Thị Tư")
BINH = person("001190000007", "Trần Thị Bình", "1990", "Nữ", other_names=["Trần Thị Bính", "Trần Thị Bình"])
PEOPLE = [BINH, AN]


def folders(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.index"))


def value_of(connection: duckdb.DuckDBPyConnection, *values: str) -> pl.DataFrame:
    sql = ", ".join(f"'{value}' AS v{at}" for at, value in enumerate(values))
    columns = [f"v{at}" for at in range(len(values))]
    return snapshot.query(connection, f"SELECT 7 AS r, {keys.hashed(*columns)} AS value FROM (SELECT {sql})")


@pytest.mark.parametrize(
    ("key", "values", "found", "why"),
    [
        ("words_date", ("an le van", "1987-09-05"), [1], "words in order, and the date"),
        ("words_date", ("binh thi tran", "1990"), [0], "two names that fold alike count once"),
        ("words_date", ("an le van", "1987-09-06"), [], "another date"),
        ("words_mother", ("an le van", "do thi tu"), [1], "the mother's name is folded"),
        (keys.NUMBER, ("271450001",), [1], "an earlier number"),
        (keys.NUMBER, ("001190000007",), [0], "the own number"),
        ("date_mother", ("1990", "do thi tu"), [], "no mother: no value"),
    ],
)
def test_who_has_a_value(tmp_path: Path, key: str, values: tuple[str, ...], found: list[int], why: str) -> None:
    with snapshot.connect(registry(tmp_path, PEOPLE), 2, 256) as connection:
        asked = value_of(connection, *values)
        pairs = split(snapshot.lookup(connection).find(key, asked["r"], asked["value"]).pairs)
    assert pairs.rows() == [(7, p) for p in found], why


def test_a_value_that_too_many_share_is_named(tmp_path: Path) -> None:
    people = [person(f"00119000000{n}", "Lê Hoa", "1990-01-01", "Nữ") for n in range(3)]
    with snapshot.connect(registry(tmp_path, people), 2, 256) as connection:
        asked = value_of(connection, "hoa le", "1990-01-01")
        lookup = snapshot.lookup(connection)
        few, enough = (lookup.find("words_date", asked["r"], asked["value"], cap) for cap in (2, 3))
    assert (few.pairs.tolist(), few.dropped.tolist(), few.values) == ([], asked["value"].to_list(), 1)
    assert (split(enough.pairs)["p"].to_list(), enough.dropped.tolist()) == ([0, 1, 2], [])


@pytest.mark.parametrize("batch_rows", [1, 2, 100])
def test_people_are_read_singly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch_rows: int) -> None:
    monkeypatch.setattr(index, "BATCH_ROWS", batch_rows)
    people = [person(f"0011900000{n:02}", f"Lê Hoa {n}", "1990-01-01", "Nữ") for n in range(9)]
    with snapshot.connect(registry(tmp_path, [*people, BINH | {"person_id": "900000000000"}]), 2, 256) as connection:
        lookup = snapshot.lookup(connection)
        taken = lookup.take(pl.Series([0, 3, 9]), ["person_id", "other_keys"])
        assert lookup.people == 10
        assert lookup.take(pl.Series([], dtype=pl.Int64)).height == 0
    assert taken.rows() == [
        (0, "001190000000", []),
        (3, "001190000003", []),
        (9, "900000000000", ["tran thi binh", "tran thi binh"]),
    ]


def test_made_once_and_again_only_for_other_keys_or_people(tmp_path: Path) -> None:
    path = registry(tmp_path, PEOPLE)
    snapshot.prepare(path, 2, 256)
    first = folders(path)
    snapshot.prepare(path, 2, 256)
    assert folders(path) == first
    other: Model = load().model_copy(update={"key": (Key(name="words_date", parts=("words", "sex"), cap=3),)})
    with snapshot.connect(path, 2, 256) as connection:
        asked = value_of(connection, "an le van", "Nam")
        found = snapshot.lookup(connection, other).find("words_date", asked["r"], asked["value"])
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


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**keys.PLACE_BITS - 1))))
def test_pairs_are_packed_without_loss_and_sorted(pairs: list[tuple[int, int]]) -> None:
    frame = pl.DataFrame(pairs, schema={"r": pl.Int32, "p": pl.Int64}, orient="row")
    packed = join(frame)
    assert split(packed).equals(frame)
    assert split(distinct(np.concatenate([packed, packed]))).rows() == sorted(set(pairs))
