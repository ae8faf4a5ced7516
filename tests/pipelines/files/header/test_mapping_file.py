"""An officer's mapping.toml: read as it is meant, refused with the reason where it names what there is not."""

from pathlib import Path

import pytest

from pipelines.errors import UnknownColumns
from pipelines.files.header.mapping_file import chosen_headers
from pipelines.sectors import schema

GOOD = '\ufeff[columns]\n"Ngày (sinh)" = "date_of_birth.day"\n"Tên HS" = "full_name"\n"Ghi chú" = ""\n'


def test_headers_and_the_columns_that_they_mean(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    assert chosen_headers(path, schema.load("students")) == {}, "no such file"
    path.write_text(GOOD, encoding="utf-8")
    assert chosen_headers(path, schema.load("students")) == {
        "Ngày (sinh)": "date_of_birth.day",
        "Tên HS": "full_name",
        "Ghi chú": "",
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("columns = 3", "[columns]"),
        ("", "[columns]"),
        ("[columns", "[columns]"),
        ('[columns]\n"Tên" = "ho_ten"', "«ho_ten»"),
        ('[columns]\n"Tên" = "full_name.day"', "«full_name.day»"),
        ('[columns]\n"Số" = "id_number.given"', "«id_number.given»"),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnknownColumns) as refusal:
        chosen_headers(path, schema.load("students"))
    assert told in str(refusal.value)
