"""Legacy encodings: what was certainly one is decoded, whatever else stays; columns say what cells say."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import legacy_text
from tests.vn import names_text
from vn import encodings

CORPUS = legacy_text.corpus()
SAMPLE = {kind: cells[:: max(1, len(cells) // 400)] for kind, cells in CORPUS.items()}
LEAST = {"mojibake_lost_bytes": 0.85, "mojibake_no_break_space_lost": 0.9, "cp1258": 0.9, "cp1258_capitals": 0.9}
"""The share that must come back at least, where bytes are lost or letters are also Vietnamese ones; else 0.94."""
FOREIGN = (
    """
Müller|Jürgen Schröder|Bø|Åse Hansen|Øystein|Zoë|Noël|Chloé|René|Hélène|Thérèse|François|Côté|Crêpe|Pâté|Café|São Paulo
João|Conceição|Gonçalves|Muñoz|Núñez|Peña|Íñigo|Ángel|José María García Martínez|Maï|Tô Maï|Loïc|Anaïs|Gaël|Étienne|Ève
Zürich|Köln|Malmö|København|Ærø|Þór|Guðmundsdóttir|Ólafur|Nîmes|Besançon|Curaçao|Güneş|Çelik|Öztürk|İstanbul|Łódź|Dvořák
Nestlé|L'Oréal|Citroën|Häagen-Dazs|Société Générale|Lü Wei|Lü|Nü|Mü|Tø|Sö|Dö|Lö|Sü|Hö|Bö|Mø|Ö|Ä|Å|Æ|Ø|ß|Straße|ÿ|Ð|þ
Hexaxim®|Infanrix® Hexa|Twinrix™|Gardasil®9|5 µg|0,5 ml ± 0,1|«Sao Mai»|“Sao Mai”|25 °C|½ liều|§ 5 khoản 2|£100|€20
© 2024|Nº 5|1º|2ª|m² 25|25 ÷ 30|x × y|Lõhmus|Jõgeva|Põld|Võru|Mäkinen|Père|Lycée|Hôpital|Métropole|Où|Voilà|Mañana|Señor
Mãe|Pão|Привет|中文|日本語|한국어|ＡＢＣ株式会社|สวัสดี|Trần Noël|Lê André|Hồ René|Mai Chloé|Lý Zoé|Hà Müller
Bệnh viện FV Hôpital|Công ty TNHH Nestlé Việt Nam|Bánh Pâté|Quán Café Ơi|Êñuôl|H'Hen Niê|Y Ƀuôr|Krông Pắc
XÃ EA HLEO|Công ty Mü Lê|Lê Thò Mü|Hòang|Qúy|Vãn An|Laõ
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize(
    ("cell", "meant", "repairs", "why"),
    [
        ("12 Lª Lîi, ph\u00adêng BÕn NghÐ", "12 Lê Lợi, phường Bến Nghé", "tcvn3", "an address"),
        ("TR\u00adêNG THCS NGUYÔN TR·I", "TRƯỜNG THCS NGUYỄN TRÃI", "tcvn3", "a font of capitals"),
        ("N÷", "Nữ", "tcvn3", "one word, whose sign no language has in a word"),
        ("X· Ea Kar", "Xã Ea Kar", "tcvn3", "a sign in the word, names of a minority beside"),
        ("§¾k L¾k", "Đắk Lắk", "tcvn3", "no syllables, but words of many places"),
        ("Infanrix lÇn 2", "Infanrix lần 2", "tcvn3", "a foreign word beside"),
        ("Toå 5, Phoá Hueá", "Tổ 5, Phố Huế", "vni_font", "an address"),
        ("XAÕ NGUÕ CHÆ SÔN", "XÃ NGŨ CHỈ SƠN", "vni_font", "capitals"),
        ("Nöõ", "Nữ", "vni_font", "two marks in a word"),
        ("Phan Nhö Thò", "Phan Như Thị", "vni_font", "TCVN3 makes syllables too (Nhử Thũ), which no one is called"),
        ("Lö Thò Hoàng Anh", "Lư Thị Hồng Anh", "vni_font", "one short word is none, but two others fit as well"),
        ("Y Wit Nieâ", "Y Wit Niê", "vni_font", "a name of a minority"),
        ("PhýõÌng TrýõÌng Thi", "Phường Trường Thi", "cp1258", "tones are letters of their own"),
        ("Công ty cổ phâÌn", "Công ty cổ phâÌn", "", "no code page holds both"),
        ("NÞ", "NÞ", "", "too little to tell"),
        ("TiÃªm láº§n 2", "Tiêm lần 2", "mojibake", "a note"),
        ("Ðông Ba", "Đông Ba", "eth", "the Icelandic letter"),
        ("Ðãng", "Ðãng", "", "Đãng, or Đăng in windows-1258"),
        ("Ｈuế\u200b", "Huế", "unicode", "full width, and a space of no width"),
        ("Thôn 4\ufe0d", "Thôn 4", "unicode", "a variation selector"),
        ("Thôn ٣, xã Ea\u3164Kar", "Thôn 3, xã Ea Kar", "unicode", "an Arabic digit, a filler between words"),
        ("\u0420hường \u0422ân Thới", "Phường Tân Thới", "other_script", "Cyrillic capitals in words"),
        ("N\u0430m", "Nam", "other_script", "a sex with a Cyrillic letter"),
        ("\u041dồ Tây\u200b", "Hồ Tây", "unicode,other_script", "both"),
        ("ул. Ленина 5", "ул. Ленина 5", "", "an address abroad"),
        ("Hu\u00adế", "Huế", "unicode", "a soft hyphen beside a letter that no font has"),
        ("C\u00ad Jót", "C\u00ad Jót", "", "the soft hyphen is ư in TCVN3: not dropped"),
        (unicodedata.normalize("NFD", "TrÇn"), "Trần", "tcvn3,unicode", "a Mac decomposed what was misread"),
        ("Lê Lai", "Lê Lai", "", "Western letters, good words"),
        ("", "", "", "nothing"),
    ],
)
def test_cells(cell: str, meant: str, repairs: str, why: str) -> None:
    mended = encodings.mend(cell)
    assert (mended.text, ",".join(mended.repairs)) == (meant, repairs), why


