"""Prepared records: whether a value stands there but for lossless repairs, and whether a given name can be one."""

import pytest

from matching.records import prepare
from tests.matching.tables import core, record

REPAIRS = [
    ("full_name", "name_repairs", "name_clean", "case,title", True, "all lossless"),
    ("full_name", "name_repairs", "name_clean", "", True, "none"),
    ("full_name", "name_repairs", "name_clean", None, True, "nobody said"),
    ("full_name", "name_repairs", "name_clean", "case,another", False, "one of two is not"),
    ("date_of_birth", "birth_repairs", "birth_clean", "another", False, "not lossless"),
    ("id_number", "id_repairs", "id_clean", "another", False, "not lossless"),
]


@pytest.mark.parametrize(("field", "column", "clean", "codes", "expected", "why"), REPAIRS)
def test_clean_but_for_lossless_repairs(
    field: str, column: str, clean: str, codes: str | None, expected: bool, why: str
) -> None:
    """Each record by its own list of repairs, whatever the record beside it has."""
    rows = [record("Lê Thị Hoa", "1990-07-12", "Nữ", "079190000002", **{column: each}) for each in (codes, "another")]
    assert prepare(core(rows))[clean].to_list() == [expected, False], f"{field}: {why}"


def test_given_names() -> None:
    names = ["Lê Thị Hoa", "Lê Thị Xqz", None, "Lê Thị Hoa"]
    prepared = prepare(core([record(name, "1990-07-12", "Nữ", None) for name in names]))
    assert prepared["given_known"].to_list() == [True, False, True, True]


def test_no_records() -> None:
    assert prepare(core([])).height == 0
