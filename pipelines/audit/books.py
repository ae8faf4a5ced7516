"""Compares the queue's books with each other, and with their sums in the audit log when a night ended.

A day's counters, each tenant's, and the questions themselves must be the sums of the ledger; what is append-only must
have the bytes that it had. So neither a charge, nor a question, nor a line of the ledger can be changed unseen.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select, Table, func, literal, select, text

from pipelines.audit.finding import Fault
from pipelines.quota import day_plan
from pipelines.workspace.audit_log import canonical
from pipelines.workspace.state_tables import allocations, ledger, plans, questions, quota_days, tenant_days

Counts = dict[tuple[Any, ...], tuple[int, ...]]
"""Day, and tenant where it is told by tenant → counts."""

_HOLDING = ("reserved", "asked", "answered")
"""States of questions that hold a place of a day."""


def sums(connection: Connection, earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    """The books as a night left them, for its entry in the audit log.

    `earlier` is the entry before: append-only tables are digested from where it ended.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE ledger IN SHARE MODE"))  # else a worker's line may come in below the last
    since = earlier or {}
    return {
        "ledger": _range(connection, ledger, since.get("ledger")),
        "plans": _range(connection, plans, since.get("plans")),
        "allocations": _range(connection, allocations, since.get("plans"), key="plan"),
        "questions": _questions(connection),
        "answers": {f"{day}/{result}": count for (day, result), (count,) in _counted(connection, _ANSWERS).items()},
    }


