"""What each name code does, on names that can be checked by hand; lossless ones come back through the normaliser."""

import polars as pl
import pytest

from pipelines.synthetic import catalogue, profiles
from pipelines.synthetic.chance import Chance
from pipelines.synthetic.damaged_names import DAMAGES, INSTEAD, mojibake, new_style, telex
from vn import names

NAMES = ["Nguyễn Thị Hòa", "Trần Đức Thịnh", "Lê Thúy", "Phạm Ngọc Quý", "Đặng Văn Ước", "Hoàng Thị Bích Thủy"]


def damaged(code: str, texts: list[str]) -> list[str | None]:
    records = pl.DataFrame({"full_name": texts, "other_names": pl.Series([None] * len(texts), dtype=pl.String)})
    return DAMAGES[code](records, Chance(1, code)).to_list()


@pytest.mark.parametrize(
    ("code", "name", "wrong"),
    [
        ("name_upper", "Lê Thúy", "LÊ THÚY"),
        ("name_lower", "Lê Thúy", "lê thúy"),
        ("name_case_debris", "Trần Đức Thịnh", "TrẦn ĐỨc ThỊnh"),
        ("name_nfd", "Lê", "Le\u0302"),
        ("name_tone_new", "Hoàng Thị Thúy Hòa", "Hoàng Thị Thuý Hoà"),
        ("name_tcvn3", "Nguyễn Văn Đức", "NguyÔn V¨n §øc"),
        ("name_vni", "Nguyễn Văn Đức", "Nguyeãn Vaên Ñöùc"),
        ("name_mojibake", "Nguyễn", "Nguyá»…n"),
        ("name_eth", "Đặng Đức", "Ðặng Ðức"),
        ("name_unaccented", "Đặng Văn Ước", "Dang Van Uoc"),
        ("name_telex", "Nguyễn Văn Đức", "Nguyeenx Vawn Dduwcs"),
        ("name_drop_middle", "Lê Thị Bích Hà", "Lê Thị Hà"),
        ("name_drop_middle", "Lê Thị Hà", None),
        ("name_drop_middle", "Lê Hà", None),
        ("name_drop_thi", "Lê Thị Bích Hà", "Lê Bích Hà"),
        ("name_drop_thi", "Lê Hà", "Lê Hà"),
        ("name_swapped", "Lê Thị Hà", "Hà Lê Thị"),
        ("name_joined", "Phạm Thúy", "PhạmThúy"),
        ("name_i_y", "Lê Quý", "Lê Quí"),
        ("name_doublet", "Hoàng Vũ", "Huỳnh Võ"),
    ],
)
def test_a_code_by_hand(code: str, name: str, wrong: str | None) -> None:
    assert damaged(code, [name]) == [wrong]


def test_there_is_a_function_for_every_code_and_a_way_out() -> None:
    assert set(DAMAGES) == set(catalogue.of_field("name"))
    assert set(INSTEAD) | set(INSTEAD.values()) <= set(DAMAGES)
    lossless = catalogue.lossless()
    assert all((code in lossless) == (instead in lossless) for code, instead in INSTEAD.items()), "right stays right"


@pytest.mark.parametrize("code", sorted(catalogue.lossless() & set(catalogue.of_field("name"))))
def test_a_lossless_code_comes_back(code: str) -> None:
    """The truth counts these records as right, so the normaliser must agree that nothing was lost."""
    wrong = pl.Series(damaged(code, NAMES), dtype=pl.String)
    mended = names.standardise(wrong)
    assert mended["full_name"].to_list() == NAMES
    repairs = mended["name_repairs"].str.split(",").explode().unique()
    assert set(repairs) - {""} <= names.LOSSLESS


@pytest.mark.parametrize("code", sorted(set(catalogue.of_field("name")) - catalogue.lossless() - {"name_former"}))
def test_another_code_says_something_else(code: str) -> None:
    changed = [
        wrong for wrong, name in zip(damaged(code, NAMES * 5), NAMES * 5, strict=True) if wrong not in (None, name)
    ]
    assert changed, "it has an effect somewhere"


def test_a_typo_changes_one_letter_and_no_space() -> None:
    for wrong, name in zip(damaged("name_typo", NAMES * 50), NAMES * 50, strict=True):
        assert wrong is not None
        assert abs(len(wrong) - len(name)) <= 1
        assert wrong[0] == name[0]
        assert wrong.count(" ") == name.count(" ")


@pytest.mark.parametrize(
    ("word", "styled"), [("Hòa", "Hoà"), ("Quý", "Quý"), ("Thủy", "Thuỷ"), ("Khỏe", "Khoẻ"), ("Hoàn", "Hoàn")]
)
def test_new_style_moves_the_tone_of_a_last_syllable_only(word: str, styled: str) -> None:
    assert new_style(word) == styled


def test_keys_and_bytes() -> None:
    assert telex("Ước") == "Uwowcs"
    assert mojibake("Đ") == "Ä\x90", "a control code passes through, as browsers do"


def test_presets_use_name_codes_of_the_right_class() -> None:
    for preset in profiles.known():
        shares = profiles.load(preset).codes
        assert set(shares["name_lossless"]) <= catalogue.lossless()
        assert not set(shares["name"]) & catalogue.lossless()
