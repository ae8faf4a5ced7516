"""Names and numbers of a foreign list: what counts of a cell, and what does not."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sectors import foreign


def name(text: str | None, *, given_first: bool = False) -> tuple[str | None, str | None]:
    found = foreign.names(pl.Series([text], dtype=pl.String), given_first=given_first)
    return found["full_name"].item(), found["name_key"].item()


@pytest.mark.parametrize(
    ("text", "given_first", "full_name", "key", "why"),
    [
        ("SMITH  john", False, "Smith John", "smith john", "case and spaces are no evidence"),
        ("John Smith", True, "Smith John", "smith john", "told in one order"),
        ("Smith, John Peter", True, "Smith John Peter", "smith johnpeter", "a comma says which is which"),
        ("Jean-Luc O'Brien", True, "O'Brien Jean-Luc", "obrien jeanluc", "punctuation is no evidence"),
        ("Jörg Müller", True, "Müller Jörg", "muller jorg", "nor are accents, but they are shown"),
        ("Suharto", True, "Suharto", "suharto -", "one name is the family's"),
        ("李 小龙", False, "李 小龙", "li xiaolong", "any script, in Latin letters"),
        ("...", False, None, None, "no letters, no name"),
        ("  ", False, None, None, ""),
        (None, False, None, None, ""),
    ],
)
def test_name(text: str | None, given_first: bool, full_name: str | None, key: str | None, why: str) -> None:
    assert name(text, given_first=given_first) == (full_name, key), why


def test_parts_count_where_there_is_no_whole_name() -> None:
    whole = pl.Series([None, None, None, "", "Whole Name"], dtype=pl.String)
    parts = pl.DataFrame(
        {"family": ["van der Berg", None, None, "Ng", "Not"], "given": ["Jan", "Zoë", None, "Mei Ling", "This"]}
    )
    assert foreign.names(whole, parts)["name_key"].to_list() == [
        "vanderberg jan", "- zoe", None, "ng meiling", "whole name",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        ("10-4471-a", "104471A", "foreign"),
        (" 10 4471 A", "104471A", "foreign"),
        ("007", "007", "foreign"),  # zeros are digits like others
        ("0000000", None, "filler"),
        ("N/A", None, "filler"),
        ("--", None, "missing"),
        (None, None, "missing"),
    ],
)
def test_number(text: str | None, number: str | None, kind: str) -> None:
    found = foreign.numbers(pl.Series([text], dtype=pl.String))
    assert (found["id_number"].item(), found["id_kind"].item()) == (number, kind)


def test_no_cell_at_all() -> None:
    nothing = pl.Series([], dtype=pl.String)
    assert foreign.names(nothing).height == foreign.numbers(nothing).height == 0


@given(st.lists(st.text(max_size=12) | st.none(), min_size=1, max_size=5))
def test_every_key_is_two_ascii_words_and_stays_as_it_is(cells: list[str | None]) -> None:
    keys = foreign.names(pl.Series(cells, dtype=pl.String))["name_key"].drop_nulls()
    assert keys.str.contains(r"^(?:-|[a-z0-9]+) (?:-|[a-z0-9]+)$").all()
    again = foreign.numbers(foreign.numbers(pl.Series(cells, dtype=pl.String))["id_number"])["id_number"]
    assert again.to_list() == foreign.numbers(pl.Series(cells, dtype=pl.String))["id_number"].to_list()
