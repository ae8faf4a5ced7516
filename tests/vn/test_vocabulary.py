"""Words: what a person may have typed as it stands, and what a legacy encoding may have meant."""

import unicodedata

import pytest

from vn import vocabulary
from vn.name_words import name_words
from vn.tone import table

LISTED = [row["word"] for row in table("text_words.csv")]


@pytest.mark.parametrize(
    ("word", "good", "why"),
    [
        ("Lê", True, "a syllable"),
        ("hòa", True, "the old style's place"),
        ("Hoà", True, "the new style's place"),
        ("Hòang", True, "a mark in the wrong place of a usual word"),
        ("Xaõ", False, "xão is no usual word: the letters of a VNI font for xã"),
        ("Đắk", True, "no syllable, but in many places' names"),
        ("Ðặng", True, "the Icelandic letter typed for Đ"),
        ("ThỊ", False, "a capital inside: debris or a font"),
        ("TÊn", False, "a capital inside: debris or a font"),
        ("Müller", False, "no Vietnamese word"),
        ("Vãn", True, "a syllable, though it may be Văn in windows-1258"),
    ],
)
def test_good_words(word: str, good: bool, why: str) -> None:
    assert vocabulary.is_good(word) is good, why


@pytest.mark.parametrize(
    ("word", "spelt"),
    [("thũ", True), ("hoạ", True), ("thuỷ", True), ("quỷ", True), ("qủy", False), ("maù", False), ("lắk", True)],
)
def test_spelling_of_decoded_words(word: str, spelt: bool) -> None:
    assert vocabulary.is_well_spelt(word) is spelt


def test_usual_words_come_from_all_tables() -> None:
    assert all(map(vocabulary.is_usual, ("nguyễn", "phường", "trường", "vắc", "đắk", "nữ")))
    assert not any(map(vocabulary.is_usual, ("à", "thũ", "müller")))


def test_listed_words_are_lower_case_composed_and_marked() -> None:
    assert all(word == unicodedata.normalize("NFC", word.lower()) and not word.isascii() for word in LISTED)
    assert len(set(LISTED)) == len(LISTED)
    assert all(map(vocabulary.is_good, LISTED))


def test_the_alphabet_is_that_of_the_names() -> None:
    letters = {letter for word in name_words() for letter in word if letter.isalpha() and not letter.isascii()}
    assert letters <= vocabulary.alphabet()
    assert all(len(letter) == 1 for letter in vocabulary.alphabet())
    assert vocabulary.alphabet().isdisjoint("äüßøåæþð¨§ª\u00ad")
