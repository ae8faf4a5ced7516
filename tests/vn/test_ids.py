"""Identity numbers: every form of docs/sources.md 1.4, the anatomy, fillers, wrong columns; scalar and column agree."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vn import ids
from vn.territories import birth_codes

GOOD = "079203012345"

# cell, number, repairs, why the row is here
TWELVE = [
    ("079203012345", GOOD, "", "as it should be"),
    ("79203012345", GOOD, "zero_padded", "Excel dropped the leading zero"),
    ("79203012345.0", GOOD, "decimal_zero,zero_padded", "Excel number printed as a float"),
    ("079203012345.0", GOOD, "decimal_zero", "text printed as a float"),
    ("79,203,012,345.00", GOOD, "decimal_zero,separators,zero_padded", "a number format with groups and decimals"),
    ("7.9203012345E+10", GOOD, "scientific_exact,zero_padded", "scientific, but every digit is there"),
    ("079 203 012 345", GOOD, "spaces", "groups"),
    ("079.203.012.345", GOOD, "separators", "groups"),
    ("079-203-012-345", GOOD, "separators", "groups"),
    ("079203012345 ", GOOD, "spaces", "trailing space"),
    ("\t079203012345\n", GOOD, "spaces", "tab and line end from a web page"),
    ("'079203012345", GOOD, "apostrophe", "Excel's text mark typed into the cell"),
    ("’079203012345", GOOD, "apostrophe", "the same after autocorrection"),
    ('="079203012345"', GOOD, "apostrophe", "formula that keeps the zero"),
    ("079\u00a0203\u00a0012345", GOOD, "spaces", "no-break spaces"),
    ("\u200b079203012345", GOOD, "invisible", "zero-width space"),
    ("\ufeff079203012345", GOOD, "invisible", "byte order mark"),
    ("０７９２０３０１２３４５", GOOD, "full_width", "full-width digits"),
    ("079203012345\ufe0d", GOOD, "invisible", "variation selector"),
    ("079203\u3164012345", GOOD, "invisible,spaces", "a filler that looks like a space"),
    ("٠٧٩٢٠٣٠١٢٣٤٥", GOOD, "other_digits", "Arabic digits of a telephone"),
    ("०७९२०३०१२३४५", GOOD, "other_digits", "Devanagari digits"),
    ("\u0421\u0421\u0421D: 079203012345", GOOD, "label", "the label in Cyrillic letters"),
    ("\u041e79203012345", GOOD, "look_alike", "a Cyrillic O for 0"),
    ("O79203012345", GOOD, "look_alike", "O for 0"),
    ("o792o3o12345", GOOD, "look_alike", "o for 0"),
    ("07920301234S", GOOD, "look_alike", "S for 5"),
    ("0792030I2345", GOOD, "look_alike", "I for 1"),
    ("0792030l2345", GOOD, "look_alike", "l for 1"),
    ("07920301234B", "079203012348", "look_alike", "B for 8"),
    ("CCCD: 079203012345", GOOD, "label", "label in the cell"),
    ("Số định danh 079203012345", GOOD, "label", "label in the cell"),
    ("CCCD079203012345", GOOD, "label", "label glued to the number"),
    ("079203012345/012345678", GOOD, "two_numbers", "both numbers; the old one is a filler"),
    ("101203012345", "101203012345", "", "birth registered abroad: accepted"),
    ("001087654321", "001087654321", "", "Hà Nội, lowest code"),
    ("096306123456", "096306123456", "", "Cà Mau, highest code"),
]

# cell, CMND, repairs
NINE = [
    ("271450001", "271450001", ""),
    ("012 345 679", "012345679", "spaces"),
    ("12345679", "012345679", "zero_padded"),
    ("12345679.0", "012345679", "decimal_zero,zero_padded"),
    ("CMND 271450001", "271450001", "label"),
    ("27l45OOO1", "271450001", "look_alike"),
]

# cell, kind, why not
NOTHING = [
    (None, "missing", "missing"),
    ("", "missing", "missing"),
    (" \u00a0\u200b", "missing", "missing"),
    ("000000000000", "filler", "filler"),
    ("0", "filler", "filler"),
    ("111111111111", "filler", "filler"),
    ("999999999", "filler", "filler"),
    ("123456789012", "filler", "filler"),
    ("012345678901", "filler", "filler"),
    ("123456789", "filler", "filler"),
    ("987654321", "filler", "filler"),
    ("000 000 000 000", "filler", "filler"),
    ("không", "filler", "filler"),
    ("Không có", "filler", "filler"),
    ("KHÔNG", "filler", "filler"),
    ("chưa có", "filler", "filler"),
    ("Chưa cấp", "filler", "filler"),
    ("x", "filler", "filler"),
    ("XXX", "filler", "filler"),
    ("-", "filler", "filler"),
    (".", "filler", "filler"),
    ("N/A", "filler", "filler"),
    ("NULL", "filler", "filler"),
    ("7.92E+10", "scientific", "scientific"),
    ("7,92E+10", "scientific", "scientific"),
    ("7.92030E+10", "scientific", "scientific"),
    ("8E+10", "scientific", "scientific"),
    ("7.920301235E+10", "scientific", "scientific"),
    ("1098012345", "unknown", "ten_digits"),
    ("7912345678", "unknown", "ten_digits"),
    ("BHXH: 7912345678", "bhxh", "wrong_column"),
    ("DN4797912345678", "bhyt", "wrong_column"),
    ("HC 4 79 7912345678", "bhyt", "wrong_column"),
    ("B1234567", "passport", "wrong_column"),
    ("c7654321", "passport", "wrong_column"),
    ("HC: B1234567", "passport", "wrong_column"),
    ("0912345678", "phone", "wrong_column"),
    ("0912.345.678", "phone", "wrong_column"),
    ("+84 912 345 678", "phone", "wrong_column"),
    ("01698123456", "phone", "wrong_column"),
    ("ĐT 02838123456", "phone", "wrong_column"),
    ("003203012345", "unknown", "bad_province"),
    ("999203012345", "unknown", "bad_province"),
    ("000203012345", "unknown", "bad_province"),
    ("079903012345", "unknown", "bad_century"),
    ("0792030123456", "unknown", "bad_length"),
    ("02345678", "unknown", "bad_length"),
    ("123", "unknown", "bad_length"),
    ("Nguyễn Văn An", "unknown", "letters"),
    ("079203O1234đ", "unknown", "letters"),
    ("OISSB", "unknown", "letters"),
]

CELLS = [row[0] for row in TWELVE] + [row[0] for row in NINE] + [row[0] for row in NOTHING]


@pytest.mark.parametrize(("cell", "number", "repairs", "why"), TWELVE)
def test_a_twelve_digit_number_is_recovered(cell: str, number: str, repairs: str, why: str) -> None:
    reading = ids.read(cell)
    assert (reading.id_number, reading.id_kind, reading.id_repairs, reading.id_why_not) == (
        number,
        "cccd",
        repairs,
        None,
    ), why


@pytest.mark.parametrize(("cell", "number", "repairs"), NINE)
def test_a_nine_digit_number_is_recovered(cell: str, number: str, repairs: str) -> None:
    reading = ids.read(cell)
    assert reading == ids.Reading(cmnd_number=number, id_kind="cmnd", id_repairs=repairs)


@pytest.mark.parametrize(("cell", "kind", "why_not"), NOTHING)
def test_what_is_no_number_says_what_it_is(cell: str | None, kind: str, why_not: str) -> None:
    assert ids.read(cell) == ids.Reading(id_kind=kind, id_why_not=why_not)
    assert ids.normalise(cell) is None
    assert ids.why_not(cell) == why_not


def test_two_numbers_in_one_cell_are_both_kept() -> None:
    reading = ids.read("079203012345 (CMND 271450001)")
    assert (reading.id_number, reading.cmnd_number, reading.id_repairs) == (GOOD, "271450001", "two_numbers")


def test_what_the_tables_list_is_what_the_readings_use() -> None:
    readings = [ids.read(cell) for cell in CELLS]
    assert {reading.id_kind for reading in readings} == set(ids.KINDS)
    assert {reading.id_why_not for reading in readings} - {None} == set(ids.WHY_NOT)
    assert {code for r in readings for code in r.id_repairs.split(",")} - {""} == set(ids.REPAIRS)


def test_a_guessed_digit_is_not_lossless() -> None:
    assert not ids.LOSSLESS & {"look_alike", "zero_padded"}
    assert {"spaces", "apostrophe", "decimal_zero"} <= ids.LOSSLESS < set(ids.REPAIRS)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("079203012345", ids.Anatomy("079", False, "Nam", 2003, "012345")),
        ("001187654321", ids.Anatomy("001", False, "Nữ", 1987, "654321")),
        ("096000000001", ids.Anatomy("096", False, "Nam", 1900, "000001")),
        ("048326000001", ids.Anatomy("048", False, "Nữ", 2026, "000001")),
        ("101203012345", ids.Anatomy("101", True, "Nam", 2003, "012345")),
        ("003203012345", None),
        ("079403012345", None),
        ("07920301234", None),
    ],
)
def test_the_digits_say_where_who_and_when(number: str, expected: ids.Anatomy | None) -> None:
    assert ids.anatomy(number) == expected


def test_all_63_codes_and_no_other_begin_a_number() -> None:
    accepted = {f"{code:03d}" for code in range(1000) if ids.anatomy(f"{code:03d}087654321")}
    assert {code for code in accepted if code < "100"} == birth_codes()
    assert len(birth_codes()) == 63
    assert {code for code in accepted if code >= "100"} == {str(code) for code in range(100, 400)}


def test_the_column_is_the_scalar_on_every_case() -> None:
    frame = ids.standardise(pl.Series("any name", CELLS))
    assert frame.columns == list(ids.Reading._fields)
    assert frame.schema["id_birth_year"] == pl.Int16
    for cell, row in zip(CELLS, frame.rows(), strict=True):
        assert row == ids.read(cell), cell


def test_an_empty_and_an_all_null_column() -> None:
    assert ids.standardise(pl.Series([], dtype=pl.String)).shape == (0, 8)
    assert ids.standardise(pl.Series([None, None]))["id_kind"].to_list() == ["missing", "missing"]


near_numbers = st.text("0123456789 .-'OIlSB\u00a0", max_size=18) | st.from_regex(
    r"\A[ \u00a0]?'?0?[0-9]{7,12}(\.0{1,3}| |\.)?\Z"
)
any_text = near_numbers | st.text(max_size=24) | st.sampled_from([cell for cell in CELLS if cell is not None])


@given(st.lists(st.none() | any_text, max_size=12))
def test_the_column_is_the_scalar_on_any_text(cells: list[str | None]) -> None:
    rows = ids.standardise(pl.Series(cells, dtype=pl.String)).rows()
    assert rows == [ids.read(cell) for cell in cells]


@given(any_text)
def test_normalise_is_idempotent_and_gives_digits(text: str) -> None:
    number = ids.normalise(text)
    if number is not None:
        assert len(number) in (9, 12)
        assert number.isascii()
        assert number.isdecimal()
        assert ids.normalise(number) == number


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("079203012345", "079*****2345"),
        ("DN4797912345678", "DN4********5678"),
        ("271450001", "27*****01"),
        ("7912345678", "79******78"),
        ("1234567", "*******"),
        ("", ""),
        ("không", "*****"),
    ],
)
def test_mask(text: str, masked: str) -> None:
    assert ids.mask(text) == masked


@given(st.lists(st.none() | st.text(max_size=20), max_size=8))
def test_mask_column_is_mask(texts: list[str | None]) -> None:
    column = ids.mask_column(pl.Series("so_cccd", texts, dtype=pl.String))
    assert column.to_list() == [None if text is None else ids.mask(text) for text in texts]
    assert column.name == "so_cccd"


CODES = [
    ("bhxh", "7912345678", "7912345678"),
    ("bhxh", "'0112345678", "0112345678"),
    ("bhxh", "112345678.0", "0112345678"),
    ("bhxh", "79 1234 5678", "7912345678"),
    ("bhxh", "79l2345678", "7912345678"),
    ("bhxh", "DN4797912345678", "7912345678"),
    ("bhxh", "079203012345", "079203012345"),
    ("bhxh", "79203012345", "079203012345"),
    ("bhxh", "0000000000", None),
    ("bhxh", "7.91E+09", None),
    ("bhxh", "chưa có", None),
    ("bhxh", "12345", None),
    ("bhyt", "DN4797912345678", "DN4797912345678"),
    ("bhyt", "dn 4 79 7912345678", "DN4797912345678"),
    ("bhyt", "HC4797912345678", "HC4797912345678"),
    ("bhyt", "DN479791234567O", "DN4797912345670"),
    ("bhyt", "DN9797912345678", None),
    ("bhyt", "7912345678", "7912345678"),
    ("bhyt", "079203012345", "079203012345"),
    ("bhyt", None, None),
    ("phone", "0912345678", "0912345678"),
    ("phone", "912345678", "0912345678"),
    ("phone", "+84 912 345 678", "0912345678"),
    ("phone", "0084912345678", "0912345678"),
    ("phone", "(+84) 0912.345.678", "0912345678"),
    ("phone", "01698123456", "0398123456"),
    ("phone", "028 3812 3456", "02838123456"),
    ("phone", "113", None),
    ("code", " hs-001/24 ", "HS-001/24"),
    ("code", "7901234567.0", "7901234567"),
    ("code", "12345.0", "12345"),
    ("code", "'0012", "0012"),
    ("code", "HC001", "HC001"),
    ("code", "111", "111"),
    ("code", "7.9E+09", None),
    ("code", "không", None),
    ("code", "000000", None),
]


@pytest.mark.parametrize(("kind", "cell", "expected"), CODES)
def test_codes_of_other_columns(kind: str, cell: str | None, expected: str | None) -> None:
    assert ids.normalise_code(cell, kind) == expected
    assert ids.standardise_code(pl.Series("ma", [cell], dtype=pl.String), kind).to_list() == [expected]


@given(st.sampled_from(["bhxh", "bhyt", "phone", "code"]), st.lists(st.none() | any_text, max_size=8))
def test_code_columns_agree_and_are_idempotent(kind: str, cells: list[str | None]) -> None:
    column = ids.standardise_code(pl.Series("ma", cells, dtype=pl.String), kind)
    assert column.to_list() == [ids.normalise_code(cell, kind) for cell in cells]
    assert ids.standardise_code(column, kind).to_list() == column.to_list()
    assert column.name == "ma"


def test_an_unknown_kind_of_code_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        ids.standardise_code(pl.Series(["1"]), "visa")


def test_two_lost_zeros_return_only_where_date_and_sex_agree() -> None:
    cells = ["1098012345", "1098012345", "1098012345", "1098012345", "3098012345", "7912345678", "1098012345.0"]
    dates = ["1998-05-01", "1997-05-01", "1998", None, "1998", "1912", "1998-05"]
    sexes = ["Nam", "Nam", "Nữ", "Nam", "Nam", "Nữ", "Nam"]
    found = ids.padded(pl.Series(cells), pl.Series(dates), pl.Series(sexes))
    assert found.to_list() == ["001098012345", None, None, None, None, None, "001098012345"]


def test_disagreement_is_named_not_punished() -> None:
    numbers = [GOOD, GOOD, GOOD, GOOD, GOOD, None]
    dates = ["2003-01-01", "2003", "1998-01-01", "1998", None, "1998"]
    sexes = ["Nam", "Nữ", "Nam", "Nữ", None, "Nam"]
    found = ids.disagreements(pl.Series(numbers), pl.Series(dates), pl.Series(sexes))
    assert found.to_list() == ["", "sex", "birth_year", "birth_year,sex", "", ""]
