"""UTF-8 that was misread: wholly valid bytes come back, damaged ones only where one reading fits, all else stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vn import names_text
from vn.mojibake import mend_mojibake


def _by_a_vietnamese_windows(text: str) -> str:
    return "".join(bytes([code]).decode("cp1258", errors="ignore") or chr(code) for code in text.encode())


@given(names_text.real_names)
def test_misread_text_comes_back(name: str) -> None:
    once = names_text.misread(name)
    assert mend_mojibake(once) == name
    assert mend_mojibake(names_text.misread(once)) == name
    assert mend_mojibake(name.encode().decode("latin-1")) == name
    assert mend_mojibake(_by_a_vietnamese_windows(name)) == name
    assert mend_mojibake(names_text.misread(unicodedata.normalize("NFD", name))) == name


@pytest.mark.parametrize(
    ("seen", "meant", "why"),
    [
        ("Äáº·ng VÄƒn Äáº¡t", "Đặng Văn Đạt", "only Đ has a lost byte behind Ä"),
        ("Ä?áº·ng", "Đặng", "a question mark for the lost byte"),
        ("Ä\ufffdáº·ng", "Đặng", "the sign for an unreadable byte"),
        ("Nguyá»…n VÄƒn Bình", "Nguyễn Văn Bình", "good text beside: joined from two systems"),
        ("HÃ  Thá»‹ HÃ  An", "Hà Thị Hà An", "the no-break space of à became a space"),
        ("PhÆ°á»ng", "Phường", "of ề ọ ỏ Ố ờ only ờ makes a syllable"),
        ("Phố â€œMá»›iâ€\u009d", "Phố “Mới”", "quotation marks of three bytes"),
    ],
)
def test_damaged_text_comes_back_where_one_reading_fits(seen: str, meant: str, why: str) -> None:
    assert mend_mojibake(seen) == meant, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Trá»ng", "Trềng, Trọng, Trỏng: syllables all"),
        ("Há»", "Hề, Họ, Hỏ, Hờ: nobody knows"),
        ("Nguyá»…n Há»", "one word is certain, the other is not: the cell stays whole"),
        ("XÃ TÂN PHÚ", "good capitals"),
        ("«Lá»", "a good word and quotation marks"),
        ("«Quá»", "a good word and quotation marks"),
        ("Ä", "a German letter"),
        ("Ärzte", "a German word"),
        ("Æ", "a Danish letter"),
        (names_text.misread("Анна"), "letters of another language"),
        (names_text.misread("Müller"), "no Vietnamese letter"),
        ("Â§ 5", "a sign that no name needs"),
    ],
)
def test_what_is_not_certain_stays(text: str, why: str) -> None:
    assert mend_mojibake(text) in (text, text.replace("Â§", "§")), why


@given(names_text.real_names, st.sampled_from(["«{}»", "“{}”", "{} •", "– {}", "{}…", "{}€", "{} ½", "№ {}"]))
def test_good_names_among_signs_stay(name: str, form: str) -> None:
    for text in (form.format(name), form.format(name.upper()), form.format(name.lower())):
        assert mend_mojibake(text) == text


@given(st.text())
def test_any_text_is_decoded_to_a_fixed_point(text: str) -> None:
    assert mend_mojibake(mend_mojibake(text)) == mend_mojibake(text)
