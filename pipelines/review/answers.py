"""Takes people's answers about records, and decides what they come to, in one transaction.

Pages and workbooks answer here alike: an answer is kept, `pipelines.review.disagreement` says what all answers about a
record come to, and what is decided goes through `pipelines.link.human_decisions.record`, as on the command line.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, func, insert, select

from pipelines.config import TIME_ZONE
from pipelines.errors import BadInput
from pipelines.link import human_decisions
from pipelines.link.human_decisions import Decision
from pipelines.review.disagreement import Answer, Standing, alike, standing
from pipelines.workspace import audit_log
from pipelines.workspace.state_tables import decisions, review_answers, review_readers

Key = tuple[str, str]
"""Sector and fingerprint of what a record says: answers are about that."""
CHUNK = 400
"""Records that are asked about in one query: databases bound the number of parameters."""
NO_NOTE = "Đã xem hồ sơ bên cạnh người được đề xuất."
"""Reason of a decision whose giver wrote none."""


class Given(NamedTuple):
    """One answer about one record, as somebody gives it."""

    key: Key
    tenant: str
    answer: Answer
    person: str | None
    """Fingerprint of the registry's entry of the answer's person; None if it speaks of nobody."""
    note: str


class Kept(NamedTuple):
    """An answer as it was stored, and not taken back."""

    number: int
    tenant: str
    answer: Answer
    person: str | None
    note: str
    given_at: float
    together: int | None
    """Number of the first of the answers that were given as one."""


def give(connection: Connection, given: Sequence[Given], now: float | None = None) -> dict[Key, Standing]:
    """What the answers about each record come to with these; decided ones are stored. All of them, or none.

    Errors: BadInput if a record waits for another person than this one.
    """
    at = time.time() if now is None else now
    keys = [each.key for each in given]
    before, readers = of_records(connection, keys), readers_of(connection)
    first = (connection.execute(select(func.max(review_answers.c.answer))).scalar() or 0) + 1
    together = first if len(given) > 1 else None
    _add(connection, [_row(each, at, together) for each in given])
    after = of_records(connection, keys)
    found, decided = {}, []
    for each in given:
        needed = readers.get(each.tenant, 1)
        was, found[each.key] = _standing(before[each.key], needed), _standing(after[each.key], needed)
        if was.waits_for in ("second", "third") and each.answer.by in was.answered:
            raise BadInput("another_person", "Hồ sơ này chờ người khác trả lời / this record waits for somebody else.")
        decided += _changed(each.key, was, found[each.key], after[each.key], at)
    if decided:
        human_decisions.record(connection, decided)
    return found


def undo(connection: Connection, by: str, number: int, now: float | None = None) -> list[Key]:
    """Takes back somebody's own answer and those given together with it; what was decided before them holds again.

    Errors: BadInput if it is not theirs or was taken back, or somebody has answered or decided after it.
    """
    at = time.time() if now is None else now
    table = review_answers
    chosen = connection.execute(select(table.c.together, table.c.given_by).where(table.c.answer == number)).first()
    if chosen is None or chosen.given_by != by:
        raise _nothing_to_undo()
    mine = (table.c.together == chosen.together) if chosen.together else (table.c.answer == number)
    keys = [
        (row.sector, row.content) for row in connection.execute(select(table.c.sector, table.c.content).where(mine))
    ]
    before, readers, told = of_records(connection, keys), readers_of(connection), decisions_of(connection, keys)
    taken, decided = [], []
    for key in dict.fromkeys(keys):
        last = before[key][-1] if before[key] else None
        if last is None or last.answer.by != by or (last.number != number and last.together != chosen.together):
            raise _nothing_to_undo()
        taken.append(_row_of_undoing(key, last, at))
        needed = readers.get(last.tenant, 1)
        was, left = _standing(before[key], needed), _standing(before[key][:-1], needed)
        decided += _taken_back(key, was, left, before[key], told[key], at)
    _add(connection, taken)
    if decided:
        human_decisions.record(connection, decided)
    return keys


def _add(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Stores answers; each is in the audit log, without whom it names."""
    connection.execute(insert(review_answers), rows)
    for by, theirs in groupby(rows, key=itemgetter("given_by")):
        noted = [
            {"sector": row["sector"], "said": row["said"], "row": audit_log.digest_of_row(review_answers, row)}
            for row in theirs
        ]
        audit_log.append_all(connection, "review_answer", noted, by)


