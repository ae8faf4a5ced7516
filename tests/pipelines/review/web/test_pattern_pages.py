"""Patterns: samples first, then one answer for all open records; taken back as one."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select

from pipelines.review.worklist import Worklist
from pipelines.workspace import state
from pipelines.workspace.state_tables import decisions
from tests.pipelines.review.web.visitor import Visitor

Visitors = Callable[[str | None], Visitor]
GOOD = {"said": "different", "note": "hai anh em sinh đôi", "seen": "on"}


@pytest.fixture
def path(worklist: Worklist) -> str:
    """The page of the pattern of r0005 and r0006."""
    line = worklist.line("r0005")
    assert line is not None
    return f"/patterns/{line.pattern}"


def verdicts(engine: Engine) -> list[str]:
    with state.reading(engine) as connection:
        return list(connection.execute(select(decisions.c.verdict).order_by(decisions.c.decision)).scalars())


def test_a_pattern_is_decided_at_once_after_its_samples_and_taken_back_at_once(
    visitor: Visitors, engine: Engine, path: str
) -> None:
    an = visitor("an")
    assert path in an.get("/patterns").text
    assert an.post(path, GOOD).status_code == 400, "the samples were not seen"
    text = an.get(path).text
    assert "2 hồ sơ cùng kiểu khớp" in text
    assert "r0005" in text
    for lacking in ("said", "note", "seen"):
        assert an.post(path, {**GOOD, lacking: ""}).status_code == 400
    assert verdicts(engine) == []
    assert an.post(path, GOOD).headers["location"] == "/history"
    assert verdicts(engine) == ["different", "different"]
    assert "Không còn hồ sơ nào" in an.get(path).text
    assert '<td class="n">2</td>' in an.get("/history").text
    an.post("/undo")
    assert verdicts(engine) == ["different", "different", "revoked", "revoked"]


def test_what_somebody_else_has_open_is_left_out(visitor: Visitors, engine: Engine, path: str) -> None:
    an, binh = visitor("an"), visitor("binh")
    assert 'name="said"' in binh.get("/record/r0005").text
    an.get(path)
    an.post(path, GOOD)
    assert verdicts(engine) == ["different"]


def test_an_auditor_sees_samples_with_initials_and_cannot_decide(visitor: Visitors, path: str) -> None:
    text = visitor("em").get(path).text
    assert "N. M. A." in text
    assert "Minh An" not in text
    assert 'name="said"' not in text


def test_an_unknown_pattern_is_told(visitor: Visitors) -> None:
    assert visitor("an").get("/patterns/12345").status_code == 404
