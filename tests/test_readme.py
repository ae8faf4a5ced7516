"""What the README and the documents say holds: figures are the benchmarks', links lead somewhere, commands exist."""

import re
import struct
from pathlib import Path

import pytest

from docs import figures, sentences, tables

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in DOCUMENTS}


def test_the_figures_are_those_of_the_benchmarks() -> None:
    readme = TEXTS["README.md"]
    assert figures.BEGIN in readme
    assert figures.END in readme
    assert readme == figures.written(readme), "python -m docs.figures"


def test_the_tables_between_hops_are_those_of_the_code() -> None:
    architecture = TEXTS["docs/architecture.md"]
    assert tables.BEGIN in architecture
    assert tables.END in architecture
    assert architecture == tables.written(architecture), "python -m docs.tables"


def test_another_result_would_be_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for result in figures.RESULTS.glob("*.json"):
        text = result.read_text(encoding="utf-8").replace('"over_cap": 0', '"over_cap": 1')
        (tmp_path / result.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(figures, "RESULTS", tmp_path)
    assert ", 1 over the cap;" in figures.written(TEXTS["README.md"])


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", TEXTS[name])
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not ((ROOT / name).parent / target).exists()] == []


@pytest.mark.parametrize("name", TEXTS)
def test_modules_that_are_to_be_run_exist(name: str) -> None:
    modules = re.findall(r"python -m ((?:benchmarks|docs)\.\w+)", TEXTS[name])
    assert [module for module in modules if not (ROOT / f"{module.replace('.', '/')}.py").is_file()] == []


def test_the_picture_is_as_wide_as_it_is_made_and_light() -> None:
    picture = (ROOT / "docs" / "summary.png").read_bytes()
    width, height = struct.unpack(">II", picture[16:24])
    assert (picture[:4], width) == (b"\x89PNG", 1280)
    assert 1000 < height < 1700
    assert len(picture) < 400_000


def test_first_sentences_are_found_for_modules_functions_classes_fields_and_constants() -> None:
    source = '''"""Counts rows. Two readers do it."""
LIMIT = 3
"""Most rows, e.g. of a file. A longer file is refused."""
_HIDDEN = 4
"""Private."""


class Count:
    """A count
    of rows."""

    rows: int
    """Rows without the header."""

    def total(self) -> int:
        """All rows.

        Units: rows.
        """

    def _private(self) -> None:
        """Private."""
'''
    assert list(sentences.sentences_of(source)) == [
        ("", "Counts rows."),
        ("LIMIT", "Most rows, e.g. of a file."),
        ("Count", "A count of rows."),
        ("Count.rows", "Rows without the header."),
        ("Count.total", "All rows."),
    ]
