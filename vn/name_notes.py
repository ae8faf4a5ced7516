"""Cuts from a name cell what is not the name: titles, "con ông A", bracketed remarks, numbering."""

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from vn.name_words import fold, great_surnames, is_known, note_openers, openers, plain_surnames, surnames
from vn.tone import put_tone, table

_BRACKETED: Final = re.compile(r"[(\[{<]([^()\[\]{}<>]*)(?:[)\]}>]|$)")
_OPENED: Final = re.compile(r"[(\[{<]").search
_WRAPPED: Final = re.compile(r"^[(\[{<]([^()\[\]{}<>]*)[)\]}>]$")
_SEPARATOR: Final = re.compile(r"\s*[;,/|:]\s*|\s+-+\s+|\s+-+(?=\w)")
_NUMBER_BEFORE: Final = re.compile(r"^#?(\d{1,5})[.):\s-]+\s*(?=\D)")
_NUMBER_AFTER: Final = re.compile(r"(?<=[^\W\d_])[\s.-]*(\d{1,3})$")
_EDGE: Final = re.compile(r"^[\s.,;:_*\"'+=~?!#/\\|-]+|[\s.,;:_*\"'+=~?!#/\\|-]+$")
_INNER: Final = re.compile(r"(?<=\w)_+(?=\w)|(?<=[^\W\d_]{2})\.+(?=[^\W\d_]{2})")
_AFTER_TITLE: Final = 2
"""A title is cut only before a surname and at least one more word: "Bé Hai" is a name."""


class Cut(NamedTuple):
    """A cell divided into the name and the note that was cut from it (`""` if nothing was)."""

    name: str
    note: str


@cache
def _phrases(kind: str) -> list[list[tuple[str, str]]]:
    """The table's phrases of one kind, longest first; each word lower-case with and without its marks."""
    rows = [row["text"].lower().split() for row in table("name_notes.csv") if row["kind"] == kind]
    return [[(word, fold(word)) for word in words] for words in sorted(rows, key=len, reverse=True)]


@cache
def _counters() -> frozenset[str]:
    """Words before a number; only with their marks, for Lan is a name."""
    return frozenset(row["text"] for row in table("name_notes.csv") if row["kind"] == "counter")


@cache
def _unmarked_surnames() -> frozenset[str]:
    return frozenset(map(fold, surnames()))


def _starts_with(words: list[str], phrase: list[tuple[str, str]]) -> bool:
    if not words or words[0] not in phrase[0] or len(words) < len(phrase):
        return False
    if words[0] != phrase[0][0] and words[0] in _unmarked_surnames():
        return False  # "Be Van Dan" may be Bế Văn Đàn, "Chau Ba" is a Khmer name
    return all(word in forms for word, forms in zip(words, phrase, strict=False))


@lru_cache(maxsize=1 << 16)
def _bare(word: str) -> str:
    return put_tone(_EDGE.sub("", word.lower()))


def _lower(words: list[str]) -> list[str]:
    return list(map(_bare, words))


def starts_with_parent(words: list[str]) -> bool:
    """Whether the lower-case words begin with a parent or husband: «con ông Nguyễn Văn Bảy»."""
    return any(_starts_with(words, phrase) for phrase in _phrases("parent"))


@cache
def _titles() -> list[list[tuple[str, str]]]:
    return sorted(_phrases("title") + _phrases("form of address"), key=len, reverse=True)


def is_form_of_address(note: str) -> bool:
    """Whether only «ông», «hộ bà» and their like were cut: the cell names the same person with or without."""
    return note.lower() in _forms_of_address()


@cache
def _forms_of_address() -> frozenset[str]:
    return frozenset(" ".join(word for word, _ in phrase) for phrase in _phrases("form of address"))


def _cut_title(words: list[str]) -> tuple[list[str], list[str]]:
    lower = _lower(words)
    for phrase in _titles():
        rest = lower[len(phrase) :]
        # "Co Mai Hiếu" is rather Cao with a letter lost than "cô" without its mark.
        marked = lower[0] == phrase[0][0]
        if marked and _starts_with(lower, phrase) and len(rest) >= _AFTER_TITLE and _is_title(lower[0], rest):
            return words[len(phrase) :], words[: len(phrase)]
    return words, []


def _is_title(first: str, rest: list[str]) -> bool:
    if first in surnames():  # Ông Cao Thắng, Ông Lê An: the surname Ông
        return rest[0] in great_surnames() and len(rest) > _AFTER_TITLE
    return rest[0] in plain_surnames() or rest[0] in surnames() or " ".join(rest[:2]) in surnames()


def _cut_newborn(words: list[str]) -> tuple[list[str], list[str]]:
    lower = _lower(words)
    for phrase in _phrases("newborn"):
        for at in range(len(words)):
            if _starts_with(lower[at:], phrase):
                end = at + len(phrase)
                return words[:at] + words[end:], words[at:end]
    return words, []


def _cut_parent(words: list[str]) -> tuple[list[str], list[str]]:
    lower = _lower(words)
    for at in range(len(words)):
        if any(_starts_with(lower[at:], phrase) for phrase in _phrases("parent")):
            return words[:at], words[at:]
    return words, []


def _looks_like_a_name(text: str) -> bool:
    words = _lower(text.split())
    return len(words) > 1 and words[0] in plain_surnames() and all(map(is_known, words))


def _cut_brackets(text: str) -> Cut:
    if not _OPENED(text):
        return Cut(" ".join(text.split()), "")
    wrapped = _WRAPPED.match(text)
    if wrapped:
        return Cut(wrapped.group(1).strip(), "")
    notes = [part.strip() for part in _BRACKETED.findall(text)]
    return Cut(" ".join(_BRACKETED.sub(" ", text).split()), "; ".join(filter(None, notes)))


def _cut_after_separator(text: str) -> Cut:
    parted = _SEPARATOR.search(text)
    if parted is None or not _looks_like_a_name(text[: parted.start()]):
        return Cut(text, "")
    return Cut(text[: parted.start()], _EDGE.sub("", text[parted.end() :]))


def _cut_words(text: str) -> Cut:
    words, notes = text.split(), []
    lower = _lower(words)
    if note_openers().isdisjoint(lower) and openers().isdisjoint(lower[:1]):
        return Cut(text, "")
    for cut in (_cut_parent, _cut_newborn, _cut_title):
        words, note = cut(words) if words else (words, [])
        notes.append(_EDGE.sub("", " ".join(note)))
    return Cut(" ".join(words), "; ".join(filter(None, notes)))


def cut_numbers(text: str) -> Cut:
    """A list number before the name or a counter after it ("Lan 2", "Lan lần 2") as the note."""
    before = _NUMBER_BEFORE.match(text)
    if before:
        return Cut(text[before.end() :], before.group(1))
    after = _NUMBER_AFTER.search(text)
    if after and after.start() > 0:
        name, _, last = text[: after.start()].rpartition(" ")
        if name and last.lower() in _counters():
            return Cut(name, f"{last} {after.group(1)}")
        return Cut(text[: after.start()], after.group(1))
    return Cut(text, "")


def cut_notes(text: str) -> Cut:
    """The cell without bracketed remarks, parents, newborn marks and titles; those as the note."""
    notes = []
    for cut in (_cut_brackets, _cut_after_separator, _cut_words):
        text, note = cut(text)
        notes.append(note)
    return Cut(text, "; ".join(filter(None, notes)))


def strip_punctuation(text: str) -> str:
    """The name without signs at its edges, and with dots and underscores between words as spaces."""
    return " ".join(_INNER.sub(" ", _EDGE.sub("", text)).split())
