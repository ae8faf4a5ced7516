"""The tables of characters say what Unicode says, by the properties that Polars knows by itself."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vn import cells
from vn.characters import DIGITS, FONTS, FULL_WIDTH, INVISIBLE, is_other_letter, printed
from vn.tone import table

ALL = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]


def with_property(pattern: str) -> set[int]:
    """Code points of Unicode 14 (Python 3.11's) and of what it leaves free."""
    known = pl.Series(ALL).str.contains(r"^[\p{Age=14.0}\p{Cn}]$")
    return {ord(letter) for letter in pl.Series(ALL).filter(known & pl.Series(ALL).str.contains(pattern))}


def test_what_prints_nothing_is_ignorable_or_a_format_character_by_unicode() -> None:
    printed_marks = with_property(r"^\p{Prepended_Concatenation_Mark}$")
    by_property = with_property(r"^[\p{Default_Ignorable_Code_Point}\p{Cf}]$") - printed_marks
    # Besides: Braille without a dot, and what a picture leaves behind. Format characters of a later Unicode are not in.
    assert set(INVISIBLE) - by_property == {0x2800, 0xFFFC}
    later = {code for code in by_property - set(INVISIBLE) if unicodedata.category(chr(code)) != "Cn"}
    assert later == set()


def test_digits_are_those_of_unicode_with_their_values() -> None:
    decimal = {ord(letter): str(unicodedata.decimal(letter)) for letter in ALL if letter.isdecimal()}
    found = {code: chr(value) for code, value in (FULL_WIDTH | DIGITS).items() if chr(code).isdecimal()}
    assert found | {ord(digit): digit for digit in "0123456789"} == decimal


def test_letters_of_other_scripts_are_letters_without_the_property_latin() -> None:
    latin = with_property(r"^\p{Script=Latin}$")
    for letter in ALL:
        assert is_other_letter(letter) == (letter.isalpha() and ord(letter) not in latin)


def test_letters_of_mathematics_become_the_plain_ones() -> None:
    assert {chr(code): chr(plain) for code, plain in FONTS.items()}.items() >= {"𝐍": "N", "𝒂": "a", "ℝ": "R"}.items()
    assert all(unicodedata.normalize("NFKC", chr(code)) == chr(plain) for code, plain in FONTS.items())


@pytest.mark.parametrize(
    ("text", "shown", "codes"),
    [
        ("Lê An", "Lê An", set()),
        ("Lê An\ufe0d", "Lê An", {"invisible"}),
        ("Lê\U000e0100 An\ufffc", "Lê An", {"invisible"}),
        ("\u2066Lê An\u2069", "Lê An", {"invisible"}),
        ("Lê\u3164An", "Lê An", {"invisible"}),
        ("Lê\u2800\u2800An\u2800", "Lê An", {"invisible"}),
        ("07\u115f", "07", {"invisible"}),
        ("٠٧٩", "079", {"other_digits"}),
        ("०७९", "079", {"other_digits"}),
        ("０７９", "079", {"full_width"}),
        ("𝟎𝟕𝟗", "079", {"other_digits"}),
        ("𝐋ê 𝐀𝐧", "Lê An", {"full_width"}),
    ],
)
def test_what_is_printed(text: str, shown: str, codes: set[str]) -> None:
    assert printed(text) == shown
    assert cells.tidy(text) == shown
    assert cells.character_repairs(text) == codes


@given(st.text(st.sampled_from("Aé0 \u200b\u2800\u3164\ufe0d\u00ad٣３𝐀Н")))
def test_what_is_printed_is_printed_as_it_is(text: str) -> None:
    assert printed(printed(text)) == printed(text)


@pytest.mark.parametrize("row", table("look_alikes.csv"), ids=lambda row: f"{row['letter']} {row['by']}")
def test_a_look_alike_is_a_letter_of_its_script_and_stands_for_one_of_ascii(row: dict[str, str]) -> None:
    letter, latin = row["letter"], row["latin"]
    assert is_other_letter(letter)
    assert unicodedata.name(letter).startswith(row["script"].upper())
    assert unicodedata.normalize("NFD", letter) == letter
    assert len(latin) == 1
    assert latin.isascii()
    assert latin.isalpha()
    by_look = {row["letter"]: row["latin"] for row in table("look_alikes.csv") if row["by"] == "look"}
    assert row["by"] == "look" or by_look[letter.upper()] == latin.upper()


def test_no_letter_stands_twice_in_one_way() -> None:
    rows = [(row["letter"], row["by"]) for row in table("look_alikes.csv")]
    assert len(set(rows)) == len(rows)
