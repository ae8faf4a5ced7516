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
        return list(pairs.lay_out(connection, size))


@pytest.mark.parametrize("size", [1, 3, 4, 5, 100])
def test_a_record_is_never_cut(tmp_path: Path, size: int) -> None:
    records = RECORDS[:2] + RECORDS[3:]
    found = chunks(tmp_path, records, size)
    rows = [frame["r"].unique().to_list() for frame in found]
    assert rows == ([[0], [2]] if size < 5 else [[0, 2]])
    assert pl.concat(found).select("r", "p").rows() == [(0, 0), (0, 1), (0, 2), (2, 0), (2, 1)]


def test_what_stands_in_a_row(tmp_path: Path) -> None:
    (frame,) = chunks(tmp_path, RECORDS[:1], 100)
    row = frame.row(1, named=True)
    assert {name: row[name] for name in ("full_name_l", "name_key_l", "mother_key_l", "sex_l")} == {
        "full_name_l": "Lê Thị Hoa", "name_key_l": "le thi hoa", "mother_key_l": "do tu", "sex_l": "Nam",
    }  # fmt: skip
    assert {name: row[name] for name in ("person_id_r", "full_name_r", "birth_year_r", "old_ids_r", "life")} == {
        "person_id_r": "079190000001", "full_name_r": "Lê Thị Hoà", "birth_year_r": 1990, "old_ids_r": ["271450001"],
        "life": "deceased",
    }  # fmt: skip
    assert (row["other_keys_r"], row["mother_key_r"], row["father_key_r"]) == (["le be"], "do tu", None)


def test_no_pair_is_one_empty_chunk(tmp_path: Path) -> None:
    with snapshot.connect(registry(tmp_path, PEOPLE), 2, 256) as connection:
        block.settle(connection, prepare(core([RECORDS[1]])))
        block.block(connection, load())
        (frame,) = pairs.lay_out(connection, 100)
    assert frame.height == 0
    assert {"full_name_l", "full_name_r", "life"} <= set(frame.columns)


def test_agreed_records_are_laid_out(tmp_path: Path) -> None:
    agreed = record("Lê Thị Hoa", "1990-07-12", "Nữ", "079190000000")
    with snapshot.connect(registry(tmp_path, PEOPLE), 2, 256) as connection:
        block.settle(connection, prepare(core([RECORDS[0], agreed])))
        assert pairs.lay_out_agreed(connection, every=1).select("r", "p", "full_name_r").rows() == [
            (1, 0, "Lê Thị Hoa")
        ]
