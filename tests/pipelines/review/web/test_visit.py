"""What a request must be before a page sees it: of this site, with the session's token, of a fair size."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from pipelines.review.web.visit import is_own_path
from pipelines.workspace import audit_log, state
from tests.pipelines.review.web.visitor import Visitor

WAITS = "r0000"


@pytest.mark.parametrize(
    ("headers", "form", "status", "why"),
    [
        ({"Origin": "https://evil.example"}, {"said": "same"}, 403, "a form of another site"),
        ({"Origin": "null"}, {"said": "same"}, 403, "a form that hides where it is from"),
        ({}, {"said": "same", "csrf": "x"}, 403, "another token"),
        ({}, {"said": "same", "csrf": ""}, 403, "none"),
        ({}, {"said": "same", "note": "x" * 70_000}, 413, "too long a form"),
        ({}, {"said": "perhaps"}, 400, "no such answer"),
        ({}, {"said": "same", "place": "7"}, 404, "nobody of that number"),
        ({}, {"said": "same", "note": "x" * 1_001}, 400, "too long a note"),
    ],
)
def test_what_is_no_right_form_changes_nothing(
    visitor: Callable[[str | None], Visitor], headers: dict[str, str], form: dict[str, str], status: int, why: str
) -> None:
    an = visitor("an")
    assert an.post(f"/record/{WAITS}", form, **headers).status_code == status, why
    assert "<tbody>" not in an.get("/history").text


def test_a_disabled_account_and_a_made_up_session_are_nobody(
    visitor: Callable[[str | None], Visitor], engine: Engine
) -> None:
    an, giang, nobody = visitor("an"), visitor("giang"), visitor(None)
    assert giang.post("/accounts", {"act": "disable", "name": "an"}).status_code == 200
    nobody.client.cookies.set("sachsong", "made-up")
    for who in (an, nobody):
        assert who.get("/").headers["location"] == "/sign-in"


def test_what_is_refused_is_in_the_log(visitor: Callable[[str | None], Visitor], engine: Engine) -> None:
    visitor("an").get("/record/v0000")
    with state.reading(engine) as connection:
        (entry,) = audit_log.entries(connection, "refused")
    assert (entry.by, entry.details["path"]) == ("an", "/record/v0000")


@pytest.mark.parametrize(
    ("path", "is_own"),
    [("/", True), ("/record/r0", True), ("//evil.example", False), ("https://e", False), ("/\\e", False), ("", False)],
)
def test_a_path_that_stays_here(path: str, is_own: bool) -> None:
    assert is_own_path(path) is is_own


def test_faults_are_pages_without_values(visitor: Callable[[str | None], Visitor]) -> None:
    answer = visitor("an").get("/record/no-such-record")
    assert answer.status_code == 404
    assert "Traceback" not in answer.text