def of_records(connection: Connection, keys: Sequence[Key]) -> dict[Key, list[Kept]]:
    """The answers about each record that were not taken back, in their order."""
    rows = list(_of_keys(connection, review_answers, keys, lambda table: table.c.answer))
    undone = {row.undoes for row in rows if row.said == "undone"}
    found: dict[Key, list[Kept]] = {key: [] for key in keys}
    for row in rows:
        if row.said != "undone" and row.answer not in undone:
            found[row.sector, row.content].append(_kept(row))
    return found


def readers_of(connection: Connection) -> dict[str, int]:
    """Tenant → how many like answers decide its records; 1 where none is named."""
    rows = connection.execute(
        select(review_readers.c.tenant, review_readers.c.readers).order_by(review_readers.c.order)
    )
    return {row.tenant: row.readers for row in rows}


def order_readers(connection: Connection, tenant: str, readers: int, by: str, reason: str) -> None:
    """Orders how many like answers decide a tenant's records from now on. Errors: BadInput unless it is 1 or 2."""
    if readers not in (1, 2) or not reason.strip():
        raise BadInput("bad_readers", "Số người đọc là 1 hoặc 2, và cần lý do / readers are 1 or 2, with a reason.")
    row = {"tenant": tenant, "readers": readers, "given_by": by, "given_at": time.time(), "reason": reason.strip()}
    connection.execute(insert(review_readers), row)
    audit_log.append(connection, "readers", {"tenant": tenant, "readers": readers}, by)


def last_of(connection: Connection, by: str) -> int | None:
    """Number of the last answer that somebody gave and did not take back; None if there is none."""
    return next((number for number, _, kept, is_undone in latest(connection, by, 50) if kept and not is_undone), None)


def latest(connection: Connection, by: str | None, most: int) -> list[tuple[int, int, Kept, bool]]:
    """The newest answers, those given together as one: the last one's number, how many, the answer, whether taken back.

    `by` None: everybody's.
    """
    table = review_answers
    one = func.coalesce(table.c.together, table.c.answer)
    wanted = select(func.max(table.c.answer).label("answer"), func.count().label("many")).where(
        table.c.said != "undone"
    )
    wanted = wanted.where(table.c.given_by == by) if by else wanted
    groups = wanted.group_by(one).order_by(func.max(table.c.answer).desc()).limit(most).subquery()
    rows = connection.execute(
        select(table, groups.c.many).join(groups, table.c.answer == groups.c.answer).order_by(table.c.answer.desc())
    ).all()
    numbers = [row.answer for row in rows]
    undone = set(connection.execute(select(table.c.undoes).where(table.c.undoes.in_(numbers))).scalars())
    return [(row.answer, row.many, _kept(row), row.answer in undone) for row in rows]


def _standing(kept: Sequence[Kept], readers: int) -> Standing:
    return standing([each.answer for each in kept], readers)


def _changed(key: Key, was: Standing, now: Standing, kept: Sequence[Kept], at: float) -> list[Decision]:
    """The decision that the last answer made, or the end of the one that it contradicts."""
    last = kept[-1]
    if now.decided is None:
        return (
            [_decision(key, "revoked", None, last.answer.by, at, "Hai người trả lời khác nhau.")] if was.decided else []
        )
    like = [each for each in kept if alike(each.answer, now.decided)]
    # Said again of a person whose entry has changed since: the earlier decision holds no longer.
    if was.decided is not None and alike(was.decided, now.decided) and len({each.person for each in like}) == 1:
        return []
    by = ", ".join(dict.fromkeys(each.answer.by for each in like))
    reason = "; ".join(dict.fromkeys(each.note for each in like if each.note)) or NO_NOTE
    return [_decision(key, now.decided.said, like[-1], by, at, reason)]


