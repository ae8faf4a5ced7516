"""A second factor is set up, asked for, and taken away; where the role needs one nothing else is seen before."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from pipelines.config import Run
from pipelines.review.desk import Desk
from pipelines.review.people import Account, Role
from pipelines.review.web.visit import Site
from pipelines.review.worklist import Worklist
from pipelines.workspace import audit_log, state
from tests.pipelines.review.authenticator import app_code
from tests.pipelines.review.small_worklist import settings_of
from tests.pipelines.review.web.visitor import PASSWORD, Visitor, served

Opening = Callable[[str | None], Visitor]


def set_up(who: Visitor) -> tuple[str, list[str]]:
    """The code that confirmed somebody's second factor, and the recovery codes."""
    begun = who.post("/second-factor", {"act": "begin", "password": PASSWORD})
    secret = re.search(r'class="once">([A-Z2-7 ]+)<', begun.text)
    assert secret is not None
    assert f"secret={secret[1].replace(' ', '')}" in begun.text
    code = app_code(secret[1].replace(" ", ""))
    confirmed = who.post("/second-factor", {"act": "confirm", "code": code})
    codes = re.findall(r"<code>([a-z0-9-]+)</code>", confirmed.text)
    assert (confirmed.status_code, len(codes)) == (200, 10)
    return code, codes


def test_signing_in_asks_for_the_code_once_it_is_set_up(visitor: Opening, engine: Engine) -> None:
    an, elsewhere, browser = visitor("an"), visitor("an"), visitor(None)
    used, codes = set_up(an)
    assert an.get("/").status_code == 200
    assert elsewhere.get("/").headers["location"] == "/sign-in", "other browsers sign in again"
    given = {"name": "an", "password": PASSWORD}
    alone = browser.post("/sign-in", given)
    wrong = browser.post("/sign-in", {**given, "password": "x"})
    assert (alone.status_code, alone.text) == (401, wrong.text), "the right password alone is told like a wrong one"
    assert browser.post("/sign-in", {**given, "code": used}).status_code == 401, "it was used before"
    assert browser.post("/sign-in", {**given, "code": codes[0]}).status_code == 303
    assert browser.post("/sign-in", {**given, "code": codes[0]}).status_code == 401, "a recovery code is good once"
    with state.reading(engine) as connection:
        told = [entry.details for entry in audit_log.entries(connection, "sign_in")]
        account = [entry.details for entry in audit_log.entries(connection, "account")]
    assert [each["act"] for each in told] == ["failed_code", "failed", "failed_code", "in", "failed_code"]
    assert told[3]["factor"] == "recovery"
    assert {"act": "second_factor"} in account
    assert not [each for each in (used, *codes) if each in str([*told, *account])]


def test_codes_that_fail_bar_the_name_as_passwords_do(visitor: Opening) -> None:
    _, codes = set_up(visitor("an"))
    browser = visitor(None)
    given = {"name": "an", "password": PASSWORD}
    told = [browser.post("/sign-in", {**given, "code": "000000"}).status_code for _ in range(5)]
    assert told == [401] * 5
    assert browser.post("/sign-in", {**given, "code": codes[0]}).status_code == 429


def test_who_sits_down_at_an_open_browser_can_neither_set_it_up_nor_take_it_away(visitor: Opening) -> None:
    an = visitor("an")
    assert an.post("/second-factor", {"act": "begin", "password": "x"}).status_code == 400
    assert an.post("/second-factor", {"act": "confirm", "code": "000000"}).status_code == 400
    _, codes = set_up(an)
    for password, code in (("x", codes[0]), (PASSWORD, ""), (PASSWORD, "000000")):
        told = an.post("/second-factor", {"act": "remove", "password": password, "code": code})
        assert told.status_code == 400
    assert "10" in an.get("/second-factor").text
    gone = an.post("/second-factor", {"act": "remove", "password": PASSWORD, "code": codes[1]})
    assert (gone.status_code, gone.headers["location"]) == (303, "/second-factor")
    assert visitor(None).post("/sign-in", {"name": "an", "password": PASSWORD}).status_code == 303


def test_a_wrong_first_code_shows_the_form_again_without_the_secret(visitor: Opening) -> None:
    an = visitor("an")
    an.post("/second-factor", {"act": "begin", "password": PASSWORD})
    again = an.post("/second-factor", {"act": "confirm", "code": "000000"})
    assert again.status_code == 400
    assert "Nhập mã mà ứng dụng hiện" in again.text
    assert "otpauth" not in again.text + an.get("/second-factor").text
    assert an.post("/second-factor", {"act": "x"}).status_code == 400


def test_an_administrator_takes_it_from_somebody_who_lost_the_phone(visitor: Opening, engine: Engine) -> None:
    set_up(visitor("an"))
    giang = visitor("giang")
    assert "Bỏ hai lớp" in giang.get("/accounts").text
    assert giang.post("/accounts", {"act": "second_factor_off", "name": "an"}).status_code == 200
    assert giang.post("/accounts", {"act": "second_factor_off", "name": "an"}).status_code == 404
    assert visitor(None).post("/sign-in", {"name": "an", "password": PASSWORD}).status_code == 303
    with state.reading(engine) as connection:
        entries = [(entry.details, entry.by) for entry in audit_log.entries(connection, "account")]
    assert ({"act": "second_factor_off", "name": "an"}, "giang") in entries


def test_where_the_role_needs_one_nothing_is_seen_before(night: Run, worklist: Worklist, engine: Engine) -> None:
    with served(night, engine, second_factor="reviewer administrator") as origin:
        an, dung = Visitor(origin, engine, "an"), Visitor(origin, engine, "dung")
        assert dung.get("/").status_code == 200, "officers need none"
        for path in ("/", "/record/r0000", "/patterns", "/account", "/lists"):
            assert an.get(path).headers["location"] == "/second-factor"
        assert an.post("/record/r0000", {"said": "same"}).headers["location"] == "/second-factor"
        shown = an.get("/second-factor").text
        assert "Vai trò của bạn cần" in shown
        assert "/patterns" not in shown
        set_up(an)
        assert an.get("/").status_code == 200


@pytest.mark.parametrize(
    ("setting", "is_secure", "needs"),
    [
        (None, True, ["officer", "reviewer", "second", "auditor", "administrator"]),
        (None, False, []),
        ("none", True, []),
        ("all", False, ["officer", "reviewer", "second", "auditor", "administrator"]),
        ("officer second", True, ["officer", "second"]),
    ],
)
def test_who_needs_one(night: Run, engine: Engine, setting: str | None, is_secure: bool, needs: list[str]) -> None:
    desk = Desk(settings_of(night).model_copy(update={"second_factor": setting}), engine)
    site = Site(desk, frozenset(), is_secure)
    assert [role.value for role in Role if site.first(Account(name="a1", role=role))] == needs
    with_one = Account(name="a1", role=Role.officer, has_second_factor=True)
    assert site.first(with_one) is None
    assert site.first(Account(name="a1", role=Role.officer, must_change=True)) == "/account", "the password goes first"
