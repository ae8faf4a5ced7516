"""Names: every case of docs/sources.md 4.2 as a row, and what must hold for any text at all."""

import unicodedata

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.vn import names_text
from vn import names
from vn.name_parse import CODES
from vn.tone import table

CASES = names_text.cases()


@pytest.mark.parametrize("case", CASES, ids=[f"{case.why}: {case.cell!r}" for case in CASES])
def test_case_of_the_table(case: names_text.Case) -> None:
    parsed = names.parse(case.cell)
    found = f"!{parsed.why_not}" if parsed.full_name is None else parsed.full_name
    assert (found, parsed.note or "", ",".join(parsed.repairs)) == (case.name, case.note, case.repairs)


def test_every_repair_has_a_case() -> None:
    assert {code for case in CASES for code in case.repairs.split(",")} - {""} == set(CODES)


def test_missing_cell_has_no_name() -> None:
    assert names.normalise(None) is None
    assert names.why_not(None) == "missing"
    assert names.why_not("Nguyễn Văn An") is None


def test_lossless_repairs_are_known_and_leave_out_whatever_cuts_or_guesses() -> None:
    assert set(CODES) > names.LOSSLESS
    assert names.LOSSLESS.isdisjoint({"note", "joined", "telex", "vni_typing", "punctuation"})


@pytest.mark.parametrize("word", [row["word"] for row in table("name_words.csv")])
def test_words_of_real_names_are_never_repaired_but_in_tone_placement(word: str) -> None:
    assert set(names.parse(f"Nguyễn {word}").repairs) <= {"tone_placement"}
    assert names.parse(f"Nguyen {names.fold(word).title()}").repairs == ()


@pytest.mark.parametrize("surname", [row["surname"] for row in table("surnames.csv")])
def test_surnames_are_never_repaired(surname: str) -> None:
    assert names.parse(surname + " An") == names.Parsed(surname + " An", None, (), None)


@given(names_text.cells)
@example("İstanbul ŉgô")
@example("ǅ ǆ ß ﬁ Σς")
@example("BéNguyễn Văn An")
@example("(bé Nguyễn An) 2 (con ông A)")
@example("H' ' Hen")
def test_normalise_is_idempotent(text: str) -> None:
    once = names.normalise(text)
    assert names.normalise(once) == once


@given(names_text.cells)
def test_canonical_form(text: str) -> None:
    name = names.normalise(text)
    if name is None:
        assert names.why_not(text)
        return
    assert names.why_not(text) is None
    assert unicodedata.is_normalized("NFC", name)
    assert name == " ".join(name.split())


@given(names_text.real_names)
def test_lossless_faults_come_back_to_the_name(name: str) -> None:
    name = names.normalise(name) or ""
    for fault in (str.upper, str.lower, names_text.cp1258, names_text.misread):
        parsed = names.parse(fault(name))
        assert parsed.full_name == name
        assert set(parsed.repairs) <= names.LOSSLESS


REMARKS = ["{} - con bà Sáu", "{} (con ông Hồ Tâm)", "bé {}", "CB. {}", "3. {}", "{} 2", "{}.", "'{}", "{} (nữ)"]


@given(names_text.real_names, st.sampled_from(REMARKS))
@example("Võ Hoài Anh", "{} - con bà Sáu")
def test_a_remark_is_cut_and_the_name_left_alone(name: str, remark: str) -> None:
    parsed = names.parse(remark.format(name))
    assert set(parsed.repairs) <= {"note", "punctuation", "tone_placement"} | {"case"}
    kept = names.normalise(name) or ""
    # A title before a name of two words may be a name itself ("Bé Lê An" is cut, "Bé An" is not).
    assert parsed.full_name in (kept, f"Bé {kept}", f"Cb {kept}")
    assert parsed.full_name == kept or parsed.note is None


