"""Sentences for users: Vietnamese, one " / ", English, so that the terminal can show either half alone."""

import ast
import inspect
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import errors

ROOT = Path(__file__).parents[2]
SENTENCE_LETTERS = 25
"""What is shorter is a part of a sentence, or a name."""
ERRORS = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.PipelineError)}


def constant(node: ast.expr) -> str | None:
    """The text that an expression states, with {} for what it fills in; None if it states none."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (constant(left) or "{}") + (constant(right) or "{}")
        case ast.IfExp(body=body):
            return constant(body)
    return None


def sentences(source: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every sentence that the file gives to an error or a note of a file."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called in ERRORS | {"Note"}:
            texts = [constant(each) for each in node.args]
            yield from ((node.lineno, text) for text in texts if text and len(text) > SENTENCE_LETTERS)


def sources() -> list[Path]:
    folders = ("pipelines", "matching", "rules", "vn")
    return sorted([ROOT / "flows.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))])


def test_every_sentence_has_two_languages_and_one_line_between_them() -> None:
    found = [(path, line, text) for path in sources() for line, text in sentences(path)]
    assert len(found) > 150
    assert [(str(path.relative_to(ROOT)), line, text) for path, line, text in found if text.count(" / ") != 1] == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ('raise BadInput("x", f"Tệp «{name}», dòng / rows {n}: cần / needs five cells.")', "two"),
        ('Note("x", "Chỉ có một ngôn ngữ trong câu này.")', "none"),
    ],
)
def test_a_wrong_sentence_would_be_seen(tmp_path: Path, code: str, text: str) -> None:
    (tmp_path / "a.py").write_text(code, encoding="utf-8")
    ((_, found),) = sentences(tmp_path / "a.py")
    assert found.count(" / ") == {"two": 2, "none": 0}[text]


@pytest.mark.parametrize(
    "error",
    [
        errors.Transient("locked"),
        errors.RegistryInvalid("not_sorted", "text"),
        errors.GatewayDown("text", retry_after_s=5.0),
        errors.GatewayRefused("text", code="EXPIRED", is_theirs=True),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_the_same_in_another_process(error: errors.PipelineError) -> None:
    """What its class is called with differs from what it says: pickle by itself calls it with the text alone."""
    there = pickle.loads(pickle.dumps(error))
    assert (type(there), str(there), vars(there)) == (type(error), str(error), vars(error))
