"""Reads the identity number in one cell: what was mended to read it, and what the number itself says."""

import re
from typing import NamedTuple

from vn.cells import in_order, key, tidy
from vn.id_tables import (
    CENTURIES,
    FILLER_NUMBERS,
    FOREIGN,
    LABELS,
    LOOK_ALIKE,
    REPAIRS,
    SHAPES,
    Shape,
)
from vn.id_text import Bare, strip
from vn.nothing import is_nothing

_PATTERNS = tuple(re.compile(shape.pattern) for shape in SHAPES)
_PERSON = _PATTERNS[0]
_NO_SHAPE = Shape("", "unknown", 0, "letters")


class Anatomy(NamedTuple):
    """What the digits of a 12-digit number say."""

    province_code: str
    """Three digits: province or country where the birth was registered."""
    is_foreign: bool
    sex: str
    birth_year: int
    serial: str


class Reading(NamedTuple):
    """What a cell of an identity column holds; its fields are the columns of `vn.ids.standardise`."""

    id_number: str | None = None
    cmnd_number: str | None = None
    id_kind: str = "unknown"
    id_repairs: str = ""
    id_why_not: str | None = None
    id_province_code: str | None = None
    id_sex: str | None = None
    id_birth_year: int | None = None


def anatomy(id_number: str) -> Anatomy | None:
    """The parts of a 12-digit number, None if it is not a well-formed one."""
    if not _PERSON.fullmatch(id_number):
        return None
    meaning = CENTURIES[id_number[3]]
    return Anatomy(
        province_code=id_number[:3],
        is_foreign=re.fullmatch(FOREIGN, id_number[:3]) is not None,
        sex=meaning.sex,
        birth_year=meaning.century + int(id_number[4:6]),
        serial=id_number[6:],
    )


def read(text: str | None) -> Reading:
    """The number in a cell, or what else stands there and why it is no number."""
    if not tidy(text or ""):
        return Reading(id_kind="missing", id_why_not="missing")
    if is_nothing(text or "", "number"):
        return Reading(id_kind="filler", id_why_not="filler")
    if both := _two_numbers(tidy(text or "")):
        return both
    bare = strip(text or "")
    if bare.is_rounded:
        return Reading(id_kind="scientific", id_why_not="scientific")
    number = bare.text.upper()
    if number in FILLER_NUMBERS:
        return Reading(id_kind="filler", id_why_not="filler")
    return _classified(bare, number)


def normalise(text: str | None) -> str | None:
    """The 12-digit or else the 9-digit number in a cell, None if there is neither."""
    reading = read(text)
    return reading.id_number or reading.cmnd_number


def why_not(text: str | None) -> str | None:
    """Why a cell gives no number (a code of `WHY_NOT`), None if it gives one."""
    return read(text).id_why_not


def _two_numbers(cell: str) -> Reading | None:
    """A 12-digit and a 9-digit number in one cell, as forms that ask for "CCCD/CMND" get them."""
    digits = re.findall(r"[0-9]+", cell)
    if sorted(map(len, digits)) != [9, 12]:
        return None
    new, old = sorted(digits, key=len, reverse=True)
    around = [key(part) for part in re.split(r"[0-9]+", cell)]
    if not _PERSON.fullmatch(new) or any(part and part not in LABELS for part in around):
        return None
    return _with_anatomy(new, {"two_numbers"})._replace(cmnd_number=None if old in FILLER_NUMBERS else old)


def _classified(bare: Bare, number: str) -> Reading:
    repairs = set(bare.repairs)
    shape = _shape(number)
    if shape is _NO_SHAPE:
        digits = bare.text.translate(LOOK_ALIKE)
        guess = _shape(digits)
        is_mostly_digits = sum(c.isdigit() for c in bare.text) * 2 > len(digits)
        if guess.kind in ("cccd", "cmnd") and is_mostly_digits and digits not in FILLER_NUMBERS:
            shape, number = guess, digits
            repairs.add("look_alike")
    if bare.announced in ("bhxh", "phone") and shape.kind in ("unknown", "phone") and number.isdigit():
        return Reading(id_kind=bare.announced, id_why_not="wrong_column")
    if shape.kind not in ("cccd", "cmnd"):
        return Reading(id_kind=shape.kind, id_why_not=shape.why_not)
    if shape.pad:
        number = "0" * shape.pad + number
        repairs.add("zero_padded")
    if shape.kind == "cmnd":
        return Reading(cmnd_number=number, id_kind="cmnd", id_repairs=in_order(repairs, REPAIRS))
    return _with_anatomy(number, repairs)


def _shape(number: str) -> Shape:
    for pattern, shape in zip(_PATTERNS, SHAPES, strict=True):
        if pattern.fullmatch(number):
            return shape
    return _NO_SHAPE


def _with_anatomy(number: str, repairs: set[str]) -> Reading:
    parts = anatomy(number)
    assert parts is not None
    return Reading(
        id_number=number,
        id_kind="cccd",
        id_repairs=in_order(repairs, REPAIRS),
        id_province_code=parts.province_code,
        id_sex=parts.sex,
        id_birth_year=parts.birth_year,
    )
