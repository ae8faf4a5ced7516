"""Names and values cannot leave their place in SQL; the shared words mean what they say."""

from datetime import date

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from pipelines.workspace import run_tables
from rules import sql

FILLERS = ("chưa có", "n/a", "(trống)", "-1.#ind", "a|b")


@hypothesis_given(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0")))
@settings(max_examples=50)
def test_a_value_comes_back_as_it_was(value: str) -> None:
    with run_tables.open_database() as connection:
        assert connection.execute(f"SELECT {sql.text(value)}").fetchone() == (value,)


@pytest.mark.parametrize("name", ["a; DROP TABLE b", "A", "", "a-b", '"a"', "1a", "a" * 64])
def test_no_other_names_get_into_sql(name: str) -> None:
    with pytest.raises(ValueError, match="not a column or table name"):
        sql.name(name)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("Lê An", True),
        (None, False),
        ("", False),
        ("  ", False),
        ("Chưa có", False),
        ("CHƯA CÓ", False),
        (" N/A ", False),
        ("- n/a.", False),  # signs around a filler say nothing more
        ("(trống)", False),
        ("trống", True),  # the filler is the word in brackets
        ("-1.#IND", False),
        ("a|b", False),  # a sign of a pattern stands for itself
        ("a", True),
        ("\\n/a", True),  # a backslash is a mark of its own
        ("chưa có gì", True),
    ],
)
def test_a_filler_is_nothing(cell: str | None, said: bool) -> None:
    with run_tables.open_database() as connection:
        connection.execute("CREATE TABLE core_x (address_raw VARCHAR)")
        connection.execute("INSERT INTO core_x VALUES ($cell)", {"cell": cell})
        seen = sql.with_given("core_x", ["address"], FILLERS)
        found = connection.execute(f"SELECT {sql.given('address')} FROM ({seen})").fetchone()
    assert found == (said,)


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("2012-11-22", 14),  # birthday tonight
        ("2012-11-23", 13),  # tomorrow
        ("2012-02-29", 14),
        ("2012", 14),  # the day is not known: at most one too many
        ("2012-12", 14),
        ("2027-01-01", -1),
        (None, None),
    ],
)
def test_age_in_full_years(born: str | None, age: int | None) -> None:
    with run_tables.open_database() as connection:
        connection.execute("CREATE TABLE core_x (date_of_birth VARCHAR, birth_year SMALLINT)")
        connection.execute(
            "INSERT INTO core_x VALUES ($born, $year)", {"born": born, "year": int(born[:4]) if born else None}
        )
        found = connection.execute(f"SELECT {sql.age(date(2026, 11, 22))} FROM core_x").fetchone()
    assert found == (age,)
