"""Loads `tables/id_formats.toml`: shapes, fillers, labels, look-alikes, repair codes."""

import tomllib
from typing import NamedTuple

from vn.provinces import TABLES, birth_codes


class Shape(NamedTuple):
    """A kind of number or code, if the whole of a run of digits or letters fits the pattern (Python and Rust regex
    alike).
    """

    pattern: str
    kind: str
    pad: int
    why_not: str | None


class Century(NamedTuple):
    """Century and sex that the fourth digit of a 12-digit number says."""

    sex: str
    century: int


_TABLE = tomllib.loads((TABLES / "id_formats.toml").read_text(encoding="utf-8"))

CENTURIES = {row["digit"]: Century(row["sex"], row["century"]) for row in _TABLE["century"]}
FOREIGN: str = _TABLE["foreign"]["pattern"]
LOOK_ALIKE: dict[int, str] = str.maketrans(_TABLE["look_alike"])
OLD_MOBILE: dict[str, str] = {row["old"]: row["new"] for row in _TABLE["mobile_prefix"]}
LABELS: dict[str, str] = _TABLE["label"]
REPAIRS: tuple[str, ...] = tuple(row["code"] for row in _TABLE["repair"])
LOSSLESS = frozenset(row["code"] for row in _TABLE["repair"] if row["lossless"])
KINDS: tuple[str, ...] = (*(row["name"] for row in _TABLE["kind"]), "filler", "scientific", "missing", "unknown")
WHY_NOT: dict[str, str] = _TABLE["why_not"]


def _shapes() -> tuple[Shape, ...]:
    codes = sorted(birth_codes())
    parts = {
        "PROVINCE": f"(?:{'|'.join(codes)})",
        "LOST": f"(?:{'|'.join(code[1:] for code in codes if code[1] != '0')})",
        "FOREIGN": FOREIGN,
        "CENTURY": f"[{''.join(sorted(CENTURIES))}]",
    }
    shapes = []
    for row in _TABLE["shape"]:
        pattern = row["pattern"]
        for name, meaning in parts.items():
            pattern = pattern.replace(name, meaning)
        shapes.append(Shape(f"(?:{pattern})", row["kind"], row.get("pad", 0), row.get("why_not")))
    return tuple(shapes)


def _filler_numbers() -> frozenset[str]:
    same = {str(digit) * length for digit in range(10) for length in range(3, 17)} | {"0", "00"}
    counted = {run[:length] for run in _TABLE["filler"]["runs"] for length in range(6, len(run) + 1)}
    return frozenset(same | counted)


SHAPES = _shapes()
FILLER_NUMBERS = _filler_numbers()
"""Numbers that nobody has: one digit repeated, digits counted up or down."""
