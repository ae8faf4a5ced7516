"""One term for one thing: what docs/glossary.md says is not written stands in no text of the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXTS = [
    path
    for folder in ("matching", "pipelines", "rules")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".toml", ".html"}
]


def retired() -> Iterator[tuple[str, str]]:
    """(what is not written, the term)."""
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "term":
            yield from ((word.strip(), cells[0]) for word in cells[3].split(",") if word.strip())


@pytest.mark.parametrize(("word", "term"), retired())
def test_no_text_calls_a_thing_otherwise_than_the_glossary(word: str, term: str) -> None:
    # Whole words, and not where a table quotes a law or knows a header by another name.
    looked_for = re.compile(rf"(?<!\w){word}(?!\w)", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if looked_for.search(line) and not line.startswith(("source", "aliases"))
    ]
    assert not found, f"«{word}» is «{term}» (docs/glossary.md): {found}"


def test_the_glossary_retires_words() -> None:
    words = dict(retired())
    assert words["bản ghi"] == "hồ sơ"
    assert words["năm ăn năm thua"] == "50/50"
