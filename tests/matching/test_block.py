"""Who is compared with whom: every damage leaves a key, and a common value is dropped and reported."""

from pathlib import Path

from matching import block, snapshot
from matching.model import Key, Model, load
from matching.records import prepare
from tests.matching.tables import core, person, record, registry

PERSON = person(
    "079190123456", "Trần Thị Hồng Hạnh", "1990-07-12", "Nữ",
    province_code="79", commune_code="26734", mother_name="Lê Thị Đào",
)  # fmt: skip
WHOLE = {"province_code": "79", "commune_code": "26734"}

DAMAGES = [
    (record("Hạnh Trần Thị Hồng", "1990-07-12", "Nam", None), "order and sex"),
    (record("Trần Hạnh", "1990-07-12", "Nữ", None), "middle name dropped"),
    (record("Tràn Thị Hòng Hạn", "1990-07-12", "Nam", None), "slips inside words, sex"),
    (record("Trần Thị Hồng Canh", "1990-07-12", "Nữ", None, **WHOLE), "first letter of the given name"),
    (record("X", "1990-07-12", "Nữ", "079199123856"), "name lost, two digits behind the province wrong"),
    (record("Trần Thị Hồng Hạnh", "1990", "Nữ", None), "year only"),
    (record("Trần Thị Hồng Hạnh", "1980-07-12", "Nữ", None), "year wrong"),
    (record("Trần Thị Hồng Hạnh", "1971-01-30", "Nữ", None, **WHOLE), "date wholly wrong"),
    (record("Trần Thị Hồng Hạnh", "1971-01-30", "Nữ", None, mother_name="Lê Thị Đào"), "date wrong, mother"),
    (record("Bé Na", "1990-07-12", "Nam", None, mother_name="Lê Thị Đào"), "name lost, mother"),
    (record("Trần Thi Hồn Hạnh", "1971-01-30", "Nam", None, mother_name="Lê Thị Đào"), "a slip, date wrong, mother"),
    (record("Trần Thị Hồn Hạnh", "1990-01-30", "Nam", None, **WHOLE), "a slip and the day wrong, commune"),
    (record("X", "1990-01-30", "Nam", "001290123456"), "name lost, number's first half wrong"),
    (record("X", "1971-01-30", "Nam", "079190123457"), "one of the last four digits"),
    (record("X", "1971-01-30", "Nam", "089190123456"), "one of the first four digits"),
    (record("X", "1971-01-30", "Nam", "079190923456"), "one of the middle four digits"),
    (record("X", "1971-01-30", "Nam", "07919012345"), "last digit lost"),
    (record("X", "1971-01-30", "Nam", "79190123456"), "first zero lost"),
    (record("Trần Thị Hồng Hạnh", "1990-12-07", "Nữ", None, birth_alternative="1990-07-12"), "other reading"),
]


def _pairs(snapshot_file: Path, rows: list[dict[str, object]], model: Model) -> tuple[list[int], list[block.Blocks]]:
    with snapshot.connect(snapshot_file, 2, 256) as connection:
        block.settle(connection, prepare(core(rows)))
        done = block.block(connection, model)
        return snapshot.query(connection, "SELECT r FROM pairs ORDER BY r")["r"].to_list(), done


def test_every_damage_leaves_a_key(tmp_path: Path) -> None:
    found, _ = _pairs(registry(tmp_path, [PERSON]), [row for row, _ in DAMAGES], load())
    missed = [why for at, (_, why) in enumerate(DAMAGES) if at not in found]
    assert missed == []


def test_strangers_are_not_compared(tmp_path: Path) -> None:
    stranger = record("Võ Văn Dũng", "1955-02-03", "Nam", "001055444444", province_code="01", commune_code="00001")
    assert _pairs(registry(tmp_path, [PERSON]), [stranger], load())[0] == []


def test_other_names_are_keys(tmp_path: Path) -> None:
    renamed = registry(tmp_path, [PERSON | {"other_names": ["Đỗ Mỹ Duyên"]}])
    assert _pairs(renamed, [record("Đỗ Mỹ Duyên", "1990-07-12", "Nam", None)], load())[0] == [0]


def test_a_key_that_alone_says_little_needs_a_near_name(tmp_path: Path) -> None:
    """Given name, sex and commune are those of many; with the parents' names beside, somebody is meant after all."""
    neighbour = record("Lê Ngọc Hạnh", "1971-01-30", "Nữ", None, **WHOLE)
    of_the_mother = neighbour | {"mother_name": "Lê Thị Đào"}
    slip = record("Trần Thị Hồng Hạnh", "1971-01-30", "Nữ", None, **WHOLE) | {"full_name": "Trần Thị Hồn Hạnh"}
    assert _pairs(registry(tmp_path, [PERSON]), [neighbour, of_the_mother, slip], load())[0] == [1, 2]


def test_a_common_value_is_dropped_and_reported(tmp_path: Path) -> None:
    people = [person(f"00119000000{n}", "Lê Thị Hoa", "1990-01-01", "Nữ") for n in range(4)]
    rows = [record("Lê Thị Hoa", "1990-01-01", "Nữ", None)] * 2
    only = load().model_copy(update={"key": (Key(name="words_date", parts=("words", "birth_date"), cap=3),)})
    pairs, done = _pairs(registry(tmp_path, people), rows, only)
    assert pairs == []
    assert done == [block.Blocks("words_date", values=1, dropped_values=1, dropped_records=2, pairs=0)]
    wider = only.model_copy(update={"key": (Key(name="words_date", parts=("words", "birth_date"), cap=4),)})
    pairs, done = _pairs(registry(tmp_path, people), rows, wider)
    assert pairs == [0] * 4 + [1] * 4
    assert done[0].pairs == 8


def test_number_and_name_settle_a_record(tmp_path: Path) -> None:
    """It is compared with its number's owner alone, so most records never reach a key."""
    namesake = person("079190123999", "Trần Thị Hồng Hạnh", "1990-07-13", "Nữ")
    rows = [record("Trần Thị Hồng Hạnh", "1990-07-13", "Nữ", "079190123456")]
    assert _pairs(registry(tmp_path, [PERSON, namesake]), rows, load())[0] == [0]
