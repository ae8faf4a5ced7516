"""Names in two parts: which level each way of writing one gets."""

import polars as pl
import pytest

from matching.compare import compare
from matching.extension import FOREIGN, extended
from matching.measures import measure, of_record

MODEL = extended({"like": FOREIGN})
TEXT = (
    "full_name", "name_key", "date_of_birth", "birth_alternative", "sex", "id_number", "cmnd_number", "digits",
    "id_kind", "person_id", "province_code", "commune_code", "mother_key", "father_key",
)  # fmt: skip


def level(record: str | None, person: str | None) -> str:
    sides = {f"{column}_{side}": None for column in TEXT for side in "lr"}
    names = {"name_key_l": record, "full_name_l": record, "name_key_r": person, "full_name_r": person}
    lists = {name: pl.Series([[]], dtype=pl.List(pl.String)) for name in ("old_ids_r", "other_names_r", "other_keys_r")}
    pairs = pl.DataFrame({**sides, **names}, schema=dict.fromkeys(sides, pl.String)).with_columns(
        **lists, given_known_l=True, letters_apart=pl.lit(0, pl.UInt8)
    )
    pairs = pairs.with_columns(**{f"{name}_l": found for name, found in of_record({}, "_l").items()})
    field = MODEL.find("name")
    return field.labels()[compare(measure(pairs, MODEL), MODEL)["name"].item()]


@pytest.mark.parametrize(
    ("record", "person", "expected", "why"),
    [
        ("smith john", "smith john", "same", ""),
        ("john smith", "smith john", "swapped", "the cells stand in each other's column"),
        ("smith jon", "smith john", "given_like", "a letter lost"),
        ("smyth john", "smith john", "family_like", "a letter changed"),
        ("smyth jon", "smith john", "both_like", "both"),
        ("jonh smyth", "smith john", "swapped_like", "swapped, and a letter changed in each"),
        ("smith -", "smith john", "given_lacks", "the record has no given name"),
        ("- john", "smith john", "family_lacks", "the record has no family name"),
        ("smith john", "smith -", "given_unheld", "the registry has none"),
        ("smith john", "- john", "family_unheld", "the registry has none"),
        ("smyth -", "smith john", "like_lacks", "half a name, and misspelt"),
        ("smith peter", "smith john", "family", "a brother"),
        ("jones john", "smith john", "given", "married, or a stranger"),
        ("john peter", "smith john", "crossed", "the given name stands as family name"),
        ("- -", "- -", "different", "nothing known is no agreement"),
        ("- john", "smith -", "different", "one half each, which cannot be compared"),
        ("smith -", "smith -", "given_lacks", "half a name agrees by half only"),
        ("xu li", "smith john", "different", ""),
        (None, "smith john", "missing", ""),
    ],
)
def test_level(record: str | None, person: str | None, expected: str, why: str) -> None:
    assert level(record, person) == expected, why
