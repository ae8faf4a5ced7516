"""Loads `tables/date_formats.toml`."""

import tomllib
from typing import Any

from vn.provinces import TABLES

_TABLE = tomllib.loads((TABLES / "date_formats.toml").read_text(encoding="utf-8"))

FILLER_DAYS = frozenset(_TABLE["filler"]["days"])
LABELS: tuple[str, ...] = tuple(_TABLE["label"]["words"])
LUNAR_MARKS: tuple[str, ...] = tuple(_TABLE["lunar"]["words"])
MONTHS: dict[str, int] = _TABLE["month"]
REPAIRS: tuple[str, ...] = tuple(row["code"] for row in _TABLE["repair"])
LOSSLESS = frozenset(row["code"] for row in _TABLE["repair"] if row["lossless"])
WHY_NOT: dict[str, str] = _TABLE["why_not"]
CLOCK: tuple[dict[str, Any], ...] = tuple(_TABLE["clock"])
