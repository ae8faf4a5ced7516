"""One spoilt file for each number and seed, with what is known of its rows for certain."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tests.fuzz.drawings import spoilt
from tests.fuzz.good import WAYS, Way, any_table, any_way, filled_rows, whole
from tests.fuzz.spoiling import ANY, TEXT, repackaged

_PACKAGES = ("xlsx", "ods", "zip of csv", "zip of xlsx")


@dataclass(frozen=True)
class Mutant:
    """A spoilt file."""

    number: int
    name: str
    data: bytes
    told: str
    """How it was made."""
    rows: Mapping[str, tuple[bool, ...]] | None
    """By sheet, which of its rows are filled, as counted here; None where nobody can say."""


def mutant(seed: int, number: int) -> Mutant:
    """The file of that seed and number, the same on every machine."""
    chance = Random(f"{seed}:{number}")
    way = any_way(chance)
    kind = chance.random()
    if kind < 0.4:
        return _drawn(number, way, chance)
    drawn = any_table(chance, sheets_too=way.name in ("xlsx", "xls", "ods"))
    drawn = _without_title(drawn) if way.name == "parquet" else drawn
    data = whole(way, drawn)
    if way.name in _PACKAGES and kind < 0.8:
        data, done = repackaged(data, chance)
        return _made(number, way, data, done, None)
    done = []
    for _ in range(chance.choice([1, 1, 2, 3])):
        change = chance.choice(TEXT if way.is_text else ANY)
        data = change(data, chance)
        done.append(change.__name__.strip("_"))
    return _made(number, way, data, done, _lines(data) if way.is_text else None)


def _made(number: int, way: Way, data: bytes, done: list[str], rows: Mapping[str, tuple[bool, ...]] | None) -> Mutant:
    return Mutant(number, f"{number:06}.{way.ending}", data, f"{way.name}: {', '.join(done)}", rows)


def _drawn(number: int, way: Way, chance: Random) -> Mutant:
    """A table spoilt before it is written: its rows are known."""
    drawn, done = spoilt(any_table(chance, sheets_too=way.name in ("xlsx", "xls", "ods")), chance)
    if way.name == "parquet":
        drawn = _without_title(drawn)
    try:
        data = way.encode(drawn)
    except UnicodeEncodeError:
        way = WAYS[0]
        data = way.encode(drawn)
    # Parquet counts its rows itself, and has no blank ones.
    rows = None if way.name == "parquet" else filled_rows(drawn, way)
    return _made(number, way, data, done, rows)


def _without_title(drawn: str) -> str:
    """The table from its header on: the columns of a Parquet file have names, and no sheets."""
    lines = [line for line in drawn.splitlines() if not line.startswith("===")]
    at = next((at for at, line in enumerate(lines) if line.count(" | ") > 3), 0)
    return "\n".join(lines[at:]) + "\n"


_PERHAPS_BLANK = b" \t,;|^\x00\x0b\x0c\x1a\x1c\x1d\x1e\x85\xa0\xc2\xe2\x80\x8b"


def _lines(data: bytes) -> Mapping[str, tuple[bool, ...]] | None:
    """The lines of a text with bytes for letters and no quotes; None where what is a line, or blank, is arguable."""
    if b'"' in data or b"\0" in data:
        return None
    lines = re.split(rb"\r\n|\n|\r", data.removeprefix(b"\xef\xbb\xbf"))
    if any(line.strip(b" ") and not line.strip(_PERHAPS_BLANK) for line in lines):
        return None
    return {"": tuple(bool(line.strip(b" ")) for line in lines)}
