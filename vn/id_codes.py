"""Which code stands in a column of another kind than identity: BHXH, BHYT card, telephone, a department's own.

Since 01/08/2025 the social insurance number is the personal ID number, and new health cards show only the ten
digits: columns of these kinds hold three generations of codes.
"""

import re
from functools import cache
from typing import NamedTuple

import polars as pl

from vn.cells import key, over_distinct
from vn.id_tables import FILLER_NUMBERS, FILLER_WORDS, LOOK_ALIKE, SHAPES
from vn.id_text import strip

_PERSON = SHAPES[0].pattern
_LOST_ZERO = next(shape.pattern for shape in SHAPES if shape.kind == "cccd" and shape.pad)
_CARD = "[A-Z]{2}[1-5][0-9]{12}"


class _Form(NamedTuple):
    """What values of a kind look like when nothing needs to be done."""

    pattern: str
    """Canonical values."""
    common: str
    """The canonical values worth recognising without asking `normalise_code`."""


_FORMS = {
    "bhxh": _Form(f"[0-9]{{10}}|{_PERSON}", f"[0-9]{{10}}|{_PERSON}"),
    "bhyt": _Form(f"{_CARD}|[0-9]{{10}}|{_PERSON}", f"{_CARD}|[0-9]{{10}}|{_PERSON}"),
    "phone": _Form("0[35789][0-9]{8}|02[0-9]{9}", "0[35789][0-9]{8}|02[0-9]{9}"),
    "code": _Form(r".*[0-9A-Z].*", "[A-Z]{0,6}[0-9]{3,}"),
}

# Mobile prefixes of 11-digit numbers → of 10-digit ones, 15/09/2018 [R].
_OLD_MOBILE = {f"016{digit}": f"03{digit}" for digit in range(2, 10)} | {
    "0120": "070",
    "0121": "079",
    "0122": "077",
    "0126": "076",
    "0128": "078",
    "0123": "083",
    "0124": "084",
    "0125": "085",
    "0127": "081",
    "0129": "082",
    "0186": "056",
    "0188": "058",
    "0199": "059",
}


def normalise_code(text: str | None, kind: str) -> str | None:
    """The code in a cell of a `bhxh`, `bhyt`, `phone` or `code` column, None if there is none of that kind.

    `bhxh`: 10 digits, or a personal ID number; from a card's 15 characters, the last ten. `bhyt`: 15 characters, or
    10 or 12 digits. `phone`: national form, ten digits for mobiles. `code`: upper case without spaces.
    Errors: ValueError for another kind.
    """
    if kind not in _FORMS:
        raise ValueError(f"unknown kind of code: {kind!r}")
    folded = key(text or "")
    if not folded or folded in FILLER_WORDS:
        return None
    bare = strip(text or "")
    if bare.is_rounded:
        return None
    value = _code(text or "") if kind == "code" else _READERS[kind](bare.text.upper())
    if value is None or value in FILLER_NUMBERS or not re.fullmatch(_FORMS[kind].pattern, value):
        return None
    return value


def standardise_code(codes: pl.Series, kind: str) -> pl.Series:
    """`normalise_code` of each value: same order, same name."""
    if kind not in _FORMS:
        raise ValueError(f"unknown kind of code: {kind!r}")
    text = codes.cast(pl.String).alias("code").to_frame()
    common = pl.col("code").str.contains(f"^(?:{_FORMS[kind].common})$") & ~pl.col("code").is_in(_fillers())
    marked = text.select("code", is_common=common.fill_null(False))
    odd = marked.select(pl.when(~pl.col("is_common")).then("code")).to_series()
    mended = over_distinct(odd, lambda value: (normalise_code(value, kind),), {"mended": pl.String})
    chosen = pl.when("is_common").then("code").otherwise("mended").alias(codes.name)
    return pl.concat([marked, mended], how="horizontal").select(chosen).to_series()


@cache
def _fillers() -> list[str]:
    return sorted(FILLER_NUMBERS)


def _code(text: str) -> str:
    """A department's own code keeps its punctuation: `HS-001/24` is not `HS00124`."""
    bare = strip(text)
    if bare.text.isdigit():
        return bare.text
    return re.sub(r"\s", "", text.strip("'’ ")).upper()


def _bhxh(value: str) -> str:
    if re.fullmatch(_CARD, value):
        return value[-10:]
    if re.fullmatch("[1-9][0-9]{8}", value) or re.fullmatch(_LOST_ZERO, value):
        return f"0{value}"
    return value.translate(LOOK_ALIKE)


def _bhyt(value: str) -> str:
    return value if value.isdigit() else value[:2] + value[2:].translate(LOOK_ALIKE)


def _phone(value: str) -> str:
    national = re.sub(r"^(?:\+84|0084|84)0?(?=[0-9]{9,10}$)", "0", value)
    if re.fullmatch("[35789][0-9]{8}", national):
        return f"0{national}"
    prefix = national[:4]
    return _OLD_MOBILE[prefix] + national[4:] if len(national) == 11 and prefix in _OLD_MOBILE else national


_READERS = {"bhxh": _bhxh, "bhyt": _bhyt, "phone": _phone}
