"""Answers the pages of records: the list, one record beside its candidates, what is decided about it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from matching.explanation import words
from pipelines.config import TIME_ZONE
from pipelines.errors import BadInput
from pipelines.report.charts import waterfall
from pipelines.review import answers, candidates, claims, desk, sessions
from pipelines.review.answers import Given, Key
from pipelines.review.candidates import Candidate
from pipelines.review.desk import Open
from pipelines.review.disagreement import Answer
from pipelines.review.web import roles
from pipelines.review.web.roles import Act
from pipelines.review.web.visit import NotAllowed, Visit, to
from pipelines.review.worklist import Detail, Filters, Line
from pipelines.workspace import audit_log, state

SAID = ("same", "different", "nobody", "unsure")
LONGEST_NOTE = 1_000


def worklist(visit: Visit) -> Response:
    """A page of the list: records that wait for the visitor, or all that fit, by the filters that the session keeps."""
    account, view = visit.signed_in.account, visit.signed_in.view
    filters, tenants = filters_of(visit), roles.tenants(account)
    after = _number(visit.request.query_params.get("after"))
    with state.reading(visit.desk.engine) as connection:
        found = visit.desk.current(connection)
        held = claims.held_by_others(connection, account.name)
    wanted = _wanted(visit, found, str(view.get("show", "open")))
    lines, has_more = found.worklist.page(filters, tenants, wanted, after)
    choices = found.worklist.choices(lambda sector, province: roles.concerns(account, sector, province))
    return visit.render(
        "list.html",
        lines=[(line, found.standings.of(line.position), held.get(key_of(line))) for line in lines],
        decided=found.standings.decided, filters=filters, choices=choices, run_id=found.run.run_id,
        after=lines[-1].position if has_more else None, is_first=after == 0, show=view.get("show", "open"),
        masked_name=candidates.masked_name, sectors=visit.desk.sectors(),
    )  # fmt: skip


def filter_list(visit: Visit) -> Response:
    """The list by other filters, which the session keeps: what is searched may be a name, which no URL holds."""
    form = visit.form
    told = {name: form.get(name) or None for name in Filters.model_fields}
    try:
        Filters(**told)
    except ValidationError:
        return visit.refuse(400, "Điều kiện lọc không hợp lệ.", "The filters are not valid.")
    show = form.get("show") if form.get("show") in ("open", "second", "third", "all") else "open"
    with visit.desk.writing() as connection:
        sessions.keep_view(connection, visit.signed_in, {**visit.signed_in.view, **told, "show": show})
    return to("/")


def following(visit: Visit) -> Response:
    """The next record that waits for the visitor, behind the one that they leave."""
    after = _number(visit.request.query_params.get("after"))
    with state.reading(visit.desk.engine) as connection:
        found = visit.desk.current(connection)
        lines = _upcoming(visit, connection, found, after)
    with visit.desk.writing() as connection:
        claims.release(connection, visit.signed_in.account.name)
        return _to_next(visit, connection, found, lines)


def record(visit: Visit) -> Response:
    """One record beside its candidates, which nobody else can take as long as it is open."""
    return _record(visit, None)


def change(visit: Visit) -> Response:
    """Which single correction would link the record, as `sachsong explain` says it: names of fields, no value."""
    found = visit.desk.opened()
    line = _line(visit, found)
    if line.decision == "link" or visit.signed_in.view.get("blind"):
        return visit.refuse(404, "Hồ sơ này không có gì để thử.", "Nothing is to be tried with this record.")
    fields = [words.title(field) for field in visit.desk.single_changes(line.record_id)]
    return visit.render("change.html", line=line, fields=fields)


def reveal(visit: Visit) -> Response:
    """The record with its number and the correction that one candidate means, for a reason that the log keeps."""
    reason = visit.form.get("reason", "").strip()
    if len(reason) < 5 or len(reason) > LONGEST_NOTE:
        return visit.refuse(400, "Hãy ghi lý do cần xem (ít nhất 5 ký tự).", "Say why you need it (5 characters).")
    shown = _record(visit, _number(visit.form.get("place")), reason)
    # Loaded again, the address gives the masked record.
    shown.headers["HX-Replace-Url"] = f"/record/{visit.request.path_params['record_id']}"
    return shown


def answer(visit: Visit) -> Response:
    """The next record, once the answer about this one is on disk."""
    account, form = visit.signed_in.account, visit.form
    said, note = form.get("said", ""), form.get("note", "").strip()
    if said not in SAID or len(note) > LONGEST_NOTE:
        return visit.refuse(400, "Câu trả lời không hợp lệ.", "No such answer.")
    with state.reading(visit.desk.engine) as connection:
        found = visit.desk.current(connection)
    line = _line(visit, found)
    given = given_of(visit, found.worklist.detail(line), said, note, _number(form.get("place")) or 1)
    if not is_open(visit, found, line.position):
        return visit.refuse(409, "Hồ sơ này không chờ bạn nữa.", "This record no longer waits for you.")
    with state.reading(visit.desk.engine) as connection:
        lines = _upcoming(visit, connection, found, line.position, line)
    # As short as it can be: SQLite has one writer at a time.
    with visit.desk.writing() as connection:
        if claims.claim(connection, key_of(line), account.name) != account.name:
            return visit.refuse(409, "Người khác đang mở hồ sơ này.", "Somebody else has this record open.")
        answers.give(connection, [given])
        claims.release(connection, account.name)
        return _to_next(visit, connection, found, lines, done=line)


def undo(visit: Visit) -> Response:
    """The record whose answer the visitor has taken back; the list if several were given together."""
    account = visit.signed_in.account
    with visit.desk.writing() as connection:
        number = _number(visit.form.get("answer")) or _last_answer(connection, account.name)
        keys = answers.undo(connection, account.name, number)
        found = visit.desk.current(connection)
        places = found.worklist.of_contents([content for _, content in keys]) if len(keys) == 1 else []
        lines = found.worklist.lines([position for position, *_ in places[:1]])
    return to(f"/record/{lines[0].record_id}" if lines else "/")


def keep(visit: Visit) -> Response:
    """An empty answer; the record stays the visitor's for another while."""
    with visit.desk.writing() as connection:
        line = _line(visit, visit.desk.opened())
        claims.claim(connection, key_of(line), visit.signed_in.account.name)
    return Response(status_code=204)


