"""Loads the table of file signatures (`signatures.toml`), and words the refusals of formats that are not read."""

import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.errors import UnreadableFile
from pipelines.files.sheet import Note


@cache
def table() -> dict[str, Any]:
    """The content of `signatures.toml`."""
    return tomllib.loads(Path(__file__).with_name("signatures.toml").read_text(encoding="utf-8"))


def refusal(row: Mapping[str, Any]) -> UnreadableFile:
    """The refusal of a file that this row of the table describes: the reason and the remedy."""
    content, content_en = both(row["title"])
    remedy, remedy_en = both(table()["remedies"][row["remedy"]])
    return UnreadableFile(
        row.get("code", "unknown_format"),
        f"Nội dung tệp là {content}, không đọc được thành danh sách; {remedy} / the content is {content_en}, which is "
        f"not read as a list: {remedy_en}.",
    )


def beside(names: Iterable[str], kind: str) -> tuple[Note, ...]:
    """Notes on the names that stand for other things than cells, one for each sort. `kind`: `parts` (ZIP) or `streams`
    (XLS).
    """
    all_names = sorted(set(names))
    notes, told = [], set[str]()
    for row in table()["beside"]:
        hits = {name for name in all_names if any(fnmatchcase(name, pattern) for pattern in row[kind])} - told
        told |= hits
        if hits:
            notes.append(Note(row["code"], f"{row['message']}."))
    return tuple(notes)


def both(text: str) -> tuple[str, str]:
    """A text of the table in Vietnamese and in English."""
    vietnamese, _, english = text.partition(" / ")
    return vietnamese, english or vietnamese
