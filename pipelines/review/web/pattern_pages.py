"""Answers the pages of patterns: records that agree with their person in the same way, decided after samples."""

from starlette.responses import Response

from pipelines.errors import BadInput
from pipelines.review import answers, candidates, claims, sessions, worklist
from pipelines.review.desk import Open
from pipelines.review.web import roles
from pipelines.review.web.pages import SAID, given_of, is_open, key_of
from pipelines.review.web.roles import Act
from pipelines.review.web.visit import NotAllowed, Visit, to
from pipelines.review.worklist import Pattern
from pipelines.workspace import audit_log, state

MOST_SHOWN = 60
LONGEST_NOTE = 1_000


def patterns(visit: Visit) -> Response:
    """The patterns of the visitor's records that wait for a decision, those of most records first."""
    account = visit.signed_in.account
    found = visit.desk.opened()
    every = found.worklist.patterns(lambda sector, province: roles.concerns(account, sector, province))
    shown = [each for each in every if each.decision == "review" and each.levels][:MOST_SHOWN]
    told = [(each, candidates.pattern_sentences(each, visit.desk.model_of(each.sector))) for each in shown]
    return visit.render("patterns.html", patterns=told, sectors=visit.desk.sectors())


def pattern(visit: Visit) -> Response:
    """Samples of one pattern side by side; only who has seen them can decide it."""
    account = visit.signed_in.account
    with state.reading(visit.desk.engine) as connection:
        found = visit.desk.current(connection)
    chosen = _pattern(visit, found)
    positions = _open_positions(visit, found, chosen)
    lines = found.worklist.lines(worklist.samples(positions))
    with visit.desk.writing() as connection:
        if visit.may(Act.see_own_values):
            for line in lines:
                audit_log.append(connection, "read", {"record_id": line.record_id}, account.name)
        view = {**visit.signed_in.view, "pattern": f"{found.run.run_id}/{chosen.pattern}"}
        sessions.keep_view(connection, visit.signed_in, view)
    model = visit.desk.model_of(chosen.sector)
    shown = [(line, candidates.show(found.worklist.detail(line), model)) for line in lines]
    return visit.render(
        "pattern.html", pattern=chosen, sentences=candidates.pattern_sentences(chosen, model), samples=shown,
        records=len(positions), most=worklist.MOST_TOGETHER, sectors=visit.desk.sectors(),
        masked=(lambda value: value) if visit.may(Act.see_own_values) else candidates.masked,
    )  # fmt: skip


def decide_pattern(visit: Visit) -> Response:
    """The list of patterns, once all open records of this one are answered: each about its own proposed person."""
    said, note = visit.form.get("said", ""), visit.form.get("note", "").strip()
    if said not in SAID or not 5 <= len(note) <= LONGEST_NOTE or visit.form.get("seen") != "on":
        return visit.refuse(
            400,
            "Cần chọn câu trả lời, ghi căn cứ (ít nhất 5 ký tự) và xác nhận đã xem các mẫu.",
            "Choose an answer, say on what ground (5 characters) and confirm that you saw the samples.",
        )
    account = visit.signed_in.account
    with visit.desk.writing() as connection:
        found = visit.desk.current(connection)
        chosen = _pattern(visit, found)
        if visit.signed_in.view.get("pattern") != f"{found.run.run_id}/{chosen.pattern}":
            raise BadInput("not_seen", "Hãy xem các mẫu trước khi quyết định / see the samples before you decide.")
        held = claims.held_by_others(connection, account.name)
        lines = found.worklist.lines(_open_positions(visit, found, chosen))
        # What two records say alike is answered once.
        own = {key_of(line): line for line in lines if key_of(line) not in held}
        given = [given_of(visit, found.worklist.detail(line), said, note, 1) for line in own.values()]
        if given:
            answers.give(connection, given)
    return to("/history")


def _pattern(visit: Visit, found: Open) -> Pattern:
    account = visit.signed_in.account
    number = int(visit.request.path_params["pattern"])
    every = found.worklist.patterns(lambda sector, province: True)
    chosen = next((each for each in every if each.pattern == number), None)
    if chosen is None:
        raise BadInput("unknown_pattern", "Danh sách không có kiểu khớp này / the worklist has no such pattern.")
    own = found.worklist.patterns(lambda sector, province: roles.concerns(account, sector, province))
    if number not in {each.pattern for each in own}:
        raise NotAllowed
    return chosen


def _open_positions(visit: Visit, found: Open, chosen: Pattern) -> list[int]:
    tenants = roles.tenants(visit.signed_in.account)
    # Who only reads sees samples of all.
    wanted = (lambda position: is_open(visit, found, position)) if visit.may(Act.answer) else (lambda position: True)
    return found.worklist.of_pattern(chosen.pattern, tenants, wanted)
