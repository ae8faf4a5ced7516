"""Every phrase that an explanation can need is there, and numbers are written as Vietnamese write them."""

import pytest

from matching.explanation.words import bits, percent, sentence, size, title, words
from matching.model import load
from vn import date_differences, id_differences, name_differences


def test_every_field_and_every_kind_of_difference_has_words() -> None:
    assert {comparison.field for comparison in load().comparison} | {"prior"} == set(words().field)
    kinds = {*name_differences.KINDS, *id_differences.KINDS, *date_differences.KINDS} - {"same"}
    assert set(words().kind) == kinds


def test_every_level_that_has_its_own_words_is_a_level() -> None:
    levels = {f"{field.field}/{label}" for field in load().comparison for label in field.labels()}
    assert set(words().label) - {"prior"} <= levels


def test_a_sectors_own_field_goes_by_its_own_name() -> None:
    assert title("street").vi == "street"


@pytest.mark.parametrize(
    ("share", "written"),
    [(1.0, "> 99,99 %"), (0.99995, "> 99,99 %"), (0.995, "99,50 %"), (0.5, "50,00 %"), (0.0, "< 0,01 %")],
)
def test_probabilities_are_never_certain(share: float, written: str) -> None:
    assert percent(share) == written


def test_weights_carry_their_sign() -> None:
    assert (bits(12.34), bits(-4.0), bits(0.0), size(-0.26)) == ("+12,3", "−4,0", "0", "−0,3")


def test_a_sentence_that_does_not_hold_says_so() -> None:
    told = sentence("margin", holds=False, margin="1,0", limit="6,0")
    assert "chưa đạt" in told.vi
    assert "below" in told.en
