"""Looking up in the side files says what a join over the registry would say."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import index, keys, snapshot
from matching.lookup import join, split, together
from tests.matching.tables import asked, person, registry

AN = person("079087001234", "Lê Văn An", "1987-09-05", "Nam", old_ids=["271450001"], mother_name="Đỗ Thị Tư")
BINH = person("001190000007", "Trần Thị Bình", "1990", "Nữ", other_names=["Trần Thị Bính", "Trần Thị Bình"])
PEOPLE = [BINH, AN]


@pytest.mark.parametrize(
    ("key", "values", "found", "why"),
    [
        ("words_date", {"name_key": "an le van", "date_of_birth": "1987-09-05"}, [1], "words in any order, the date"),
        ("words_date", {"name_key": "thi binh tran", "date_of_birth": "1990"}, [0], "two names that fold alike, once"),
        ("words_date", {"name_key": "le van an", "date_of_birth": "1987-09-06"}, [], "another date"),
        ("words_mother", {"name_key": "le van an", "mother_key": "do thi tu"}, [1], "the mother's name is folded"),
        (keys.NUMBER, {"number": "271450001"}, [1], "an earlier number"),
        (keys.NUMBER, {"number": "001190000007"}, [0], "the own number"),
        ("date_mother", {"date_of_birth": "1990", "mother_key": "do thi tu"}, [], "no mother: no value"),
    ],
)
def test_who_has_a_value(tmp_path: Path, key: str, values: dict[str, str], found: list[int], why: str) -> None:
    wanted = asked(key, **values)
    with snapshot.connect(registry(tmp_path, PEOPLE), 2, 256) as connection:
        pairs = split(snapshot.lookup(connection).find(key, wanted["r"], wanted["value"]).pairs)
    assert pairs.rows() == [(7, p) for p in found], why


def test_a_value_that_too_many_share_is_named(tmp_path: Path) -> None:
    people = [person(f"00119000000{n}", "Lê Hoa", "1990-01-01", "Nữ") for n in range(3)]
    wanted = asked("words_date", name_key="hoa le", date_of_birth="1990-01-01")
    with snapshot.connect(registry(tmp_path, people), 2, 256) as connection:
        lookup = snapshot.lookup(connection)
        few, enough = (lookup.find("words_date", wanted["r"], wanted["value"], cap) for cap in (2, 3))
    assert (few.pairs.tolist(), few.dropped.tolist(), few.values) == ([], wanted["value"].to_list(), 1)
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


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**keys.PLACE_BITS - 1))))
def test_pairs_are_packed_without_loss_and_sorted(pairs: list[tuple[int, int]]) -> None:
    frame = pl.DataFrame(pairs, schema={"r": pl.Int32, "p": pl.Int64}, orient="row")
    packed = join(frame)
    assert split(packed).equals(frame)
    once, lists = together([packed, packed[:1], np.concatenate([packed, packed])])
    assert split(once).rows() == sorted(set(pairs))
    assert lists.tolist() == [0b111 if pair == pairs[0] else 0b101 for pair in sorted(set(pairs))]


def test_more_lists_than_a_pair_has_bits_for_are_refused() -> None:
    with pytest.raises(ValueError, match="33 lists of pairs, at most 32"):
        together([np.empty(0, np.uint64)] * 33)


def test_the_largest_and_the_smallest_value_are_found(tmp_path: Path) -> None:
    """A value's end is looked up as the next value, which the largest does not have."""
    connected = snapshot.connect(registry(tmp_path, PEOPLE), 2, 256)
    lookup = snapshot.lookup(connected)
    top = np.uint64(2**64 - 2**keys.PLACE_BITS)
    entries = np.array([0, 1, top, top | np.uint64(5)], np.uint64)
    np.save(snapshot.folder(connected) / "words_date.npy", entries)
    assert lookup.count("words_date", np.array([0, top], np.uint64)).tolist() == [2, 2]
    connected.close()