def filters_of(visit: Visit) -> Filters:
    """The filters that the session keeps."""
    view = visit.signed_in.view
    return Filters(**{name: view.get(name) for name in Filters.model_fields})


def key_of(line: Line) -> Key:
    """What an answer about the record is about."""
    return line.sector, line.content


def is_open(visit: Visit, found: Open, position: int) -> bool:
    """Whether the record waits for the visitor."""
    account = visit.signed_in.account
    may_settle = roles.may(account, Act.settle)
    return visit.may(Act.answer) and found.standings.is_open(position, account.name, is_second=may_settle)


def given_of(visit: Visit, detail: Detail, said: str, note: str, place: int) -> Given:
    """The visitor's answer about a record; `place` is the candidate's of whom it speaks."""
    about = said in ("same", "different")
    if about and not 1 <= place <= len(detail.candidates):
        raise BadInput("no_person", "Hồ sơ này không có người nào để nói tới / nobody was compared with the record.")
    person_id = str(detail.candidates[place - 1]["person_id"]) if about else None
    line = detail.line
    told = Answer(visit.signed_in.account.name, said, person_id)  # type: ignore[arg-type]
    person = detail.fingerprints[person_id] if person_id else None
    return Given(key_of(line), f"{line.sector}-{line.province}", told, person, note)


def _record(visit: Visit, place: int | None, reason: str = "") -> Response:
    account = visit.signed_in.account
    with state.reading(visit.desk.engine) as connection:
        found = visit.desk.current(connection)
        line = _line(visit, found)
        given = answers.of_records(connection, [key_of(line)])[key_of(line)]
        decided = answers.decisions_of(connection, [key_of(line)])[key_of(line)]
    detail = found.worklist.detail(line)
    if place is not None and not 0 <= place <= len(detail.candidates):
        raise BadInput("no_person", "Không có người này / there is no such candidate.")
    is_mine, holder = is_open(visit, found, line.position), account.name
    if is_mine or place is not None or visit.may(Act.see_own_values):
        with visit.desk.writing() as connection:
            holder = claims.claim(connection, key_of(line), account.name) if is_mine else holder
            _log_read(connection, account.name, line, place, reason, is_read=visit.may(Act.see_own_values))
    shown = candidates.show(detail, visit.desk.model_of(line.sector))
    is_decided = line.position in found.standings.decided
    return visit.render(
        "record.html", line=line, detail=detail, explanation=shown.explanation,
        people=_arranged(visit, detail, shown.candidates), is_mine=is_mine and holder == account.name, holder=holder,
        standing=found.standings.of(line.position), is_decided=is_decided,
        history=decided, given=given if _may_see_answers(visit, given, is_decided=is_decided) else [],
        revealed=(place, candidates.own_number(detail), candidates.revealed(detail, place) if place else [])
        if place is not None else None,
        masked=(lambda value: value) if visit.may(Act.see_own_values) else candidates.masked,
        chart=_chart(visit, shown.explanation) if shown.candidates else "", sectors=visit.desk.sectors(),
        moment=moment,
    )  # fmt: skip


