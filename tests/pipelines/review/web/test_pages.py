"""The list and a record: who sees which values, what one has open, answers, undo, reveal, blind and second readers."""

from collections.abc import Callable

from sqlalchemy import Engine, select

from pipelines.workspace import audit_log, state
from pipelines.workspace.state_tables import decisions, review_answers
from tests.matching.cases import AN_TWIN, HANH
from tests.pipelines.review.web.visitor import Visitor

Visitors = Callable[[str | None], Visitor]
LINKED, TWIN = "r0003", "r0000"
THEIRS = (str(HANH["full_name"]), "Trần Thị", "12/07/1990", "1990-07-12")
"""What only the registry says of the record LINKED."""


def answered(engine: Engine) -> list[tuple[str, str]]:
    with state.reading(engine) as connection:
        rows = connection.execute(select(review_answers.c.given_by, review_answers.c.said).order_by("answer"))
        return [tuple(row) for row in rows]


def test_the_list_masks_names_and_numbers_for_everybody(visitor: Visitors) -> None:
    for name in ("an", "dung", "em"):
        who = visitor(name)
        who.post("/filters", {"decision": "", "show": "all"})
        text = who.get("/").text
        assert "Trần H. H." in text
        assert "Hồng Hạnh" not in text
        assert "079*****3456" in text
        assert "079190123456" not in text


def test_a_reviewer_sees_the_records_own_values_others_see_initials(visitor: Visitors) -> None:
    own = visitor("an").get(f"/record/{LINKED}").text
    assert "Trần Hồng Hạnh" in own
    assert "07/12/1990" in own
    for name in ("dung", "em"):
        text = visitor(name).get(f"/record/{LINKED}").text
        assert "Hồng" not in text
        assert "07/12" not in text
        assert "ngày và tháng đổi chỗ" in text, "what differs is told to all"
    for name in ("an", "dung", "em"):
        text = visitor(name).get(f"/record/{LINKED}").text
        assert not [value for value in (*THEIRS, "079190123456") if value in text], "nothing of the registry"


def test_a_reveal_says_the_correction_once_and_the_log_keeps_that_it_did(visitor: Visitors, engine: Engine) -> None:
    an = visitor("an")
    assert an.post(f"/record/{LINKED}/reveal", {"place": "1", "reason": "x"}).status_code == 400
    text = an.post(f"/record/{LINKED}/reveal", {"place": "1", "reason": "gọi điện cho Hạnh"}).text
    assert "→ Trần Thị Hồng Hạnh" in text
    assert "→ 12/07/1990" in text
    assert "079190123456" in text
    assert "→" not in an.get(f"/record/{LINKED}").text
    with state.reading(engine) as connection:
        (entry,) = audit_log.entries(connection, "unmasked")
        read = [each.details for each in audit_log.entries(connection, "read")]
    assert (entry.by, entry.details["record_id"], entry.details["candidate"]) == ("an", LINKED, 1)
    assert "Hạnh" not in str(entry), "a reason may name somebody"
    assert read == [{"record_id": LINKED}]


def test_one_answer_is_on_disk_and_the_next_record_is_there_at_once(visitor: Visitors, engine: Engine) -> None:
    an = visitor("an")
    first = an.get("/next").headers["location"]
    answer = an.post(first, {"said": "same", "place": "1"})
    following = answer.headers["location"].partition("?")[0]
    assert following.startswith("/record/")
    assert following != first
    assert answered(engine) == [("an", "same")]
    with state.reading(engine) as connection:
        assert connection.execute(select(decisions.c.verdict, decisions.c.decided_by)).all() == [("same", "an")]
    assert first not in an.get("/").text, "no longer on the list"
    assert an.post("/undo").headers["location"] == first
    assert first in an.get("/").text


