"""What the README and the documents say holds: figures are the benchmarks', links lead somewhere, commands exist."""

import pkgutil
import re
import struct
from pathlib import Path

import pytest

from docs import figures, sentences, tables

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FILE = re.compile(r"\.(?:arrow|c|csv|duckdb|html|json|lock|md|npy|parquet|png|py|sqlite|svg|toml|xlsx|yaml)$")
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


def prose(name: str) -> list[str]:
    """What stands in backticks in a document, without its blocks of code."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", TEXTS[name], flags=re.MULTILINE | re.DOTALL))


def missing_paths(named: list[str]) -> list[str]:
    """Paths of the repository (`vn/dates.py`, `rules/check.py:check`) that lead nowhere; no placeholders."""
    tops = {path.name for path in ROOT.iterdir() if path.is_dir()}
    missing = []
    for text in named:
        if not re.fullmatch(r"[\w./-]+(?::\w+)?", text) or "NNN" in text:
            continue
        path, _, name = text.partition(":")
        is_ours = path.endswith(".py") or ("/" in path and path.split("/")[0] in tops - {"workspace"})
        if is_ours and not ((ROOT / path).exists() and name in (name and (ROOT / path).read_text(encoding="utf-8"))):
            missing.append(text)
    return missing


def missing_names(named: list[str]) -> list[str]:
    """Dotted names (`vn.dates.read(text)`) of no module and no attribute; files and polars are passed over."""
    missing = []
    for text in named:
        dotted = text.partition("(")[0]
        if not re.fullmatch(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", dotted) or FILE.search(dotted):
            continue
        if dotted.startswith(("pl.", "self.")):
            continue
        try:
            pkgutil.resolve_name(dotted)
        except (ImportError, AttributeError):
            missing.append(text)
    return missing


@pytest.mark.parametrize("name", [name for name in TEXTS if "decisions" not in name and name != "CHANGELOG.md"])
def test_paths_and_modules_in_documents_exist(name: str) -> None:
    assert missing_paths(prose(name)) == []
    assert missing_names(prose(name)) == []


def test_a_path_or_module_that_is_gone_is_seen() -> None:
    there = [
        "vn/dates.py",
        "rules/check.py:check",
        "pipelines/sectors/*.toml",
        "workspace/runs/",
        "docs/decisions/NNN-a.md",
    ]
    gone = ["again.py", "vn/places.py", "rules/check.py:Source", "pipelines/store/"]
    assert missing_paths([*there, *gone]) == gone
    there = ["vn.dates.standardise(dates, night)", "links.parquet", "pl.Series", "pipelines.files.table"]
    gone = ["verify.turn.Turn", "store.query", "vn.places", "vn.dates.gone"]
    assert missing_names([*there, *gone]) == gone


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


def test_no_first_sentence_has_to_be_decoded() -> None:
    riddle = re.compile(
        r"(?:Of|By|With|In|From|At|To) (?:what|which|whom|whose|so)\b|Of |Should |Told |Whom |Said |What .* says\b"
    )
    assert [line for line in sentences.lines() if riddle.match(line.rpartition(".py: ")[2].partition(": ")[2])] == []