def _log_read(connection: Connection, name: str, line: Line, place: int | None, reason: str, *, is_read: bool) -> None:
    """Writes down that a record's own values, or the registry's of a candidate, are about to be shown."""
    if place is not None:
        told = {"record_id": line.record_id, "candidate": place, "reason_sha256": _digest(reason)}
        audit_log.append(connection, "unmasked", told, name)
    elif is_read:
        audit_log.append(connection, "read", {"record_id": line.record_id}, name)


def _chart(visit: Visit, explanation: Any) -> str:
    title = visit.say("Vì sao người này được đề xuất", "Why this person is proposed")
    return waterfall.chart("waterfall", title, explanation, language=visit.language)


def _arranged(visit: Visit, detail: Detail, people: Sequence[Candidate]) -> list[Candidate]:
    """The candidates by what speaks for them; in blind mode in an order that tells nothing."""
    if not visit.signed_in.view.get("blind"):
        return list(people)
    return sorted(people, key=lambda each: _digest(detail.candidates[each.place - 1]["person_id"]))


def _may_see_answers(visit: Visit, given: Sequence[answers.Kept], *, is_decided: bool) -> bool:
    """Whether the visitor may see what others answered: not as long as they could still answer themselves."""
    own = any(each.answer.by == visit.signed_in.account.name for each in given)
    return is_decided or own or visit.may(Act.see_everybodys_history)


def _upcoming(
    visit: Visit, connection: Connection, found: Open, after: int, done: Line | None = None
) -> Sequence[Line]:
    account = visit.signed_in.account
    return desk.upcoming(
        found, connection, account.name, filters_of(visit), roles.tenants(account), after,
        is_second=roles.may(account, Act.settle), done=done and key_of(done),
    )  # fmt: skip


def _to_next(
    visit: Visit, connection: Connection, found: Open, lines: Sequence[Line], done: Line | None = None
) -> RedirectResponse:
    account = visit.signed_in.account
    if not lines:
        return to("/")
    line = desk.take(found, connection, account.name, lines, is_second=roles.may(account, Act.settle))
    if line is None:  # others were faster with all of them
        return to(f"/next?after={lines[-1].position}")
    return to(f"/record/{line.record_id}?done={done.record_id}" if done else f"/record/{line.record_id}")


def _line(visit: Visit, found: Open) -> Line:
    line = desk.require_line(found, visit.request.path_params["record_id"])
    if not roles.concerns(visit.signed_in.account, line.sector, line.province):
        raise NotAllowed
    return line


def _wanted(visit: Visit, found: Open, show: str) -> Any:
    standings, name = found.standings, visit.signed_in.account.name
    is_second = visit.may(Act.settle)
    if show in ("second", "third"):
        return lambda position: position not in standings.decided and standings.of(position).waits_for == show
    if show == "all" or not visit.may(Act.answer):
        return lambda position: True
    return lambda position: standings.is_open(position, name, is_second=is_second)


def _last_answer(connection: Connection, name: str) -> int:
    number = answers.last_of(connection, name)
    if number is None:
        raise BadInput("nothing_to_undo", "Bạn chưa trả lời gì để hoàn tác / you have answered nothing yet.")
    return number


def moment(at: float) -> str:
    """A moment as people read it: `22/11/2026 14:05`."""
    return f"{datetime.fromtimestamp(at, TIME_ZONE):%d/%m/%Y %H:%M}"


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 18 else 0


def _digest(text: object) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()
