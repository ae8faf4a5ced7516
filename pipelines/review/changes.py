"""Proposes and approves changes of rules, model and settings, and orders that need a second person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from pipelines.audit import approved
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.quota import orders
from pipelines.workspace import audit_log, persons, state
from pipelines.workspace.audit_log import Entry
from pipelines.workspace.state import require_workspace


@dataclass(frozen=True)
class Proposal:
    """A proposed change, and what became of it."""

    number: int
    """Its entry in the audit log."""
    by: str
    at: str
    role: str | None
    """Role of the account that `by` was proven to bear; None if the name was only typed."""
    reason: str
    changes: dict[str, list[str | None]]
    """Name → old and new digest or value; empty for an order."""
    order: dict[str, Any] | None
    """The order about the queue, if it is one: `kind` and `detail`."""
    approved_by: str | None
    refused_by: str | None

    @property
    def waits(self) -> bool:
        """Whether nobody has approved or refused it."""
        return self.approved_by is None and self.refused_by is None


def propose(settings: Settings, by: str, reason: str, *, role: str | None = None) -> Proposal:
    """The proposal of everything that differs from what was approved.

    `role`: of the account that `by` was proven to bear; None if the name was only typed.
    Errors: BadInput if that must be proven, nothing differs, nobody or no reason is named, or a changed rule
    contradicts its own examples.
    """
    name = persons.required(by)
    _require_reason(reason)
    require_workspace(settings)
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        persons.require_proof(connection, settings, role)
        found = approved.changes(connection, settings)
        if not found:
            raise BadInput("no_change", "Không có gì khác với bản đã duyệt / nothing differs from what was approved.")
        approved.require_examples(settings, found)
        details = {**approved.noted(settings, found), "reason": reason.strip(), "role": role}
        number = audit_log.append(connection, "proposal", details, name)
        return _proposal(connection, number)


def approve(
    settings: Settings, number: int, by: str, reason: str = "", *, refuse: bool = False, role: str | None = None
) -> Proposal:
    """The proposal as it was approved, or refused: from now on what it changes may be used, or its order holds.

    `role`: as in `propose`.
    Errors: BadInput if the name must be proven, there is no such open proposal, its own author approves it although two
    are needed, what it is about has changed since, or a changed rule contradicts its own examples.
    """
    name = persons.required(by)
    require_workspace(settings)
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        persons.require_proof(connection, settings, role)
        proposal = _proposal(connection, number)
        if not proposal.waits:
            raise BadInput("closed", f"Đề xuất {number} đã được xử lý / the proposal has been dealt with.")
        if settings.approval == "two" and not refuse and persons.key(name) == persons.key(proposal.by):
            raise BadInput(
                "same_person",
                f"Người đề xuất không tự phê duyệt; cần người khác với {proposal.by} / a second person is needed.",
            )
        if not refuse:
            _require_unchanged(connection, settings, proposal)
            approved.require_examples(settings, approved.changes(connection, settings))
        details = {
            "proposal": number,
            "proposed_by": proposal.by,
            "refused": refuse,
            "changes": {} if refuse else proposal.changes,
            "reason": reason.strip(),
            "approval": settings.approval,
            "role": role,
        }
        audit_log.append(connection, "approval", details, name)
        if proposal.order and not refuse:
            _give(connection, settings, proposal, name)
        return _proposal(connection, number)


def proposals(settings: Settings) -> list[Proposal]:
    """All proposals, the oldest first."""
    if not settings.has_state:
        return []
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return _proposals(connection)


def pending(settings: Settings) -> list[approved.Change]:
    """What differs from what was approved, proposed or not."""
    if not settings.has_state:
        return []
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return approved.changes(connection, settings)


def in_force_since(settings: Settings) -> dict[str, str]:
    """The day from which each rule and table has been as it is: name → `YYYY-MM-DD`; empty before the first night."""
    if not settings.has_state:
        return {}
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return approved.since(connection)


def _proposals(connection: Connection) -> list[Proposal]:
    entries = list(audit_log.entries(connection, "proposal", "approval"))
    answers = {entry.details["proposal"]: entry for entry in entries if "proposal" in entry.details}
    return [_made(entry, answers.get(entry.entry)) for entry in entries if entry.kind == "proposal"]


def _made(entry: Entry, answer: Entry | None) -> Proposal:
    details, refused = entry.details, answer is not None and answer.details["refused"]
    return Proposal(
        number=entry.entry,
        by=entry.by,
        at=entry.at or "",
        role=details.get("role"),
        reason=details["reason"],
        changes=details.get("changes", {}),
        order=details.get("order"),
        approved_by=answer.by if answer and not refused else None,
        refused_by=answer.by if answer and refused else None,
    )


def _proposal(connection: Connection, number: int) -> Proposal:
    found = [each for each in _proposals(connection) if each.number == number]
    if not found:
        raise BadInput("no_proposal", f"Không có đề xuất {number}; xem: sachsong rules list / no such proposal.")
    return found[0]


def _require_unchanged(connection: Connection, settings: Settings, proposal: Proposal) -> None:
    now, known = approved.in_force(settings), approved.approved(connection) or {}
    moved = [name for name, (old, new) in proposal.changes.items() if now.get(name) != new or known.get(name) != old]
    if moved:
        raise BadInput(
            "moved_on",
            f"Từ khi đề xuất đã khác: {', '.join(moved)}; hãy đề xuất lại / it has changed since: propose it again.",
        )


def _give(connection: Connection, settings: Settings, proposal: Proposal, by: str) -> None:
    order = proposal.order or {}
    orders.write(
        connection,
        settings.night,
        order["kind"],
        by=proposal.by,
        at=datetime.fromisoformat(order["given_at"]),
        reason=proposal.reason,
        detail=order["detail"],
        noted={"proposal": proposal.number, "approved_by": by, "approval": settings.approval, "role": proposal.role},
    )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise BadInput("no_reason", "Cần nói rõ vì sao (--reason) / say why (--reason).")
