"""Which single word is a whole name, and which is only what is left of one."""

import re

import pytest

from vn.name_words import cut_off_names, fold, is_given_name
from vn.names import normalise
from vn.tone import table

KINH = [row["surname"] for row in table("surnames.csv") if row["kind"] == "kinh"]
USED = [row["word"] for row in table("name_words.csv")]


def is_cut_off(name: str) -> bool:
    return re.fullmatch(cut_off_names().replace(r"\p{L}", r"[^\W\d_]"), name.lower()) is not None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Blô", "a name of the Gia Rai and Ba Na"),
        ("Pôi", "as in A Pôi, whose prefix some papers leave out"),
        ("Dăm", "not Đàm, though both are «dam» without marks"),
        ("Krông", "a clan's name that is also a person's"),
        ("Niê", "Ê Đê: the clan may stand alone"),
        ("H'Hen", "prefix and name are one word"),
        ("Pơloong", "Cơ Tu"),
        ("Anôi", "begins with a surname (An), but «ôi» is no word of names"),
    ],
)
def test_one_word_may_be_all_of_a_highland_name(name: str, why: str) -> None:
    assert not is_cut_off(name), why


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Nguyễn", "a surname alone"),
        ("Huỳnh", "a surname alone"),
        ("Thảo", "a given name alone"),
        ("Nguyen", "as typed without marks"),
        ("Duc", "Đức without marks"),
        ("Nguyễnvănan", "typed without spaces"),
        ("tranthibinh", "typed without spaces and marks"),
        ("H", "a prefix whose name is missing"),
        ("Đ", "an initial"),
        ("Ng.v.a", "abbreviated"),
    ],
)
def test_one_word_of_a_kinh_name_is_not_all_of_it(name: str, why: str) -> None:
    assert is_cut_off(name), why


@pytest.mark.parametrize("word", sorted({*KINH, *USED}))
def test_every_kinh_surname_and_common_word_alone_is_told(word: str) -> None:
    assert is_cut_off(normalise(word) or "")
    assert is_cut_off(fold(word))


@pytest.mark.parametrize(
    ("word", "used"),
    [("hùng", True), ("hung", True), ("năm", True), ("thìn", True), ("hủng", False), ("năn", False), ("xq", False)],
)
def test_what_people_are_called(word: str, used: bool) -> None:
    assert is_given_name(word) is used
