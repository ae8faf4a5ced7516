"""Tone marks stand in the old style's place, and only syllables that can be are syllables."""

import unicodedata

import pytest

from vn.tone import TONES, bases, is_syllable, put_tone, table, take_tone


@pytest.mark.parametrize(
    ("word", "placed"),
    [
        ("hoà", "hòa"),
        ("thuý", "thúy"),
        ("khoẻ", "khỏe"),
        ("qúy", "quý"),
        ("quý", "quý"),
        ("gía", "giá"),
        ("gì", "gì"),
        ("giếng", "giếng"),
        ("toàn", "toàn"),
        ("tòan", "toàn"),
        ("hưũ", "hữu"),
        ("hùynh", "huỳnh"),
        ("khuỷu", "khuỷu"),
        ("thuở", "thuở"),
        ("nguỹên", "nguyễn"),
        ("a\u0301\u0302n", "ấn"),
        ("xyzá", "xyzá"),
        ("ñinh", "ñinh"),
        ("áá", "áá"),
        ("", ""),
    ],
)
def test_place(word: str, placed: str) -> None:
    assert put_tone(word) == placed


@pytest.mark.parametrize("word", ["nguyễn", "quốc", "nghiêm", "gì", "giếng", "yến", "ý", "uyên", "khuất", "moong"])
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["nguyên1", "das", "raj", "dat", "cê", "ngê", "gha", "đàt", "blô", "wăn", "", "áá"])
def test_what_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize("base", ["hoa", "thuy", "quy", "gia", "toan", "huynh", "khuyu", "nguyên", "lươn"])
def test_wherever_the_mark_was_it_goes_to_one_place(base: str) -> None:
    vowels = [at for at, letter in enumerate(base) if letter in "aăâeêioôơuưy"]
    for tone in TONES:
        spelt = {put_tone(unicodedata.normalize("NFC", base[: at + 1] + tone + base[at + 1 :])) for at in vowels}
        assert len(spelt) == 1
        assert take_tone(spelt.pop()) == (base, tone)


def test_every_word_of_the_name_tables_is_a_syllable() -> None:
    surnames = [row["surname"] for row in table("surnames.csv") if row["kind"] != "ethnic"]
    words = [row["word"] for row in table("name_words.csv")] + " ".join(surnames).split()
    assert [word for word in words if not is_syllable(word.lower())] == []


def test_syllables_without_a_tone_are_their_own_base() -> None:
    assert all(take_tone(base) == (base, "") for base in bases())