def test_the_answer_is_about_the_candidate_that_was_chosen(visitor: Visitors, engine: Engine) -> None:
    visitor("an").post(f"/record/{TWIN}", {"said": "same", "place": "2"})
    with state.reading(engine) as connection:
        (person,) = connection.execute(select(decisions.c.person_id)).scalars()
    assert person in ("001200000001", str(AN_TWIN["person_id"]))
    shown = visitor("dung").get(f"/record/{TWIN}").text
    assert "đã quyết định" in shown


def test_what_one_has_open_the_other_cannot_take(visitor: Visitors, engine: Engine) -> None:
    an, binh = visitor("an"), visitor("binh")
    first = an.get("/next").headers["location"]
    assert 'name="said"' in an.get(first).text
    text = binh.get(first).text
    assert "Đang được mở bởi an" in text
    assert 'name="said"' not in text
    assert binh.post(first, {"said": "same"}).status_code == 409
    assert binh.get("/next").headers["location"] != first
    assert "đang mở: an" in binh.get("/").text
    assert answered(engine) == []
    an.post("/sign-out")
    assert 'name="said"' in binh.get(first).text


def test_a_second_reader_does_not_see_what_the_first_said_and_a_third_settles(
    visitor: Visitors, engine: Engine
) -> None:
    an, binh, chi, dung = (visitor(name) for name in ("an", "binh", "chi", "dung"))
    dung.post("/readers", {"tenant": "students-79", "readers": "2", "reason": "mẫu kiểm tra"})
    an.post(f"/record/{TWIN}", {"said": "same", "note": "quen người này"})
    assert an.post(f"/record/{TWIN}", {"said": "nobody"}).status_code == 409
    assert "quen người này" not in binh.get(f"/record/{TWIN}").text
    assert "chờ người thứ hai" in binh.get(f"/record/{TWIN}").text
    binh.post(f"/record/{TWIN}", {"said": "nobody"})
    assert "quen người này" in binh.get(f"/record/{TWIN}").text, "who has answered may see"
    assert "Hai người đã trả lời khác nhau" in chi.get(f"/record/{TWIN}").text
    assert chi.post(f"/record/{TWIN}", {"said": "nobody"}).status_code == 303
    with state.reading(engine) as connection:
        assert connection.execute(select(decisions.c.verdict, decisions.c.decided_by)).all() == [
            ("nobody", "binh, chi")
        ]


def test_blind_mode_hides_what_the_model_thinks(visitor: Visitors) -> None:
    an = visitor("an")
    assert "Xác suất" in an.get(f"/record/{TWIN}").text
    an.post("/account", {"blind": "on", "keys": "on"})
    text = an.get(f"/record/{TWIN}").text
    for told in ("Xác suất <", "được đề xuất", "bit", "<svg"):
        assert told not in text
    assert "Đang xem mù" in text


def test_filters_and_what_is_searched_stand_in_no_address(visitor: Visitors) -> None:
    an = visitor("an")
    answer = an.post("/filters", {"text": "Khánh", "decision": ""})
    assert answer.headers["location"] == "/"
    text = an.get("/").text
    assert "/record/r0004" in text
    assert "/record/r0000" not in text
    assert "?text" not in text
    assert an.post("/filters", {"sector": "'; --"}).status_code == 400


def test_every_page_is_english_when_that_was_chosen(visitor: Visitors) -> None:
    an = visitor("an")
    an.get("/language/en?to=/")
    text = an.get(f"/record/{TWIN}").text
    for told in ("This person", "Why a human is asked", "Next record", "Sign out"):
        assert told in text


def test_the_single_change_that_would_match_names_fields_and_no_value(visitor: Visitors) -> None:
    an = visitor("an")
    assert f"/record/{TWIN}/change" in an.get(f"/record/{TWIN}").text
    text = an.get(f"/record/{TWIN}/change").text
    assert "<li>Số định danh</li>" in text, "two twins fit: the number tells them apart"
    assert str(AN_TWIN["person_id"]) not in text
    assert "2000" not in text
    assert an.get(f"/record/{LINKED}/change").status_code == 404, "a linked one says itself what differs"
