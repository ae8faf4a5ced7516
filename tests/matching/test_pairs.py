"""Both sides of a pair stand in its row, whatever the size of the chunks."""

from pathlib import Path

import polars as pl
import pytest

from matching import block, pairs, snapshot
from matching.model import load
from matching.records import prepare
from tests.matching.tables import core, person, record, registry

PEOPLE = [
    person(
        f"07919000000{n}", f"Lê Thị {name}", "1990-07-12", "Nữ", mother_name="Đỗ Tư", other_names=["Lê Bé"],
        old_ids=[f"27145000{n}"], commune_code="26734", status="deceased" if n else "alive",
    )
    for n, name in enumerate(("Hoa", "Hoà", "Hoan"))
]  # fmt: skip
RECORDS = [
    record("Lê Thị Hoa", "1990-07-12", "Nam", None, mother_name="Đỗ Tư"),
    record("Võ X", "1950", "Nam", None),
    record("Lê Thị Hoan", "1990-07-12", "Nữ", "079190000002"),
    record("Lê Hoa", "1990-07-12", "Nữ", "999999999999"),
]


def chunks(tmp_path: Path, records: list[dict[str, object]], size: int) -> list[pl.DataFrame]:
    with snapshot.connect(registry(tmp_path, PEOPLE), 2, 256) as connection:
        block.settle(connection, prepare(core(records)))
        block.block(connection, load())
        people, records = snapshot.lookup(connection), pairs.records_of(connection, load())
        return [pairs.sides(people, chunk, records) for chunk in pairs.chunks(connection, size, 1)[0]]


@pytest.mark.parametrize(
    ("size", "least", "heights"), [(1, 1, [1] * 5), (3, 1, [3, 2]), (100, 1, [5]), (100, 2, [3, 2])]
)
def test_all_pairs_in_chunks(tmp_path: Path, size: int, least: int, heights: list[int]) -> None:
    with snapshot.connect(registry(tmp_path, PEOPLE), 2, 256) as connection:
        block.settle(connection, prepare(core(RECORDS[:2] + RECORDS[3:])))
        block.block(connection, load())
        found, places = pairs.chunks(connection, size, least)
    assert [frame.height for frame in found] == heights
    assert pl.concat(found).rows() == [(0, 0), (2, 0), (0, 1), (2, 1), (0, 2)]
    assert pl.concat(found)[places].rows() == [(0, 0), (0, 1), (0, 2), (2, 0), (2, 1)]


def test_what_stands_in_a_row(tmp_path: Path) -> None:
    (frame,) = chunks(tmp_path, RECORDS[:1], 100)
    assert frame.select("r", "p").rows() == [(0, 0), (0, 1), (0, 2)]
    row = frame.row(1, named=True)
    assert {name: row[name] for name in ("full_name_l", "name_key_l", "mother_key_l", "sex_l")} == {
        "full_name_l": "Lê Thị Hoa", "name_key_l": "le thi hoa", "mother_key_l": "do tu", "sex_l": "Nam",
    }  # fmt: skip
    assert {name: row[name] for name in ("person_id_r", "full_name_r", "life")} == {
        "person_id_r": "079190000001", "full_name_r": "Lê Thị Hoà", "life": "deceased",
    }  # fmt: skip
    assert (row["other_keys_r"], row["mother_key_r"], row["father_key_r"]) == (["le be"], "do tu", None)


@pytest.mark.parametrize("number", [None, "999999999999"])
def test_earlier_numbers_stand_beside_records_that_may_have_one(tmp_path: Path, number: str | None) -> None:
    """One cell may hold both numbers: then the earlier one is not looked up, but compared."""
    earlier = record("Lê Thị Hoan", "1990-07-12", "Nữ", number, cmnd_number="271450001")
    (frame,) = chunks(tmp_path, [RECORDS[0], earlier], 100)
    assert frame.filter(r=1, p=1)["old_ids_r"].to_list() == [["271450001"]]
    assert frame.filter(r=0)["old_ids_r"].to_list() == [None, None, None]


def test_parents_stand_beside_records_that_name_one_or_bear_a_relatives_number(tmp_path: Path) -> None:
    by_number = record("Lê Thị Hoà", "1990-07-12", "Nữ", "079190000002")
    by_neither = record("Lê Thị Hoà", "1990-07-12", "Nữ", None)
    (frame,) = chunks(tmp_path, [RECORDS[0], by_number, by_neither], 100)
    wanted = {0: "do tu", 1: "do tu", 2: None}
    assert dict(frame.filter(p=0).select("r", "mother_key_r").rows()) == wanted


def test_no_pair_is_one_empty_chunk(tmp_path: Path) -> None:
    with snapshot.connect(registry(tmp_path, PEOPLE), 2, 256) as connection:
        block.settle(connection, prepare(core([RECORDS[1]])))
        block.block(connection, load())
        ((chunk,), _) = pairs.chunks(connection, 100, 2)
        frame = pairs.sides(snapshot.lookup(connection), chunk, pairs.records_of(connection, load()))
    assert frame.height == 0
    assert {"full_name_l", "full_name_r", "life"} <= set(frame.columns)


def test_agreed_records_are_laid_out(tmp_path: Path) -> None:
    agreed = record("Lê Thị Hoa", "1990-07-12", "Nữ", "079190000000")
    with snapshot.connect(registry(tmp_path, PEOPLE), 2, 256) as connection:
        block.settle(connection, prepare(core([RECORDS[0], agreed])))
        found = pairs.agreed(connection, every=1)
        records = pairs.records_of(connection, load(), "agreed")
        sides = pairs.sides(snapshot.lookup(connection), found, records)
    assert sides.select("r", "p", "full_name_r").rows() == [(1, 0, "Lê Thị Hoa")]
