"""Names to test with: the case table, and Hypothesis strategies for real, mangled and arbitrary names."""

import csv
import re
import unicodedata
from importlib.resources import files
from typing import NamedTuple

from hypothesis import strategies as st

from vn.tone import TONES, table

_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


class Case(NamedTuple):
    """A cell and what it must become; a name that begins with `!` is the reason why there is none."""

    cell: str
    name: str
    note: str
    repairs: str
    why: str


def cases() -> list[Case]:
    """The rows of `names_cases.csv`, `\\uXXXX` being the character that cannot be seen."""
    text = files("tests.vn").joinpath("names_cases.csv").read_text(encoding="utf-8")
    rows = [Case(**row) for row in csv.DictReader(text.splitlines())]
    return [row._replace(cell=_ESCAPE.sub(lambda code: chr(int(code[1], 16)), row.cell)) for row in rows]


SURNAMES = [row["surname"] for row in table("surnames.csv") if row["kind"] == "kinh" and row["frequency"]]
CLANS = [row["surname"] for row in table("surnames.csv") if row["kind"] == "ethnic"]
WORDS = [row["word"] for row in table("name_words.csv")]


def cp1258(text: str) -> str:
    """Shaped vowels with a combining tone, as Windows writes Vietnamese."""
    parts = []
    for letter in text:
        marks = unicodedata.normalize("NFD", letter)
        shape = "".join(mark for mark in marks if mark not in TONES)
        parts.append(unicodedata.normalize("NFC", shape) + "".join(mark for mark in marks if mark in TONES))
    return "".join(parts)


def misread(text: str) -> str:
    """The UTF-8 bytes read as cp1252, its five free bytes as control characters."""
    return "".join(bytes([code]).decode("cp1252", errors="ignore") or chr(code) for code in text.encode())


MANGLED = (
    str.upper,
    str.lower,
    str.swapcase,
    lambda name: unicodedata.normalize("NFD", name),
    cp1258,
    misread,
    lambda name: name.replace("Đ", "Ð"),
    lambda name: name.replace(" ", ""),
    lambda name: name.replace(" ", "  ") + " ",
    lambda name: f"bé {name}",
    lambda name: f"{name} (con ông A)",
    lambda name: f"{name} 2",
    lambda name: f"CB. {name}",
    lambda name: name.replace("hòa", "hoà").replace("húy", "huý"),
    lambda name: name.replace("n", "nx").replace("a", "aa"),
)

real_names = st.builds(
    lambda surname, words: " ".join([surname, *words]),
    st.sampled_from(SURNAMES + CLANS),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
)
mangled_names = st.builds(
    lambda name, faults: _apply(name, faults), real_names, st.lists(st.sampled_from(MANGLED), max_size=3)
)
vietnamese_text = st.text(
    alphabet=st.sampled_from(
        "aăâbcdđeêghiklmnoôơpqrstuưvxyAĐÐðfjwzìáảãạếễệứựỳỹýñÑ§¨Ô­ÃÄ»º 0123456789'’.,()-/\u0301\u0300\u0303\u0323\u00a0"
    )
)
cells = st.one_of(real_names, mangled_names, vietnamese_text, st.text())


def _apply(name: str, faults: list[object]) -> str:
    for fault in faults:
        assert callable(fault)
        name = fault(name)
    return name
