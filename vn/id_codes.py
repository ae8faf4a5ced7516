"""Normalises codes that are no identity numbers: BHXH, BHYT card, telephone, a department's own.

Since 01/08/2025 the social insurance number is the personal ID number, and new health cards show only the ten
digits: columns of these kinds hold three generations of codes.
"""

import re
from functools import cache

import polars as pl

from vn.cells import over_distinct, tidy
from vn.id_tables import FILLER_NUMBERS, LOOK_ALIKE, OLD_MOBILE, SHAPES
from vn.id_text import QUOTES, strip
from vn.nothing import is_nothing
from vn.scripts import as_latin

_PERSON = SHAPES[0].pattern
_LOST_ZERO = next(shape.pattern for shape in SHAPES if shape.kind == "cccd" and shape.pad)
_CARD = "[A-Z]{2}[1-5][0-9]{12}"
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{1,2}")


_PATTERNS = {
    "bhxh": f"[0-9]{{10}}|{_PERSON}",
    "bhyt": f"{_CARD}|[0-9]{{10}}|{_PERSON}",
    "phone": "0[35789][0-9]{8}|02[0-9]{9}",
    "code": ".*[0-9A-Z].*",
}
"""Codes that need nothing done, by kind."""
_COMMON = _PATTERNS | {"code": "[A-Z]{0,6}[0-9]{3,}"}
"""Those that are recognised without asking `normalise_code`."""


def normalise_code(text: str | None, kind: str) -> str | None:
    """The code in a cell of a `bhxh`, `bhyt`, `phone` or `code` column, None if there is none of that kind.

    `bhxh`: 10 digits, or a personal ID number; from a card's 15 characters, the last ten. `bhyt`: 15 characters, or
    10 or 12 digits. `phone`: national form, ten digits for mobiles. `code`: upper case without spaces.
    Errors: ValueError for another kind.
    """
    if kind not in _PATTERNS:
        raise ValueError(f"unknown kind of code: {kind!r}")
    if not tidy(text or "") or is_nothing(text or "", "code"):
        return None
    value = _READERS[kind](text or "")
    is_code = value not in _fillers(kind) and re.fullmatch(_PATTERNS[kind], value)
    return value if is_code else None


def standardise_code(codes: pl.Series, kind: str) -> pl.Series:
    """`normalise_code` of each value: same order, same name."""
    if kind not in _PATTERNS:
        raise ValueError(f"unknown kind of code: {kind!r}")
    text = codes.cast(pl.String).alias("code").to_frame()
    common = pl.col("code").str.contains(f"^(?:{_COMMON[kind]})$") & ~pl.col("code").is_in(sorted(_fillers(kind)))
    marked = text.select("code", is_common=common.fill_null(False))
    odd = marked.select(pl.when(~pl.col("is_common")).then("code")).to_series()
    mended = over_distinct(odd, lambda value: (normalise_code(value, kind),), {"mended": pl.String})
    chosen = pl.when("is_common").then("code").otherwise("mended").alias(codes.name)
    return pl.concat([marked, mended], how="horizontal").select(chosen).to_series()


@cache
def _fillers(kind: str) -> frozenset[str]:
    """A department may well have a code 111, but none with six digits alike."""
    if kind != "code":
        return FILLER_NUMBERS
    return frozenset(number for number in FILLER_NUMBERS if len(number) >= 6 or not number.strip("0"))


def _bare(text: str) -> str:
    bare = strip(text)
    return "" if bare.is_rounded else bare.text.upper()


def _own(text: str) -> str:
    """A department's own code keeps its punctuation: `HS-001/24` is not `HS00124`."""
    cell = "".join(as_latin(tidy(text).upper()).strip(f"{QUOTES} ").split())
    return "" if _ROUNDED.fullmatch(cell) else re.sub(r"^([0-9]+)\.0$", r"\1", cell)


def _bhxh(text: str) -> str:
    value = _bare(text)
    if re.fullmatch(_CARD, value):
        return value[-10:]
    if re.fullmatch("[1-9][0-9]{8}", value) or re.fullmatch(_LOST_ZERO, value):
        return f"0{value}"
    return value.translate(LOOK_ALIKE)


def _bhyt(text: str) -> str:
    value = _bare(text)
    return value if value.isdigit() else value[:2] + value[2:].translate(LOOK_ALIKE)


def _phone(text: str) -> str:
    national = re.sub(r"^(?:\+84|0084|84)0?(?=[0-9]{9,10}$)", "0", _bare(text))
    if re.fullmatch("[35789][0-9]{8}", national):
        return f"0{national}"
    prefix = national[:4]
    return OLD_MOBILE[prefix] + national[4:] if len(national) == 11 and prefix in OLD_MOBILE else national


_READERS = {"bhxh": _bhxh, "bhyt": _bhyt, "phone": _phone, "code": _own}
