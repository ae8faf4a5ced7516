"""Says what each column of a value that stands in several of them holds once the value is corrected."""

import re
from collections.abc import Mapping

Held = Mapping[str, str | None]
"""Part of the value → what its column holds."""

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def changed(column: str, held: Held, after: str) -> dict[str, str] | None:
    """Part → what its column should hold, of the parts that change; None where nobody can tell which part is which.

    `after` is the whole value as the file would write it in one column.
    """
    whole = _NAMED.get(column, lambda _held, _after: None)(held, after)
    if whole is None:
        return None
    return {part: text for part, text in whole.items() if not _says(held[part], text)}


def _name(held: Held, after: str) -> dict[str, str] | None:
    """As many words to each part as it has; else the last one is the given name, if it is that alone now."""
    parts = [part for part in ("family", "middle", "given") if part in held]
    counts, words = [len((held[part] or "").split()) for part in parts], after.split()
    if sum(counts) != len(words):
        is_usual = parts[0] == "family" and parts[-1] == "given" and counts[0] > 0 and counts[-1] == 1
        if not is_usual or len(words) < 2 or (len(parts) == 3 and counts[0] > 1):
            return None
        counts = [1, len(words) - 2, 1] if len(parts) == 3 else [len(words) - 1, 1]
    ends = [sum(counts[: at + 1]) for at in range(len(counts))]
    return {part: " ".join(words[end - count : end]) for part, count, end in zip(parts, counts, ends, strict=True)}


def _date(held: Held, after: str) -> dict[str, str] | None:
    found = _DATE.fullmatch(after)
    parts = ("day", "month", "year")
    return dict(zip(parts, found.groups(), strict=True)) if found and set(held) == set(parts) else None


def _says(cell: str | None, text: str) -> bool:
    """Whether the cell says this already: `5`, `05` and `5.0` are one day, `87` the year 1987."""
    bare = re.sub(r"\.0+$", "", (cell or "").strip())
    if not text.isdigit():
        return bare == text
    return bare.isdigit() and (int(bare) == int(text) or (len(text) == 4 and bare == text[2:]))


_NAMED = {"full_name": _name, "date_of_birth": _date}