def _taken_back(
    key: Key, was: Standing, left: Standing, kept: Sequence[Kept], told: Sequence[Row[Any]], at: float
) -> list[Decision]:
    """The decisions that are stored as the last answer is taken back; `told` are all about the record."""
    if was.decided is None:
        return [] if left.decided is None else _changed(key, was, left, kept[:-1], at)
    if not told or (told[-1].verdict, told[-1].person_id) != (was.decided.said, was.decided.person_id):
        raise _nothing_to_undo()
    by = kept[-1].answer.by
    stood = human_decisions.last_words(
        [(row.decision, row.sector, row.content, row.verdict, row.person_id, row.person) for row in told[:-1]]
    )
    again = {(row["verdict"], row["person_id"]) for row in stood.to_dicts()}
    earlier = {(row.verdict, row.person_id): row for row in told[:-1] if (row.verdict, row.person_id) in again}
    return [
        _decision(key, "revoked", None, by, at, "Hoàn tác."),
        *(_again(row) for row in earlier.values()),
    ]


def _decision(key: Key, verdict: str, kept: Kept | None, by: str, at: float, reason: str) -> Decision:
    return Decision.model_validate(
        {
            "sector": key[0], "content": key[1], "verdict": verdict, "person_id": kept and kept.answer.person_id,
            "person": kept and kept.person, "decided_by": by, "decided_at": datetime.fromtimestamp(at, TIME_ZONE),
            "reason": reason,
        }
    )  # fmt: skip


def _again(row: Row[Any]) -> Decision:
    """An earlier decision, as it was."""
    return Decision.model_validate({name: value for name, value in row._mapping.items() if name != "decision"})


def _row(each: Given, at: float, together: int | None) -> dict[str, object]:
    return {
        "sector": each.key[0], "content": each.key[1], "tenant": each.tenant, "said": each.answer.said,
        "person_id": each.answer.person_id, "person": each.person, "given_by": each.answer.by, "given_at": at,
        "note": each.note, "together": together,
    }  # fmt: skip


def _row_of_undoing(key: Key, kept: Kept, at: float) -> dict[str, object]:
    return {
        "sector": key[0], "content": key[1], "tenant": kept.tenant, "said": "undone", "given_by": kept.answer.by,
        "given_at": at, "note": "", "undoes": kept.number,
    }  # fmt: skip


def _kept(row: Row[Any]) -> Kept:
    answer = Answer(row.given_by, row.said, row.person_id)
    return Kept(row.answer, row.tenant, answer, row.person, row.note, row.given_at, row.together)


def decisions_of(connection: Connection, keys: Sequence[Key]) -> Mapping[Key, list[Row[Any]]]:
    """All decisions about each record, in their order."""
    found: dict[Key, list[Row[Any]]] = {key: [] for key in keys}
    for row in _of_keys(connection, decisions, keys, lambda table: table.c.decision):
        found[row.sector, row.content].append(row)
    return found


def _of_keys(
    connection: Connection, table: Table, keys: Sequence[Key], order: Callable[[Table], Any]
) -> Iterator[Row[Any]]:
    """The table's rows about these records, in order within each."""
    wanted = set(keys)
    contents = sorted({content for _, content in keys})
    for start in range(0, len(contents), CHUNK):
        part = contents[start : start + CHUNK]
        rows = connection.execute(select(table).where(table.c.content.in_(part)).order_by(order(table)))
        yield from (row for row in rows if (row.sector, row.content) in wanted)


def _nothing_to_undo() -> BadInput:
    return BadInput(
        "nothing_to_undo",
        "Không còn hoàn tác được: không phải câu trả lời của bạn, hoặc đã có người trả lời sau bạn / nothing to undo: "
        "it is not your answer, or somebody has answered after you.",
    )
