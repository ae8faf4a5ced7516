"""Letters of other scripts: mended where they certainly stand for Latin ones, left where they may be meant."""

import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vn import names_text
from vn import scripts
from vn.tone import table

LOOKS: dict[str, list[str]] = {}
for _row in table("look_alikes.csv"):
    if _row["by"] == "look":
        LOOKS.setdefault(_row["latin"], []).append(_row["letter"])


@pytest.mark.parametrize(
    ("text", "meant", "why"),
    [
        ("Vi \u0422hị Xuân", "Vi Thị Xuân", "one Cyrillic capital"),
        ("\u041dồ \u039dgọ\u0441 Xuân", "Hồ Ngọc Xuân", "Cyrillic and Greek in one name"),
        ("Lê \u041d\u043e\u0430", "Lê Hoa", "a whole word of look-alikes beside a Latin one, a name if it is read so"),
        ("\u0422hanh H\u043e\u0301a", "Thanh Hóa", "a Cyrillic o under a Vietnamese tone mark"),
        ("\u0422h\u0430n\u043d", "Thanh", "н is no h, but the small letter of Н, and the word is one then"),
        ("\u03bdăn \u0391n", "văn An", "ν looks like v"),
        ("Nguyễ\u03bd", "Nguyễn", "ν is the small letter of Ν where v makes no word"),
        ("L\u03b1n", "Lan", "Greek small letter in a word that is known"),
        ("Giàng \u0410 Páo", "Giàng A Páo", "a name of one letter"),
        ("\u041d'Hen Niê", "H'Hen Niê", "prefix and name are one word"),
        ("\ua4eenh \u13aanh", "Anh Anh", "Lisu and Cherokee letters are all capitals"),
        ("\u0410ustria", "Austria", "no Vietnamese word, but mixed, and A is sure"),
    ],
)
def test_mended(text: str, meant: str, why: str) -> None:
    assert scripts.mend(text) == meant, why
    assert scripts.mend(unicodedata.normalize("NFD", text)) == meant, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Анна Петрова", "a foreigner's name"),
        ("Ноа", "nothing Latin beside: may be a foreigner's"),
        ("Công ty Рост", "a Russian word beside Latin ones: Poct is no word"),
        ("Công ty ТНТ", "an abbreviation: nobody knows of what"),
        ("Lê Жоàng", "Ж looks like no Latin letter"),
        ("IFNα-2b", "alpha is a sign of medicine"),
        ("Interferon α", "the same, alone"),
        ("5 μg, 5 µg", "micro"),
        ("kΩ, Δt", "signs of physics"),
        ("陈伟 Lê", "Chinese"),
        ("Trần Thị Ánh", "all Latin"),
        ("12 Lê Lợi", "all Latin"),
        ("", "nothing"),
    ],
)
def test_left(text: str, why: str) -> None:
    assert scripts.mend(text) == text, why


@given(names_text.real_names, st.randoms(use_true_random=False))
def test_a_name_comes_back_whatever_letters_were_exchanged(name: str, random: Random) -> None:
    words = []
    for word in unicodedata.normalize("NFD", name).split(" "):
        kept = next((at for at, letter in enumerate(word) if letter in "gđĐtbdkmhlrGRDQUFL"), None)
        exchange = [at != kept and letter in LOOKS and random.random() < 0.5 for at, letter in enumerate(word)]
        words.append(
            "".join(
                random.choice(LOOKS[letter]) if other else letter for letter, other in zip(word, exchange, strict=True)
            )
            if kept is not None
            else word
        )
    assert scripts.mend(" ".join(words)) in (name, unicodedata.normalize("NFD", name))


@given(st.text(st.sampled_from("АВНОТаоенкмνηυΝαЖ abcHhóễ'Aβ\u0301\u0306")))
def test_what_is_mended_stays(text: str) -> None:
    once = scripts.mend(text)
    assert scripts.mend(once) == once


@pytest.mark.parametrize(
    ("code", "latin"),
    [("\u041d\u04214797912345678", "HC4797912345678"), ("\u0421\u0421\u0421D", "CCCD"), ("0792", "0792")],
)
def test_codes_have_no_letters_but_latin_ones(code: str, latin: str) -> None:
    assert scripts.as_latin(code) == latin
