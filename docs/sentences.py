"""Prints the first sentence of every public docstring: `python -m docs.sentences`.

Read from top to bottom, each line alone should be understood by somebody who has never seen the project.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("vn", "rules", "matching", "pipelines", "flows.py")
_END_OF_SENTENCE = re.compile(r"(?<=[.?!]) (?=[^a-z])")


def sentences_of(source: str) -> Iterator[tuple[str, str]]:
    """Pairs (dotted name, first sentence) of a module's public docstrings in its order; the module's own is unnamed."""
    module = ast.parse(source)
    if text := ast.get_docstring(module):
        yield "", _first_sentence(text)
    yield from _sentences_below(module, "")


def _sentences_below(owner: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, str]]:
    for statement, following in zip(owner.body, [*owner.body[1:], None], strict=True):
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                text = ast.get_docstring(statement)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                text = _text_of(following)
            case _:
                continue
        if name.startswith("_"):
            continue
        if text:
            yield prefix + name, _first_sentence(text)
        if isinstance(statement, ast.ClassDef):
            yield from _sentences_below(statement, f"{prefix}{name}.")


def _text_of(statement: ast.stmt | None) -> str | None:
    match statement:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return text
    return None


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.split("\n\n")[0].split())
    return _END_OF_SENTENCE.split(paragraph)[0]


def lines() -> Iterator[str]:
    """Lines of `path: name: first sentence`, in the order of paths."""
    for file in [file for source in SOURCES for file in sorted((ROOT / source).rglob("*.py")) or [ROOT / source]]:
        for name, sentence in sentences_of(file.read_text(encoding="utf-8")):
            yield ": ".join(filter(None, (str(file.relative_to(ROOT)), name, sentence)))


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
