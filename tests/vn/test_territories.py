"""Provinces and communes: the merger of 2025, names as people write them, what is not certain is not guessed."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vn import territories
from vn.provinces import TABLES

BEFORE = date(2025, 6, 30)

PROVINCES = [
    ("79", "79"),
    ("079", "79"),
    ("79.0", "79"),
    ("'079", "79"),
    ("７９", "79"),
    ("1", "01"),
    ("01", "01"),
    ("001", "01"),
    ("002", "08"),
    ("02", "08"),
    ("24", "24"),
    ("27", "24"),
    ("072", "80"),
    ("Hà Nội", "01"),
    ("TP Hà Nội", "01"),
    ("HN", "01"),
    ("Hà Tây", "01"),
    ("Tỉnh Bắc Giang", "24"),
    ("bac giang", "24"),
    ("BẮC NINH", "24"),
    ("TP.HCM", "79"),
    ("TP. HCM", "79"),
    ("TPHCM", "79"),
    ("Tp Hồ Chí Minh", "79"),
    ("T.P. Hồ Chí Minh", "79"),
    ("Thành phố Hồ Chí Minh", "79"),
    ("Thanh pho Ho Chi Minh", "79"),
    ("Sài Gòn", "79"),
    ("Bình Dương", "79"),
    ("Bà Rịa - Vũng Tàu", "79"),
    ("Bà Rịa-Vũng Tàu", "79"),
    ("BR-VT", "79"),
    ("Thừa Thiên Huế", "46"),
    ("Thừa Thiên - Huế", "46"),
    ("TP. Huế", "46"),
    ("Huế", "46"),
    ("Đắk Lắk", "66"),
    ("Đăk Lăk", "66"),
    ("Đắc Lắc", "66"),
    ("Daklak", "66"),
    ("Ðà Nẵng", "48"),  # eth, U+00D0
    ("Hòa Bình", "25"),
    ("Hoà Bình", "25"),
    ("79 - TP.HCM", "79"),
    ("79-Thành phố Hồ Chí Minh", "79"),
    ("24 Bắc Giang", "24"),
    ("Quận 1, TP.HCM", "79"),
    ("Hà Bắc", "24"),
    ("79 - Hà Nội", None),
    ("Sông Bé", None),
    ("03", None),
    ("00", None),
    ("100", None),
    ("999", None),
    ("Đ.N", None),
    ("không", None),
    ("-", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("cell", "code"), PROVINCES)
def test_a_province_is_recognised(cell: str | None, code: str | None) -> None:
    assert territories.normalise_province(cell) == code


def test_the_table_has_63_and_34_with_their_days_and_sources() -> None:
    table = territories.provinces()
    old, new = table.filter(pl.col("valid_from").is_null()), table.filter(pl.col("valid_to").is_null())
    assert (old.height, new.height, table.height) == (63, 34, 97)
    assert old["valid_to"].unique().to_list() == ["2025-06-30"]
    assert new["valid_from"].unique().to_list() == ["2025-07-01"]
    assert table["source"].null_count() == 0
    assert set(old["successor"]) == set(new["code"]) <= set(old["code"])


def test_an_old_code_that_is_still_used_leads_to_the_province_that_uses_it() -> None:
    """So a two-digit code needs no date to be understood, whichever list it is from."""
    table = territories.provinces()
    new = set(table.filter(pl.col("valid_to").is_null())["code"])
    old = dict(table.filter(pl.col("valid_from").is_null()).select("code", "successor").rows())
    assert {code: old[code] for code in new} == {code: code for code in new}
    assert all(
        territories.normalise_province(f"0{code}") == territories.normalise_province(code) == old[code] for code in old
    )


def test_exactly_seven_codes_change_their_meaning() -> None:
    codes = [f"{number:03d}" for number in range(1, 97)]
    both = [(code, territories.province_name(code, BEFORE), territories.province_name(code)) for code in codes]
    changed = {code: (before, after) for code, before, after in both if before and after and before != after}
    renamed = changed.pop("046")  # the same province under a shorter name
    assert renamed == ("Thừa Thiên Huế", "Huế")
    assert changed == {
        "015": ("Yên Bái", "Lào Cai"),
        "024": ("Bắc Giang", "Bắc Ninh"),
        "044": ("Quảng Bình", "Quảng Trị"),
        "052": ("Bình Định", "Gia Lai"),
        "080": ("Long An", "Tây Ninh"),
        "082": ("Tiền Giang", "Đồng Tháp"),
        "091": ("Kiên Giang", "An Giang"),
    }


def test_names_by_code_and_day() -> None:
    assert territories.province_name("24", BEFORE) == "Bắc Giang"
    assert territories.province_name("24", territories.MERGED_ON) == "Bắc Ninh"
    assert territories.province_name("002", BEFORE) == "Hà Giang"
    assert territories.province_name("002") is None
    assert territories.province_name("03") is None


def test_every_name_of_both_lists_is_recognised_with_and_without_marks() -> None:
    for code, name in territories.provinces().select("code", "name").rows():
        for form in (name, f"Tỉnh {name}", f"TP. {name}", name.upper(), name.replace("Đ", "D").replace("đ", "d")):
            assert territories.normalise_province(form) == territories.province_code(code), form


def test_aliases_have_sources_and_lead_to_provinces_of_today() -> None:
    table = pl.read_csv(TABLES / "province_aliases.csv", infer_schema=False)
    assert table.null_count().sum_horizontal().item() == 0
    assert table["alias"].is_unique().all()
    for alias, code, _ in table.rows():
        assert territories.normalise_province(alias) == code


COMMUNES = [
    ("00004", None, "00004"),
    ("4", None, "00004"),
    ("4.0", None, "00004"),
    ("26740", None, "26740"),
    ("26740 - Phường Sài Gòn", None, "26740"),
    ("00001", None, "00097"),  # Phường Phúc Xá became part of Phường Hồng Hà
    ("99999", None, None),
    ("00000", None, None),
    ("Phường Ba Đình", "01", "00004"),
    ("phuong ba dinh", "01", "00004"),
    ("P. Ba Đình", "01", "00004"),
    ("Ba Đình", "01", "00004"),
    ("Ba Đình", "001", "00004"),
    ("Phường Ba Đình, Hà Nội", "01", "00004"),
    ("Phường Bến Nghé, Quận 1", "79", "26740"),  # became part of Phường Sài Gòn
    ("P. Hà Giang 02", "08", "00691"),
    ("Phường 1", "79", None),  # many districts had one
    ("Phường Ba Đình", None, None),  # Thanh Hóa had one too
    ("Phường Ba Đình", "48", None),
    ("không", "01", None),
    ("", "01", None),
    (None, "01", None),
    (None, None, None),
]


@pytest.mark.parametrize(("cell", "province", "code"), COMMUNES)
def test_a_commune_is_recognised(cell: str | None, province: str | None, code: str | None) -> None:
    assert territories.normalise_commune(cell, province) == code


def test_the_table_of_communes_holds_together() -> None:
    table = territories.communes()
    old, new = table.filter(pl.col("valid_from").is_null()), table.filter(pl.col("valid_to").is_null())
    assert (old.height, new.height, table.height) == (10_035, 3_321, 13_356)
    assert new["code"].is_unique().all()
    assert old["code"].is_unique().all()
    assert dict(new["level"].value_counts().rows()) == {"xa": 2621, "phuong": 687, "dac_khu": 13}
    assert table["code"].str.contains("^[0-9]{5}$").all()
    assert table["source"].null_count() == 0
    current = dict(new.select("code", "parent").rows())
    for code, parent, after in old.select("code", "parent", "successor").rows():
        successors = after.split(";")
        assert {current[successor] for successor in successors} == {territories.province_code(parent)}
        assert code not in current or code in successors, "a code in use today is one of its own successors"


FORMER = [
    ("74", True, "Bình Dương's code"),
    ("074", True, "as in an ID number"),
    ("Bình Dương", True, "merged into Hồ Chí Minh"),
    ("tỉnh binh duong", True, "without marks"),
    ("74 - Bình Dương", True, "code and name"),
    ("Dĩ An, Bình Dương", True, "the end of an address"),
    ("79", False, "used before and since"),
    ("Bắc Ninh", False, "a name that stayed"),
    ("TP.HCM", False, "a short form"),
    ("99", False, "no code"),
    ("", False, "nothing"),
    (None, False, "no cell"),
]


@pytest.mark.parametrize(("cell", "former", "why"), FORMER, ids=[case[2] for case in FORMER])
def test_a_province_that_is_no_more(cell: str | None, former: bool, why: str) -> None:
    assert territories.is_former_province(cell) == former, why
    assert territories.former_provinces(pl.Series([cell, "01"])).to_list() == [former, False]


MEANT = [
    ("00004", None, {"00004"}, {"00004"}, "Trúc Bạch had this code before Ba Đình"),
    ("00001", None, set(), {"00097"}, "Phúc Xá became part of Hồng Hà"),
    ("00097", None, {"00097"}, {"00097", "00103"}, "today Hồng Hà's, before of one that was split"),
    ("00040", None, set(), {"00004", "00070"}, "Đồng Xuân was split"),
    ("Phường Phúc Xá", "01", set(), {"00097"}, "by its name"),
    ("Phường Hồng Hà", "01", {"00097"}, set(), "a name that is new"),
    ("Phường Phúc Xá", "48", set(), set(), "there is none in Đà Nẵng"),
    ("không", "01", set(), set(), "no commune"),
    (None, "01", set(), set(), "no cell"),
]


@pytest.mark.parametrize(("cell", "province", "today", "before", "why"), MEANT, ids=[case[4] for case in MEANT])
def test_what_a_commune_means_today_and_before(
    cell: str | None, province: str | None, today: set[str], before: set[str], why: str
) -> None:
    assert tuple(map(set, territories.communes_meant(cell, province))) == (today, before), why


def test_a_split_commune_without_a_code_of_today_is_not_guessed() -> None:
    table = territories.communes()
    new = set(table.filter(pl.col("valid_to").is_null())["code"])
    split = table.filter(pl.col("successor").str.contains(";"))
    assert split.height == 471
    gone = [code for code in split["code"] if code not in new]
    assert len(gone) == 320
    assert [territories.normalise_commune(code) for code in gone] == [None] * 320


def test_commune_names() -> None:
    assert territories.commune_name("00004") == "Phường Ba Đình"
    assert territories.commune_name("00001") == "Phường Phúc Xá"
    assert territories.commune_name("99999") is None


cells = st.none() | st.text(max_size=12) | st.text("0123456789. '-", max_size=6)


@given(st.lists(cells | st.sampled_from([cell for cell, _ in PROVINCES]), max_size=10))
def test_the_province_column_is_the_scalar_and_idempotent(values: list[str | None]) -> None:
    found = territories.standardise_provinces(pl.Series("ma_tinh", values, dtype=pl.String))
    assert found.to_list() == [territories.normalise_province(value) for value in values]
    assert territories.standardise_provinces(found).to_list() == found.to_list()
    assert found.name == "province_code"


@given(st.lists(st.tuples(cells | st.sampled_from([row[0] for row in COMMUNES]), st.sampled_from([None, "01", "79"]))))
def test_the_commune_column_is_the_scalar_and_idempotent(pairs: list[tuple[str | None, str | None]]) -> None:
    values = pl.Series("ma_xa", [value for value, _ in pairs], dtype=pl.String)
    provinces = pl.Series("ma_tinh", [province for _, province in pairs], dtype=pl.String)
    found = territories.standardise_communes(values, provinces)
    assert found.to_list() == [territories.normalise_commune(*pair) for pair in pairs]
    assert territories.standardise_communes(values).to_list() == [
        territories.normalise_commune(value) for value, _ in pairs
    ]
    assert territories.standardise_communes(found).to_list() == found.to_list()
    assert found.name == "commune_code"
