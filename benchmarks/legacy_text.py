"""How much text in legacy encodings comes back, how much stays because it is not certain, and is any made wrong?

`python -m benchmarks.legacy_text [--json FILE]`. All communes and provinces, made-up people, schools, employers and
addresses are written in each encoding and mended cell by cell; good text must stay as it is.
"""

import argparse
import json
import random
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl

from vn import encodings
from vn.name_words import name_words, surnames
from vn.territories import communes, provinces
from vn.tone import TONES, put_tone, table

RESULTS = Path(__file__).parent / "results" / "legacy_text.json"
CELLS = 5_000
SEED = 4
_SCHOOLS = ("Trường Tiểu học {}", "Trường THCS {}", "THPT {}", "Mầm non {}", "Trường Mẫu giáo {}", "TH và THCS {}")
_EMPLOYERS = ("Công ty TNHH {}", "Công ty Cổ phần {}", "UBND {}", "DNTN {}", "Hợp tác xã {}", "Bệnh viện Đa khoa {}")
_FREE = dict.fromkeys([0x81, 0x8D, 0x8F, 0x90, 0x9D])


def corpus() -> dict[str, list[str]]:
    """Kind → good cells, made of the repository's tables, the same at each call."""
    choose = random.Random(SEED)
    places = sorted(set(communes()["name"]))
    bare = [place.split(" ", 1)[1] for place in places if " " in place]
    towns = sorted(set(provinces()["name"]))
    firsts = sorted(name.title() for name, kind in surnames().items() if kind == "kinh")
    words = sorted(word.title() for word in name_words())
    people = [
        " ".join([choose.choice(firsts), *choose.choices(words, k=choose.choice((1, 2, 2, 3)))]) for _ in range(CELLS)
    ]
    streets = [name for name in people if len(name.split()) == 3]
    return {
        "people": sorted(set(people)),
        "communes": places,
        "provinces": towns,
        "sexes": ["Nữ"],
        "schools": [choose.choice(_SCHOOLS).format(choose.choice(bare)) for _ in range(CELLS)],
        "employers": [choose.choice(_EMPLOYERS).format(choose.choice(bare)) for _ in range(CELLS)],
        "addresses": [
            f"{choose.randint(1, 400)} {choose.choice(streets)}, {choose.choice(places)}, {choose.choice(towns)}"
            for _ in range(CELLS)
        ],
    }


def good_cells() -> list[str]:
    """Cells that must stay as they are: the words of the tables alone and all of `corpus`, in four cases."""
    words = sorted(name_words() | surnames().keys() | {row["word"] for row in table("text_words.csv")})
    cells = [*words, *(cell for kind in corpus().values() for cell in kind)]
    return sorted({form(cell) for cell in cells for form in (str, str.upper, str.lower, str.title)})


@cache
def _font(name: str) -> dict[str, str]:
    seen: dict[str, str] = {}
    for row in table(f"{name}.csv"):
        seen.setdefault(row["letter"], row["seen_as"])
    return seen


def in_font(text: str, font: str) -> str:
    """The text as someone types it for a font: old-style marks, capitals that the font lacks as small letters."""
    return "".join(_font(font).get(letter) or _font(font).get(letter.lower(), letter) for letter in text)


def in_font_of_capitals(text: str) -> str:
    """The text as typed for .VnTimeH, which shows small letters as capitals: marked ones are small."""
    return "".join(letter if letter.isascii() else in_font(letter.lower(), "tcvn3") for letter in text.upper())


def as_cp1258(text: str) -> str:
    """The text's windows-1258 bytes read as windows-1252: precomposed where the code page has the letter."""
    raw = b""
    for letter in text:
        try:
            raw += letter.encode("cp1258")
        except UnicodeEncodeError:
            marks = unicodedata.normalize("NFD", letter)
            shape = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in TONES))
            raw += (shape + "".join(mark for mark in marks if mark in TONES)).encode("cp1258")
    return raw.decode("cp1252")


def misread(text: str, page: str = "cp1252") -> str:
    """The text's UTF-8 bytes read as a code page; bytes that it leaves free pass through."""
    return "".join(bytes([code]).decode(page, errors="ignore") or chr(code) for code in text.encode())


DAMAGE: dict[str, Callable[[str], str]] = {
    "tcvn3": lambda text: in_font(text, "tcvn3"),
    "tcvn3_capitals": in_font_of_capitals,
    "vni_font": lambda text: in_font(text, "vni"),
    "vni_font_capitals": lambda text: in_font(text.upper(), "vni"),
    "cp1258": as_cp1258,
    "cp1258_capitals": lambda text: as_cp1258(text.upper()),
    "mojibake": misread,
    "mojibake_latin1": lambda text: text.encode().decode("latin-1"),
    "mojibake_cp1258": lambda text: misread(text, "cp1258"),
    "mojibake_twice": lambda text: misread(misread(text)),
    "mojibake_decomposed": lambda text: misread(unicodedata.normalize("NFD", text)),
    "mojibake_lost_bytes": lambda text: misread(text).translate(_FREE),
    "mojibake_no_break_space_lost": lambda text: misread(text).replace("\u00a0", " "),
    "nfd": lambda text: unicodedata.normalize("NFD", text),
}


def outcome(cells: list[str], damage: Callable[[str], str]) -> dict[str, float | int]:
    """Of the cells that the damage changes: how many come back, stay as they are, or become something else.

    Capital letters and the place of the tone mark do not count: a font of capitals has lost the one.
    """
    pairs = [(cell, damaged) for cell in cells if (damaged := damage(cell)).lower() != cell.lower()]
    mended = encodings.repair(pl.Series([damaged for _, damaged in pairs], dtype=pl.String))["text"].to_list()
    back = sum(_same(cell, text) for (cell, _), text in zip(pairs, mended, strict=True))
    stay = sum(damaged == text != cell for (cell, damaged), text in zip(pairs, mended, strict=True))
    return {
        "cells": len(pairs),
        "repaired_share": round(back / max(len(pairs), 1), 4),
        "stay": stay,
        "wrong": len(pairs) - back - stay,
    }


def _same(left: str, right: str) -> bool:
    return [put_tone(word) for word in left.lower().split()] == [put_tone(word) for word in right.lower().split()]


def wrongly_repaired(cells: list[str]) -> list[str]:
    """The good cells that would be changed."""
    mended = encodings.repair(pl.Series(cells, dtype=pl.String))["text"].to_list()
    return [cell for cell, text in zip(cells, mended, strict=True) if cell != text]


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    good = good_cells()
    figures = {
        "good_cells": len(good),
        "good_cells_changed": len(wrongly_repaired(good)),
        "legacy": {
            name: {kind: outcome(cells, damage) for kind, cells in corpus().items()} for name, damage in DAMAGE.items()
        },
    }
    text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
    arguments.json.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