@given(st.lists(st.none() | names_text.cells, max_size=12))
@example([None])
@example([])
@example(["", " ", "Nguyễn " * 300, "bé Lê Thị An", None])
@example(["Vương Thị Minh Lan", "Lan con ông Bảy", "Chị Lê Thị Huyền", "An Qỳnh bé gái", "Con Bảy", "Không Rõ Tên"])
@example(["An Qỳnh", "Huỳh Xuân Sơn", "Hà Tvn", "Trần Nguyễn Leân", "Lee Thi Lan", "Phan Qvuí", "Thaïch Thò Sraây"])
@example(["HUỲH Xuân Sơn", " An  Qỳnh", "an Qỳnh", "An Qỳnhvà Bình", "An Qỳnh va Bà Hồ Tâm", "NguyễnThị Qỳnh", "Xyz"])
def test_column_says_what_the_scalar_says(cells: list[str | None]) -> None:
    column = names.standardise(pl.Series(cells, dtype=pl.String))
    assert column.columns == ["full_name", "name_key", "name_note", "name_repairs"]
    for cell, row in zip(cells, column.rows(), strict=True):
        parsed = names.parse(cell)
        key = None if parsed.full_name is None else names.fold(parsed.full_name)
        assert row == (parsed.full_name, key, parsed.note, ",".join(parsed.repairs))


@given(st.lists(names_text.real_names, min_size=1, max_size=8), st.data())
def test_column_says_what_the_scalar_says_of_names_with_slips(real: list[str], data: st.DataObject) -> None:
    letters = st.sampled_from("aeioudghklmnqtvxyâêôăơưđàáảãạẻệủỹÀĐXs1.' ")
    cells = []
    for name in real:
        at = data.draw(st.integers(0, len(name) - 1))
        cells.append(name[:at] + data.draw(st.text(letters, max_size=2)) + name[at + data.draw(st.integers(0, 1)) :])
    column = names.standardise(pl.Series(cells, dtype=pl.String))
    for cell, row in zip(cells, column.rows(), strict=True):
        parsed = names.parse(cell)
        assert (row[0], row[2], row[3]) == (parsed.full_name, parsed.note, ",".join(parsed.repairs)), cell


def test_column_of_an_unknown_type_is_read_as_text() -> None:
    assert names.standardise(pl.Series([None, None])).height == 2


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Nguyễn Thị Đào", "nguyen thi dao"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Đào"), "nguyen thi dao"),
        ("Ðặng Ɖức", "dang duc"),
        ("H’Hen Niê", "h hen nie"),
        ("Y Ƀuôr Čŏŭñ", "y buor coun"),
        ("Số ĐDCN/CCCD", "so ddcn cccd"),
        ("ngay_sinh", "ngay sinh"),
        (" --- ", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert names.fold(text) == folded


@given(st.text())
def test_fold_is_ascii_and_idempotent(text: str) -> None:
    folded = names.fold(text)
    assert folded.isascii()
    assert names.fold(folded) == folded == " ".join(folded.lower().split())


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Nguyễn Văn An", ("Nguyễn", "Văn", "An")),
        ("Trần An", ("Trần", "", "An")),
        ("Lan", ("", "", "Lan")),
        ("Nguyễn Thị Ngọc Lan", ("Nguyễn", "Thị Ngọc", "Lan")),
        ("Nguyễn Lê An", ("Nguyễn Lê", "", "An")),
        ("Nguyễn Lê", ("Nguyễn", "", "Lê")),
        ("Nguyễn Hoàng Anh", ("Nguyễn", "Hoàng", "Anh")),
        ("Tôn Nữ Thị Hoa", ("Tôn Nữ", "Thị", "Hoa")),
        ("Tôn Thất Tùng", ("Tôn Thất", "", "Tùng")),
        ("Công Tằng Tôn Nữ Hoa", ("Công Tằng Tôn Nữ", "", "Hoa")),
        ("Ksor Phước", ("Ksor", "", "Phước")),
        ("Rơ Ô Bhung", ("Rơ Ô", "", "Bhung")),
        ("Giàng A Páo", ("Giàng", "A", "Páo")),
        ("Y Phôn Êban", ("", "", "Y Phôn Êban")),
        ("H'Hen Niê", ("", "", "H'Hen Niê")),
        ("K'Brưm", ("", "", "K'Brưm")),
        ("Ka Hem", ("", "", "Ka Hem")),
    ],
)
def test_split(name: str, parts: tuple[str, str, str]) -> None:
    assert names.split(name) == parts


@given(st.lists(st.none() | names_text.cells, max_size=8))
@example(["Nguyễn Lê An", None, "", " ", "Y Phôn Êban", "A  B"])
def test_split_column_says_what_split_says(cells: list[str | None]) -> None:
    column = names.split_column(pl.Series(cells, dtype=pl.String))
    assert column.columns == ["surname", "middle_name", "given_name"]
    expected = [(None,) * 3 if cell is None else names.split(cell) for cell in cells]
    assert column.rows() == expected
