"""Accounts, readers, history and log as their pages show and change them."""

from collections.abc import Callable

from sqlalchemy import Engine

from pipelines.review import people
from pipelines.workspace import audit_log, state
from tests.pipelines.review.web.visitor import Visitor

Visitors = Callable[[str | None], Visitor]


def test_an_administrator_makes_disables_and_resets_accounts(visitor: Visitors, engine: Engine) -> None:
    giang = visitor("giang")
    text = giang.post(
        "/accounts", {"act": "add", "name": "moi", "role": "reviewer", "tenants": "students-79, *-01"}
    ).text
    password = text.split('class="once">')[1].split("<")[0]
    with state.reading(engine) as connection:
        found = people.check(connection, "moi", password)
    assert found is not None
    assert found.tenants == ("*-01", "students-79")
    assert password not in giang.get("/accounts").text, "shown once"
    again = giang.post("/accounts", {"act": "reset", "name": "moi"}).text.split('class="once">')[1].split("<")[0]
    assert again != password
    giang.post("/accounts", {"act": "disable", "name": "moi"})
    with state.reading(engine) as connection:
        assert people.check(connection, "moi", again) is None
        told = [(entry.by, entry.details["act"]) for entry in audit_log.entries(connection, "account")]
    assert told == [("giang", "add"), ("giang", "reset"), ("giang", "disable")]
    assert password not in str(told)


def test_nobody_locks_themselves_out_and_bad_forms_are_told(visitor: Visitors) -> None:
    giang = visitor("giang")
    for form in (
        {"act": "disable", "name": "giang"},
        {"act": "add", "name": "moi", "role": "king"},
        {"act": "add", "name": "moi", "role": "reviewer"},
        {"act": "explode", "name": "moi"},
    ):
        assert giang.post("/accounts", form).status_code == 400


def test_readers_are_ordered_for_a_reason(visitor: Visitors) -> None:
    dung = visitor("dung")
    assert dung.post("/readers", {"tenant": "students-*", "readers": "2", "reason": "x"}).status_code == 400
    assert dung.post("/readers", {"tenant": "students-79", "readers": "2", "reason": ""}).status_code == 400
    dung.post("/readers", {"tenant": "students-79", "readers": "2", "reason": "mẫu kiểm tra"})
    assert "<td>students-79</td>" in dung.get("/readers").text


def test_reviewers_see_their_own_history_officers_and_auditors_everybodys(visitor: Visitors) -> None:
    an, binh = visitor("an"), visitor("binh")
    an.post("/record/r0000", {"said": "same", "note": "ghi chú của An"})
    assert "ghi chú của An" in an.get("/history").text
    assert "ghi chú của An" not in binh.get("/history").text
    for name in ("dung", "em"):
        assert "ghi chú của An" in visitor(name).get("/history").text


def test_the_log_tells_who_did_what_without_values(visitor: Visitors) -> None:
    visitor("an").post("/record/r0003/reveal", {"place": "1", "reason": "gọi điện cho Hạnh"})
    text = visitor("em").get("/log").text
    assert "unmasked" in text
    assert "r0003" in text
    assert "Hạnh" not in text
