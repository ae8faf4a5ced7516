"""Small registries and records for matching tests, written as a person would say them."""

from pathlib import Path

import polars as pl

from matching import LinkOptions, keys, link
from matching.model import load
from vn.names import fold

REGISTRY_SCHEMA = {
    "person_id": pl.String, "full_name": pl.String, "name_key": pl.String, "date_of_birth": pl.String,
    "birth_year": pl.Int16, "sex": pl.String, "old_ids": pl.List(pl.String), "other_names": pl.List(pl.String),
    "province_code": pl.String, "commune_code": pl.String, "status": pl.String, "death_date": pl.String,
    "father_name": pl.String, "mother_name": pl.String, "updated_at": pl.String,
}  # fmt: skip
CORE_SCHEMA = {
    "record_id": pl.String, "sector": pl.String, "source_file": pl.String, "sheet": pl.String,
    "source_row": pl.Int32, "full_name": pl.String, "name_key": pl.String, "name_repairs": pl.String,
    "date_of_birth": pl.String, "birth_alternative": pl.String, "birth_repairs": pl.String, "birth_year": pl.Int16,
    "sex": pl.String, "id_number": pl.String, "cmnd_number": pl.String, "id_kind": pl.String, "id_repairs": pl.String,
    "id_number_raw": pl.String, "province_code": pl.String, "commune_code": pl.String, "mother_name": pl.String,
    "father_name": pl.String, "group_key": pl.String, "tenant": pl.String,
}  # fmt: skip


def person(person_id: str, full_name: str, date_of_birth: str, sex: str, **more: object) -> dict[str, object]:
    """One row of the snapshot; alive, without place, parents or earlier names unless `more` says so."""
    row: dict[str, object] = dict.fromkeys(REGISTRY_SCHEMA)
    row |= {"old_ids": [], "other_names": [], "status": "alive", "name_key": fold(full_name)}
    return row | {
        "person_id": person_id, "full_name": full_name, "date_of_birth": date_of_birth,
        "birth_year": int(date_of_birth[:4]), "sex": sex,
    } | more  # fmt: skip


def record(
    full_name: str | None, date_of_birth: str | None, sex: str | None, id_number: str | None, **more: object
) -> dict[str, object]:
    """One row of a core table. A 12-digit number goes to id_number, 9 digits to cmnd_number, else it is unreadable."""
    length = len(id_number or "")
    row: dict[str, object] = dict.fromkeys(CORE_SCHEMA)
    row |= {
        "sector": "students", "source_file": "a.csv", "sheet": "", "full_name": full_name,
        "name_key": None if full_name is None else fold(full_name), "name_repairs": "", "date_of_birth": date_of_birth,
        "birth_year": None if date_of_birth is None else int(date_of_birth[:4]), "sex": sex, "id_repairs": "",
        "id_number": id_number if length == 12 else None, "cmnd_number": id_number if length == 9 else None,
        "id_kind": {0: "missing", 9: "cmnd", 12: "cccd"}.get(length, "unknown"), "id_number_raw": id_number,
    }  # fmt: skip
    return row | more


def registry(tmp_path: Path, people: list[dict[str, object]]) -> Path:
    """A snapshot file of the people, sorted as a snapshot is."""
    path = tmp_path / "registry.parquet"
    pl.DataFrame(people, schema=REGISTRY_SCHEMA).sort("person_id").write_parquet(path)
    return path


def core(records: list[dict[str, object]]) -> pl.DataFrame:
    """A core table with record ids and rows in the order given (row 2 is the first below the header)."""
    numbered = [row | {"record_id": f"r{at:04d}", "source_row": at + 2} for at, row in enumerate(records)]
    return pl.DataFrame(numbered, schema=CORE_SCHEMA)


def links(snapshot: Path, records: list[dict[str, object]], *, one: bool = True, **options: int) -> pl.DataFrame:
    """The links of the records."""
    return link(core(records), snapshot, LinkOptions(one_record_per_person=one, threads=2, memory_mb=512, **options))


def asked(key: str, **values: str) -> pl.DataFrame:
    """What a record (number 7) asks by a key whose parts are of these columns; NUMBER takes `number`."""
    if key == keys.NUMBER:
        return pl.DataFrame({"r": [7], "value": keys.of_numbers(pl.Series([values["number"]]))})
    row = pl.DataFrame([values], schema=dict.fromkeys(keys.COLUMNS, pl.String))
    (wanted,) = (each for each in load().key if each.name == key)
    return pl.DataFrame({"r": [7], "value": keys.values(row, [wanted]).to_series()})
