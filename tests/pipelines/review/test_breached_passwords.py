"""Leaked passwords are known by a part of their digest; an independent list of common ones agrees."""

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from pipelines.review import breached_passwords, people
from pipelines.review.breached_passwords import is_breached


@pytest.mark.parametrize(
    "password",
    ["1q2w3e4r5t6y7u8i9o0p", "123456789987654321", "MailCreated5240", "Q1W2E3R4T5Y6U7I8", "manchesterunited"],
)
def test_leaked_ones_are_known_whatever_their_capitals(password: str) -> None:
    assert is_breached(password)


@pytest.mark.parametrize("password", ["một câu dài và dễ nhớ", "Cá rô kho tộ ở bến Ninh Kiều", ""])
def test_ones_own_are_not(password: str) -> None:
    assert not is_breached(password)


def test_at_least_the_3000_commonest_of_our_length_are_held_and_few_others_are_taken_for_one() -> None:
    assert len(breached_passwords._known()) > 300_000
    taken = sum(is_breached(f"chưa ai dùng câu này {number}") for number in range(20_000))
    assert taken < 30, "20,000 / 3,200 is 6"


def test_the_long_ones_of_djangos_twenty_thousand_are_held() -> None:
    found = find_spec("django.contrib.auth")
    assert found is not None
    assert found.origin is not None
    with gzip.open(Path(found.origin).with_name("common-passwords.txt.gz"), "rt", encoding="utf-8") as file:
        told = {line.strip() for line in file}
    # As the table was made: long enough, and not a letter over and over; without broken encodings and markup.
    long = [
        each
        for each in told
        if len(each) >= people.SHORTEST and len(set(each)) >= people.FEWEST_DIFFERENT and each.isascii()
    ]
    assert len(long) == 40
    assert sum(map(is_breached, long)) >= 35


def test_what_is_packed_is_unpacked() -> None:
    told = [f"mật khẩu {number}" for number in range(300_000)]
    known = breached_passwords.unpacked(breached_passwords.packed([*told, *told[:10]]))
    assert (np.diff(known) > 0).all()
    assert set(known.tolist()) == {breached_passwords._digest(each) for each in told}


def test_too_few_to_pack_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        breached_passwords.packed(["một", "hai"])