def check(connection: Connection, logged: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[Fault]:
    """Every disagreement of the books. Shape of `logged`: entry number and `sums` of each finished run, in order."""
    yield from _days(connection)
    yield from _tenants(connection)
    yield from _plans(connection)
    answers, last = _counted(connection, _ANSWERS), None
    for entry, books in logged:
        last = (entry, books)
        for name, table in (("ledger", ledger), ("plans", plans), ("allocations", allocations)):
            was = books[name]
            now = _digest(connection, table, was["from"], was["to"], key="plan" if name == "allocations" else None)
            if now != {each: was[each] for each in now}:
                yield _fault(
                    f"{name} {was['from'] + 1}–{was['to']}",
                    f"khác lúc kết thúc đêm (mục {entry} của nhật ký) / not as it was in the log's entry {entry}",
                )
    if last:
        yield from _shrunk(connection, *last, answers)


def _shrunk(connection: Connection, entry: int, books: Mapping[str, Any], answers: Counts) -> Iterator[Fault]:
    count, to = books["questions"]["count"], books["questions"]["to"]
    held = connection.execute(
        select(func.count()).select_from(questions).where(questions.c.sequence <= to)
    ).scalar_one()
    if held < count:
        yield _fault(
            "questions", f"thiếu {count - held} yêu cầu so với mục {entry} / {count - held} fewer than in entry {entry}"
        )
    for key, was in books["answers"].items():
        (now,) = answers.get(tuple(key.split("/", 1)), (0,))
        if now < was:
            yield _fault(
                f"questions {key}",
                f"{was} kết quả ở mục {entry}, nay {now} / {was} results in entry {entry}, now {now}",
            )


def _days(connection: Connection) -> Iterator[Fault]:
    """Counters, ledger and questions of each day."""
    booked = _counted(connection, _LEDGER_DAYS)
    asked = _counted(connection, _QUESTION_DAYS)
    counters = _counted(connection, select(quota_days.c.day, quota_days.c.reserved, quota_days.c.charged), keys=1)
    for key in sorted({*booked, *asked, *counters}):
        told, counted, held = (each.get(key, (0, 0)) for each in (booked, counters, asked))
        if counted != told:
            yield _unequal(f"quota_days {key[0]}", "reserved, charged", counted, told)
        if held != told:
            yield _unequal(f"questions {key[0]}", "reserved, charged", held, told)


def _tenants(connection: Connection) -> Iterator[Fault]:
    booked, asked = _counted(connection, _LEDGER_TENANTS), _counted(connection, _QUESTION_TENANTS)
    wanted = select(tenant_days.c.day, tenant_days.c.tenant, tenant_days.c.reserved, literal(0))
    counters = {key: row[:1] for key, row in _counted(connection, wanted).items()}
    for key in sorted({*booked, *asked, *counters}):
        told, held, (counted,) = booked.get(key, (0, 0)), asked.get(key, (0, 0)), counters.get(key, (0,))
        if counted != told[0]:
            yield _unequal(f"tenant_days {' '.join(key)}", "reserved", (counted,), told[:1])
        if held != told:
            yield _unequal(f"questions {' '.join(key)}", "reserved, charged", held, told)


def _plans(connection: Connection) -> Iterator[Fault]:
    """Stored plans, computed again from what they were computed from."""
    for number, day in connection.execute(select(plans.c.plan, plans.c.day).order_by(plans.c.plan)).all():
        rows = day_plan.places_of(connection, number)
        again = day_plan.computed_again(connection, rows)
        if again is not None and {row["tenant"]: day_plan.places(row) for row in rows} != again:
            yield _fault(
                f"plans {number} ({day})", "tính lại ra chỗ khác với kế hoạch đã lưu / computed again, it is another"
            )


def _range(
    connection: Connection, table: Table, earlier: Mapping[str, Any] | None, key: str | None = None
) -> dict[str, Any]:
    """The rows since the range before, as a digest."""
    begin = int(earlier["to"]) if earlier else 0
    column = table.c[key] if key else next(iter(table.primary_key.columns))
    end = connection.execute(select(func.max(column))).scalar() or 0
    return _digest(connection, table, begin, max(begin, int(end)), key)


def _digest(connection: Connection, table: Table, begin: int, end: int, key: str | None = None) -> dict[str, Any]:
    column = table.c[key] if key else next(iter(table.primary_key.columns))
    wanted = select(table).where(column > begin, column <= end).order_by(*table.primary_key.columns)
    digest, count = hashlib.sha256(), 0
    for row in connection.execute(wanted):
        digest.update(f"{canonical(row._asdict())}\n".encode())
        count += 1
    return {"from": begin, "to": end, "rows": count, "sha256": digest.hexdigest()}


def _questions(connection: Connection) -> dict[str, int]:
    count, to = connection.execute(select(func.count(), func.max(questions.c.sequence))).one()
    return {"count": int(count), "to": int(to or 0)}


def _counted(connection: Connection, wanted: Select[Any], keys: int | None = None) -> Counts:
    """Rows of counts by their key; keys of nothing are left out."""
    found = {}
    for row in connection.execute(wanted):
        split = keys or sum(isinstance(value, str) for value in row)
        counts = tuple(int(value) for value in row[split:])
        if any(counts):
            found[tuple(row[:split])] = counts
    return found


def _fault(path: str, message: str) -> Fault:
    return Fault(f"state: {path}", "books", message)


def _unequal(path: str, what: str, found: tuple[int, ...], told: tuple[int, ...]) -> Fault:
    one, other = ", ".join(map(str, found)), ", ".join(map(str, told))
    return _fault(path, f"{what} = {one}, sổ cái (ledger) = {other} / {what} {one}, by the ledger {other}")


_DAY = func.coalesce(questions.c.charged_on, questions.c.reserved_on)
_HELD = (func.count(), func.count(questions.c.charged_on))
_QUESTION_DAYS = select(_DAY, *_HELD).where(questions.c.state.in_(_HOLDING)).group_by(_DAY)
_QUESTION_TENANTS = (
    select(_DAY, questions.c.tenant, *_HELD).where(questions.c.state.in_(_HOLDING)).group_by(_DAY, questions.c.tenant)
)
_BOOKED = (func.sum(ledger.c.reserved), func.sum(ledger.c.charged))
_LEDGER_DAYS = select(ledger.c.day, *_BOOKED).group_by(ledger.c.day)
_LEDGER_TENANTS = select(ledger.c.day, ledger.c.tenant, *_BOOKED).group_by(ledger.c.day, ledger.c.tenant)
_ANSWERS = (
    select(questions.c.charged_on, questions.c.result, func.count())
    .where(questions.c.state == "answered")
    .group_by(questions.c.charged_on, questions.c.result)
)
