"""Typing residue: any name typed in Telex or VNI comes back whole or not at all; real words stay."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vn import names_text
from vn.keystrokes import mend
from vn.tone import TONES, put_tone

KEYS = {
    "telex": ({"\u0302": "", "\u0306": "w", "\u031b": "w"}, "sfrxj", "dd"),
    "vni_typing": ({"\u0302": "6", "\u0306": "8", "\u031b": "7"}, "12345", "d9"),
}


def keys(word: str, code: str) -> str:
    """What the keyboard sends for the word: letter keys in place, the tone key last."""
    shapes, tone_keys, d_bar = KEYS[code]
    sent, tone = "", ""
    for mark in unicodedata.normalize("NFD", word.lower()):
        if mark in TONES:
            tone = tone_keys[TONES.index(mark)]
        elif mark == "\u0302" and code == "telex":
            sent += sent[-1]
        else:
            sent += shapes.get(mark, d_bar if mark == "đ" else mark)
    return sent + tone


@given(names_text.real_names.filter(str.isprintable), st.sampled_from(sorted(KEYS)))
def test_a_typed_name_comes_back_whole_or_stays(name: str, code: str) -> None:
    typed = [keys(word, code) for word in name.split()]
    decoded, found = mend(typed)
    if not found:
        assert decoded == typed
    elif found == code and not {"'", "ñ"} & set(name.lower()):
        assert [word.lower() for word in decoded] == _placed(name)


def _placed(name: str) -> list[str]:
    return [put_tone(word) for word in name.lower().split()]


@pytest.mark.parametrize(
    ("typed", "meant", "code"),
    [
        ("Nguyeenx Vawn An", "Nguyễn Văn An", "telex"),
        ("NGUYEENX An", "NGUYỄN An", "telex"),
        ("Duongw An", "Dương An", "telex"),
        ("Nguyenex An", "Nguyễn An", "telex"),
        ("Nguye6n4 An", "Nguyễn An", "vni_typing"),
        ("Nguyen64 An", "Nguyễn An", "vni_typing"),
        ("Pham5 Ha2", "Phạm Hà", "vni_typing"),
    ],
)
def test_typed(typed: str, meant: str, code: str) -> None:
    assert mend(typed.split()) == (meant.split(), code)


@pytest.mark.parametrize(
    "text", ["Das", "Taj", "Raj", "Lee Das", "Moong Das", "Hoang Kim Oanh", "Thoa", "Xoan", "Lan2", "Tran Thi Lan2"]
)
def test_real_words_stay(text: str) -> None:
    assert mend(text.split()) == (text.split(), "")


def test_nothing_typed() -> None:
    assert mend([]) == ([], "")
