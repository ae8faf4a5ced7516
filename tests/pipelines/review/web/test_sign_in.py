"""Signing in and out: one sentence for all faults, a session of the server, a password that its owner chose."""

from collections.abc import Callable

from sqlalchemy import Engine

from pipelines.review import people
from pipelines.review.people import Role
from pipelines.workspace import audit_log, state
from tests.pipelines.review.web.visitor import PASSWORD, Visitor

NEW = "trời xanh mây trắng nắng vàng"


def test_the_right_password_begins_a_session_that_signing_out_ends(
    visitor: Callable[[str | None], Visitor], engine: Engine
) -> None:
    visitor("an")
    browser = visitor(None)
    answer = browser.post("/sign-in", {"name": "An ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    text = browser.get("/").text
    browser.csrf = text.split('name="csrf" value="')[1].split('"')[0]
    token = browser.client.cookies["sachsong"]
    assert browser.post("/sign-out").status_code == 303
    browser.client.cookies.set("sachsong", token)
    assert browser.get("/").headers["location"] == "/sign-in", "the old cookie is nobody's"
    with state.reading(engine) as connection:
        acts = [(entry.by, entry.details["act"]) for entry in audit_log.entries(connection, "sign_in")]
    assert acts == [("an", "in"), ("an", "out")]


def test_unknown_names_and_wrong_passwords_are_told_alike_and_refused_after_five(
    visitor: Callable[[str | None], Visitor], engine: Engine
) -> None:
    visitor("an")
    browser = visitor(None)
    wrong = browser.post("/sign-in", {"name": "an", "password": "x"})
    unknown = browser.post("/sign-in", {"name": "hunter2", "password": "x"})
    assert (wrong.status_code, wrong.text) == (401, unknown.text)
    for _ in range(4):
        browser.post("/sign-in", {"name": "an", "password": "x"})
    refused = browser.post("/sign-in", {"name": "an", "password": PASSWORD})
    assert refused.status_code == 429, "even the right one"
    with state.reading(engine) as connection:
        told = [(entry.by, entry.details["act"]) for entry in audit_log.entries(connection, "sign_in")]
    assert told[:2] == [("an", "failed"), ("unknown", "failed")], "a name that was typed may be a password"
    assert told[-1] == ("an", "barred")


def test_a_made_password_opens_nothing_but_the_page_that_changes_it(
    visitor: Callable[[str | None], Visitor], engine: Engine
) -> None:
    with state.transaction(engine) as connection:
        made = people.add(connection, "moi", Role.officer, [], "test")
    browser = visitor(None)
    browser.post("/sign-in", {"name": "moi", "password": made})
    for path in ("/", "/record/r0000", "/patterns"):
        assert browser.get(path).headers["location"] == "/account"
    browser.csrf = browser.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    assert browser.post("/account", {"old": made, "new": NEW, "again": NEW + "x"}).status_code == 400
    assert browser.post("/account", {"old": made, "new": "ngắn", "again": "ngắn"}).status_code == 400
    assert browser.post("/account", {"old": made, "new": NEW, "again": NEW}).headers["location"] == "/sign-in"
    assert browser.get("/").headers["location"] == "/sign-in", "every session has ended"
    assert browser.post("/sign-in", {"name": "moi", "password": NEW}).headers["location"] == "/"


def test_the_other_language_leads_back_to_this_site_only(visitor: Callable[[str | None], Visitor]) -> None:
    an = visitor("an")
    assert an.get("/language/en?to=/patterns").headers["location"] == "/patterns"
    assert "Records to review" in an.get("/").text
    assert '<html lang="en">' in an.get("/").text
    assert an.get("/language/xx?to=//evil.example").headers["location"] == "/"
    assert "Records to review" in an.get("/").text
