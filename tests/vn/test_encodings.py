"""Legacy encodings: what was certainly one is decoded, whatever else stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vn import names_text
from vn import encodings
from vn.tone import table

TCVN3_PAIRS = [(row["byte"], row["seen_as"], row["letter"]) for row in table("tcvn3.csv")]


def _typed_for(font: str, text: str) -> str:
    seen: dict[str, str] = {}
    for row in table(f"{font}.csv"):
        seen.setdefault(row["letter"], row["seen_as"])
    return "".join(seen.get(letter, letter) for letter in text)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("NguyÔn V¨n §øc", "Nguyễn Văn Đức"), ("µ¶·¸¹", "àảãáạ"), ("\u00ad", "ư"), ("Lª", "Lê")],
)
def test_tcvn3_letters(typed: str, meant: str) -> None:
    assert encodings.from_tcvn3(typed) == meant


def test_tcvn3_table_is_one_to_one_and_names_its_bytes() -> None:
    assert len({seen for _, seen, _ in TCVN3_PAIRS}) == len({letter for *_, letter in TCVN3_PAIRS}) == 90
    assert all(bytes([int(code, 16)]).decode("latin-1") == seen for code, seen, _ in TCVN3_PAIRS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Nguyeãn Vaên Ñöùc", "Nguyễn Văn Đức"),
        ("NGUYEÃN VAÊN ÑÖÙC", "NGUYỄN VĂN ĐỨC"),
        ("aù aø aû aõ aï", "á à ả ã ạ"),
        ("ôï öï yø î", "ợ ự ỳ ỵ"),
        ("í ì æ ó ò", "í ì ỉ ĩ ị"),
    ],
)
def test_vni_letters(typed: str, meant: str) -> None:
    assert encodings.from_vni(typed) == meant


@pytest.mark.parametrize("name", ["Nguyễn Văn Đức", "Trần Thị Lệ", "Phạm Quốc Hưng", "Đặng Thị Mỹ Hạnh"])
def test_names_come_back_from_both_fonts(name: str) -> None:
    assert encodings.mend_font(_typed_for("tcvn3", name)) == (name, "tcvn3")
    assert encodings.mend_font(_typed_for("vni", name)) == (name, "vni_font")


@pytest.mark.parametrize(
    "text",
    ["Lê", "Hồ Hoà", "Hà Thị Hoà", "Phan Thanh Đạt", "Maï Lan", "José", "Nuñez", "Êñuôl", "Niê", "", "An"],
)
def test_real_names_stay(text: str) -> None:
    assert encodings.mend_font(text) == (text, "")
    assert encodings.mend_mojibake(text) == text


@given(names_text.real_names)
def test_real_names_always_stay(name: str) -> None:
    assert encodings.mend_font(name) == (name, "")
    assert encodings.mend_mojibake(name) == name


@given(names_text.real_names)
def test_utf8_read_as_a_code_page_comes_back(name: str) -> None:
    once = names_text.misread(name)
    assert encodings.mend_mojibake(once) == name
    assert encodings.mend_mojibake(names_text.misread(once)) == name
    assert encodings.mend_mojibake(name.encode().decode("latin-1")) == name


def test_damaged_mojibake_stays_as_it_is() -> None:
    damaged = names_text.misread("Đặng Văn Đạt").replace("\u0090", "")
    assert encodings.mend_mojibake(damaged) == damaged


def test_mojibake_of_another_language_stays() -> None:
    russian = names_text.misread("Анна")
    assert encodings.mend_mojibake(russian) == russian


def test_both_fonts_possible_but_one_in_use() -> None:
    # TCVN3 would make "Phan Nhử Thũ": syllables too, but no one's name.
    assert encodings.mend_font("Phan Nhö Thò") == ("Phan Như Thị", "vni_font")


@given(st.text())
def test_any_text_is_decoded_to_a_fixed_point(text: str) -> None:
    assert encodings.mend_mojibake(encodings.mend_mojibake(text)) == encodings.mend_mojibake(text)
