"""Strips everything around the number from an identity cell, and keeps what was stripped."""

import re
from typing import NamedTuple

from vn.cells import character_repairs, key, tidy
from vn.id_tables import LABELS
from vn.scripts import as_latin

QUOTES = "'’‘`´\"“”="
_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})")
_DECIMAL_ZERO = re.compile(r"([0-9][0-9., \-]*)\.0|([0-9][0-9., \-]{6,}[0-9])[.,]0{1,2}")
_SEPARATORS = re.compile(r"[.,\-–—‑/\\_·:;()\[\]|*]")
_CARD = re.compile(r"[A-Za-z]{2}[1-5][0-9]{12}")
_LONGEST_LABEL = max(len(label.split()) for label in LABELS)


class Bare(NamedTuple):
    """The characters of the number, the kind that a label announced, what was taken off, and whether the cell
    shows a rounded number (`7.92E+10`)."""

    text: str
    announced: str
    repairs: frozenset[str]
    is_rounded: bool = False


def strip(text: str) -> Bare:
    """The bare characters of a cell that is neither empty nor a filler."""
    repairs = character_repairs(text)
    whole = as_latin(tidy(text))
    cell, announced = _without_label(whole)
    if cell != whole:
        repairs.add("label")
    if cell.strip(QUOTES) != cell:
        repairs.add("apostrophe")
        cell = cell.strip(QUOTES).strip()
    if found := _SCIENTIFIC.fullmatch(cell):
        digits = found[1] + (found[2] or "")
        if len(digits) != int(found[3]) + 1 or len(digits) < 8:
            return Bare(cell, announced, frozenset(repairs), is_rounded=True)
        repairs.add("scientific_exact")
        cell = digits
    if found := _DECIMAL_ZERO.fullmatch(cell):
        repairs.add("decimal_zero")
        cell = found[1] or found[2]
    compact = _SEPARATORS.sub("", cell)
    if compact != cell:
        repairs.add("separators")
    if " " in compact or text != text.strip():
        repairs.add("spaces")
    return Bare(compact.replace(" ", ""), announced, frozenset(repairs))


def _without_label(cell: str) -> tuple[str, str]:
    """The cell without the words before the number that say what it is, and the kind that they announce."""
    if cell[:1].isdecimal():
        return cell, ""
    if _CARD.fullmatch(re.sub(r"[\W_]", "", cell)):
        return cell, ""  # HC and DT begin health insurance cards too
    words = cell.replace(":", " ").split()
    for count in range(min(_LONGEST_LABEL, len(words) - 1), 0, -1):
        announced = LABELS.get(key(" ".join(words[:count])))
        if announced is not None:
            return " ".join(words[count:]), announced
    glued = re.match(r"[^0-9]{2,}(?=[0-9])", cell)
    announced = LABELS.get(key(glued[0])) if glued else None
    return (cell[len(glued[0]) :], announced) if glued and announced is not None else (cell, "")
