"""What a peer is given of a person and of a record."""

from pathlib import Path

import polars as pl

from benchmarks.peers import cleaned

PERSON = {
    "person_id": "001181012345", "full_name": "Đặng Thị Thuỷ", "name_key": "dang thi thuy",
    "date_of_birth": "1981-03-12", "birth_year": 1981, "sex": "Nữ", "old_ids": ["012345678"],
    "other_names": ["Đặng Thúy"], "province_code": "01", "commune_code": "00004", "mother_name": "Võ Thị Hồng",
    "father_name": None,
}  # fmt: skip
RECORD = {
    "full_name": "Đặng Thuỷ", "name_key": "dang thuy", "date_of_birth": "1981", "birth_year": 1981, "sex": "Nữ",
    "id_number": None, "cmnd_number": "012345678", "id_number_raw": "012345678", "province_code": "01",
    "birth_alternative": None,
}  # fmt: skip


def written(tmp_path: Path) -> tuple[dict[str, object], dict[str, object]]:
    registry = pl.DataFrame([PERSON], schema_overrides={"father_name": pl.String, "birth_year": pl.Int16})
    core = pl.DataFrame([RECORD], schema_overrides={"id_number": pl.String, "birth_year": pl.Int16})
    cleaned.write(registry, core, tmp_path)
    sides = [pl.read_parquet(tmp_path / f"{name}.parquet") for name in ("registry", "records")]
    assert sides[0].schema == sides[1].schema
    person, record = (side.row(0, named=True) for side in sides)
    return person, record


def test_a_person(tmp_path: Path) -> None:
    person, _ = written(tmp_path)
    assert person == {
        "unique_id": "001181012345",
        "number": "001181012345",
        "numbers": ["001181012345", "012345678"],
        "full_name": "Đặng Thị Thuỷ",
        "name_key": "dang thi thuy",
        "names": ["dang thi thuy", "dang thuy"],
        "surname": "dang",
        "given": "thuy",
        "ends": "dang thuy",
        "words": "dang thi thuy",
        "initials": "dtt",
        "birth": "1981-03-12",
        "birth_date": "1981-03-12",
        "birth_year": 1981,
        "month_day": "03-12",
        "birth_alternative": None,
        "sex": "Nữ",
        "province": "01",
        "commune": "00004",
        "mother": "vo thi hong",
        "father": None,
        "number_first": "00118101",
        "number_last": "81012345",
        "number_outer": "00112345",
        "serial": "012345",
        "birth_place": "001",
    }


def test_a_record_with_an_old_card_and_a_year(tmp_path: Path) -> None:
    _, record = written(tmp_path)
    assert record["numbers"] == ["012345678"]
    assert record["number"] is None, "an old card is no 12-digit number"
    assert (record["birth"], record["birth_date"], record["month_day"]) == ("1981", None, None)
    assert record["commune"] is None, "a column that the sector lacks"
    assert record["mother"] is None
