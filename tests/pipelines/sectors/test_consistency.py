"""A table's columns agree with each other, with what every sector has, and with the names that are in use."""

from datetime import date

import polars as pl
import pytest

from pipelines.errors import BadInput
from pipelines.report import worklist
from pipelines.sectors import consistency, schema
from pipelines.standardise.core_rows import core_rows
from tests.pipelines.sectors.small_table import TABLE, faults


@pytest.mark.parametrize(
    ("was", "becomes", "named", "why"),
    [
        ('"joined"', '"card"', "columns stand twice: card", "two columns of one name"),
        ('"joined"', '"status"', "the name is taken", "stands beside it in live_<sector>"),
        ('"joined"', '"order"', "the name is taken", "a word of SQL"),
        ('"joined"', '"card_raw"', "the name is taken", "the original of card"),
        ('"joined"', f'"{"j" * 59}"', "too long", "with _raw a database takes 63"),
        ('"Ngày vào"', '"Ngày sinh"', "already", "a shared column's header"),
        ('"Ngày vào"', '"SO THE"', "already", "another column's title, folded"),
        ('"joined"', '"phone_number"', "phone_number must be of kind phone", "another sector has it"),
        ('"joined"', '"sex"', "sex must be of kind sex", "every sector has it"),
        ('kind = "code"', 'kind = "number"', "key card cannot be of kind number", "leading zeros"),
        ('key = "card"', 'key = "cards"', "key cards is not a column", "no such column"),
        ('key = "card"', 'key = "card"\nrecord_key = ["x"]', "key x is not a column", "no such column"),
        ('kind = "code"', 'kind = "code"\nto_come = true', "to_come", "no date"),
        ('kind = "date"', 'kind = "date"\nfamily = "surname"', "no column surname", "no such column"),
        ('kind = "date"', 'kind = "date"\nrole = "unit"', "only for a column of kind text", "a date is no unit"),
        ('kind = "code"', 'kind = "code"\nrole = "school"', "role", "no such role"),
    ],
)
def test_what_does_not_agree_is_named(was: str, becomes: str, named: str, why: str) -> None:
    assert was in TABLE, why
    assert named in faults(TABLE.replace(was, becomes, 1)), why


def test_one_column_says_which_unit() -> None:
    unit = '[[column]]\nname = "{}"\nkind = "text"\ntitle_vi = "{}"\ntitle_en = "Unit"\nrole = "unit"\n'
    once = TABLE + unit.format("branch", "Chi nhánh")
    held = schema.parsed("club.toml", once.encode()).with_role("unit")
    assert held is not None
    assert held.name == "branch"
    assert "another column has this role" in faults(once + unit.format("house", "Nhà"))


def test_a_shared_column_can_be_replaced() -> None:
    text = TABLE + '[[column]]\nname = "sex"\nkind = "sex"\ntitle_vi = "Phái"\ntitle_en = "Sex"\n'
    sector = schema.parsed("club.toml", text.encode())
    assert not sector.find("sex").required
    assert [column.name for column in sector.column].count("sex") == 1


def test_every_name_that_stands_beside_a_sectors_columns_is_taken() -> None:
    sector = schema.load("students")
    places = {"record_id": "a", "sector": "students", "source_file": "f", "sheet": "", "source_row": 1}
    cells = dict.fromkeys(column.name for column in sector.column)
    core = core_rows(
        pl.DataFrame([{**places, **cells}], schema_overrides=dict.fromkeys(cells, pl.String)),
        sector,
        date(2026, 11, 22),
    )
    ours = {name for name in core.columns if not name.endswith("_raw")} - {column.name for column in sector.column}
    assert ours - consistency.TAKEN == set()
    listed = {
        "position",
        "recipient",
        "content",
        "place_in_file",
        "key",
        "reason_vi",
        "proposed_vi",
        "one_fix",
        "name",
        "id",
        "birth",
        "status_vi",
        "differs",
        "remedy_vi",
    }
    assert listed - consistency.TAKEN == set()
    assert all(f"AS {name}" in worklist._PERSON for name in ("name", "id", "birth", "status_vi"))


def test_the_packages_own_tables_agree() -> None:
    for name in schema.known():
        assert schema.parsed(f"{name}.toml", (schema.DIRECTORY / f"{name}.toml").read_bytes()) == schema.load(name)


def test_a_foreign_table_may_use_the_names_of_others_as_it_likes() -> None:
    foreign = TABLE.replace("key =", "foreign = true\nkey =").replace('"joined"', '"phone_number"')
    with pytest.raises(BadInput) as refused:
        schema.parsed("club.toml", foreign.encode())
    assert "phone_number" not in str(refused.value)
    assert "full_name must be of kind foreign_name" in str(refused.value)
