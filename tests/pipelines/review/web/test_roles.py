"""The matrix: every role on every page, in its own tenant and in another's; each cell says what is answered."""

from collections.abc import Callable

import pytest

from pipelines.review.people import Account, Role
from pipelines.review.web import roles
from pipelines.review.web.app import PUBLIC, ROUTES
from pipelines.review.web.roles import Act
from pipelines.review.worklist import Worklist
from tests.pipelines.review.web.visitor import PASSWORD, Visitor

COLUMNS = ("dung", "an", "chi", "em", "giang")
"""Officer, reviewer, second reviewer, auditor, administrator."""
NOTE = {"note": "đã đối chiếu giấy tờ", "seen": "on"}

# What is answered to each of COLUMNS; `own` and `other` are the tenant of the record that is asked for.
MATRIX = [
    ("GET", "/", {}, "", "200 200 200 200 403"),
    ("POST", "/filters", {"text": "an"}, "", "303 303 303 303 403"),
    ("GET", "/record/{record_id}", {}, "own", "200 200 200 200 403"),
    ("GET", "/record/{record_id}", {}, "other", "200 403 403 200 403"),
    ("GET", "/record/{record_id}/change", {}, "own", "200 200 200 200 403"),
    ("GET", "/record/{record_id}/change", {}, "other", "200 403 403 200 403"),
    ("POST", "/record/{record_id}/keep", {}, "own", "204 204 204 403 403"),
    ("POST", "/record/{record_id}/keep", {}, "other", "204 403 403 403 403"),
    ("POST", "/record/{record_id}/reveal", {"reason": "so giấy tờ", "place": "1"}, "own", "403 200 200 403 403"),
    ("POST", "/record/{record_id}/reveal", {"reason": "so giấy tờ", "place": "1"}, "other", "403 403 403 403 403"),
    ("POST", "/record/{record_id}", {"said": "unsure"}, "own", "303 303 303 403 403"),
    ("POST", "/record/{record_id}", {"said": "unsure"}, "other", "303 403 403 403 403"),
    ("POST", "/undo", {"answer": "999"}, "", "400 400 400 403 403"),
    ("GET", "/next", {}, "", "303 303 303 403 403"),
    ("GET", "/night", {}, "", "200 403 403 200 403"),
    ("GET", "/signatures", {}, "", "200 403 403 200 403"),
    ("POST", "/signatures", {"password": "x"}, "", "400 403 403 400 403"),
    ("GET", "/patterns", {}, "", "200 200 200 200 403"),
    ("POST", "/patterns/{pattern:int}", {"said": "same", **NOTE}, "own", "400 400 400 403 403"),
    ("GET", "/patterns/{pattern:int}", {}, "own", "200 200 200 200 403"),
    ("GET", "/patterns/{pattern:int}", {}, "other", "200 403 403 200 403"),
    ("POST", "/patterns/{pattern:int}", {"said": "unsure", **NOTE}, "other", "303 403 403 403 403"),
    ("GET", "/lists", {}, "", "200 200 200 403 403"),
    ("POST", "/lists", {}, "", "400 400 400 403 403"),  # a file of another tenant: test_list_pages.py
    ("GET", "/history", {}, "", "200 200 200 200 403"),
    ("GET", "/log", {}, "", "403 403 403 200 403"),
    ("GET", "/readers", {}, "", "200 403 403 403 403"),
    ("POST", "/readers", {"tenant": "students-79", "readers": "2", "reason": "mẫu"}, "", "303 403 403 403 403"),
    ("GET", "/accounts", {}, "", "403 403 403 403 200"),
    ("POST", "/accounts", {"act": "add", "name": "moi", "role": "auditor"}, "", "403 403 403 403 200"),
    ("GET", "/account", {}, "", "200 200 200 200 200"),
    ("POST", "/account", {"blind": "on"}, "", "303 303 303 303 303"),
    ("GET", "/second-factor", {}, "", "200 200 200 200 200"),
    ("POST", "/second-factor", {"act": "begin", "password": PASSWORD}, "", "200 200 200 200 200"),
    ("POST", "/sign-out", {}, "", "303 303 303 303 303"),
]  # fmt: skip
RECORDS = {"own": "r0000", "other": "v0000", "": ""}


def path_of(worklist: Worklist, template: str, tenant: str) -> str:
    """The path of a page of a record in one's own tenant or in another's."""
    line = worklist.line(RECORDS[tenant]) if tenant else None
    place = {"{record_id}": line.record_id, "{pattern:int}": str(line.pattern)} if line else {}
    for name, value in place.items():
        template = template.replace(name, value)
    return template


@pytest.mark.parametrize(("column", "name"), enumerate(COLUMNS))
def test_every_page_answers_each_role_as_the_matrix_says(
    visitor: Callable[[str | None], Visitor], worklist: Worklist, column: int, name: str
) -> None:
    who = visitor(name)
    for method, template, form, tenant, told in MATRIX:
        path = path_of(worklist, template, tenant)
        answer = who.get(path) if method == "GET" else who.post(path, form)
        assert answer.status_code == int(told.split()[column]), f"{name}: {method} {template} ({tenant or 'no'} tenant)"
        if answer.status_code == 303 and template != "/sign-out":
            assert answer.headers["location"] != "/sign-in"


def test_without_a_session_every_page_leads_to_the_sign_in(
    visitor: Callable[[str | None], Visitor], worklist: Worklist
) -> None:
    nobody = visitor(None)
    for method, template, form, tenant, _ in MATRIX:
        path = path_of(worklist, template, tenant)
        answer = nobody.get(path) if method == "GET" else nobody.post(path, form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), f"{method} {template}"
        assert answer.content == b""


def test_the_matrix_has_every_page() -> None:
    assert {(method, path) for method, path, *_ in MATRIX} == {(method, path) for method, path, *_ in ROUTES}
    assert {path for _, path, _ in PUBLIC} == {"/sign-in", "/language/{code}"}


def test_every_role_and_every_act_is_decided() -> None:
    assert set(roles.MAY) == set(Role)
    assert {act for acts in roles.MAY.values() for act in acts} == set(Act)
    for role, acts in roles.MAY.items():
        may_see_values = acts & {Act.see_own_values, Act.reveal}
        assert not may_see_values or role in (Role.reviewer, Role.second), "the owning department's reviewers alone"


def test_an_administrator_sees_no_record_and_an_officer_every_tenant() -> None:
    administrator, officer = Account(name="a1", role=Role.administrator), Account(name="o1", role=Role.officer)
    assert not roles.concerns(administrator, "students", "79")
    assert roles.concerns(officer, "students", None)
    assert roles.tenants(officer) is None
    assert roles.tenants(Account(name="r1", role=Role.reviewer, tenants=("students-79",))) == ("students-79",)
    assert (roles.start(administrator), roles.start(officer)) == ("/accounts", "/")