@pytest.mark.parametrize("text", FOREIGN)
def test_foreign_and_good_text_stays(text: str) -> None:
    assert encodings.mend(text) == (text, ())


def test_good_cells_stay() -> None:
    good = legacy_text.good_cells()
    assert legacy_text.wrongly_repaired(good[:: len(good) // 20_000]) == []


@pytest.mark.long
def test_all_good_cells_stay() -> None:
    assert legacy_text.wrongly_repaired(legacy_text.good_cells()) == []


@pytest.mark.parametrize("name", legacy_text.DAMAGE)
def test_damaged_cells_come_back_or_stay(name: str) -> None:
    for kind, cells in SAMPLE.items():
        found = legacy_text.outcome(cells, legacy_text.DAMAGE[name])
        assert found["wrong"] == 0, kind
        assert found["repaired_share"] >= LEAST.get(name, 0.94), kind


@given(names_text.real_names)
def test_real_names_always_stay(name: str) -> None:
    for form in (name, name.upper(), name.lower()):
        assert encodings.mend(form) == (form, ())


MANGLED = [*names_text.MANGLED, *legacy_text.DAMAGE.values()]
cells_of_all_kinds = st.one_of(
    names_text.cells,
    st.builds(lambda cell, mangle: mangle(cell), st.sampled_from(SAMPLE["addresses"]), st.sampled_from(MANGLED)),
    st.sampled_from(FOREIGN),
)


@given(st.lists(st.none() | cells_of_all_kinds, max_size=8))
def test_a_column_says_what_its_cells_say(cells: list[str | None]) -> None:
    table = encodings.repair(pl.Series(cells, dtype=pl.String))
    assert table.schema == {"text": pl.String, "repair": pl.String}
    for cell, row in zip(cells, table.rows(), strict=True):
        mended = encodings.mend(cell or "")
        assert row == (None if cell is None else mended.text, ",".join(mended.repairs))


@given(cells_of_all_kinds)
def test_what_is_mended_is_good(text: str) -> None:
    once = encodings.mend(text)
    assert set(once.repairs) <= set(encodings.CODES)
    assert (once.text == text) == (once.repairs == ())
    assert encodings.mend(once.text).text == once.text
