"""Keeps who approved which corrections of which file: nothing is filled in that nobody has approved."""

from datetime import datetime
from typing import NamedTuple

import polars as pl
from sqlalchemy import insert, select

from pipelines.config import TIME_ZONE, Settings
from pipelines.errors import BadInput
from pipelines.night import runs
from pipelines.review.corrections import proposed
from pipelines.workspace import audit_log, persons, state
from pipelines.workspace.state_tables import corrections


class File(NamedTuple):
    """A file of the newest night and the corrections that are proposed for it."""

    sector: str
    source_file: str
    cells: int
    records: int
    digest: str
    approved_by: str | None
    """Who approved exactly these; None if nobody has."""


def files(settings: Settings) -> list[File]:
    """Every file of the newest night for which corrections are proposed."""
    run = runs.last_run(settings)
    runs.require_tables(run)
    approved = _approved(settings)
    return [file_of(changes, approved) for changes in by_file(proposed.proposed(run))]


def by_file(changes: pl.DataFrame) -> list[pl.DataFrame]:
    """The changes of each file."""
    return changes.partition_by("sector", "source_file", maintain_order=True)


def file_of(changes: pl.DataFrame, approved: dict[str, str]) -> File:
    """One file's corrections, and who approved them."""
    digest = proposed.digest(changes)
    return File(
        changes["sector"][0],
        changes["source_file"][0],
        changes.height,
        changes["record_id"].n_unique(),
        digest,
        approved.get(digest),
    )


def approve(
    settings: Settings,
    by: str,
    reason: str,
    sector: str | None = None,
    file: str | None = None,
    *,
    role: str | None = None,
) -> list[File]:
    """The files whose corrections are approved by this: of one sector or file if it is named, else of all.

    `role`: of the account that `by` was proven to bear; None if the name was only typed.
    Errors: BadInput without a name and a reason, if the name must be proven, or if nothing is proposed.
    """
    if not by.strip() or not reason.strip():
        raise BadInput("who_approves", "Cần --by TÊN và --because CĂN_CỨ / who approves, and why, are needed.")
    chosen = [each for each in files(settings) if sector in (None, each.sector) and file in (None, each.source_file)]
    if not chosen:
        raise BadInput("nothing_to_approve", "Đêm gần nhất không đề xuất sửa ô nào như vậy / nothing is proposed.")
    at = datetime.now(TIME_ZONE).isoformat(timespec="seconds")
    rows = [
        {
            "digest": each.digest, "sector": each.sector, "source_file": each.source_file, "cells": each.cells,
            "approved_by": by.strip(), "approved_at": at, "reason": reason.strip(),
        }
        for each in chosen
    ]  # fmt: skip
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        persons.require_proof(connection, settings, role)
        connection.execute(insert(corrections), rows)
        told = [{"sector": row["sector"], "cells": row["cells"], "sha256": row["digest"], "role": role} for row in rows]
        audit_log.append_all(connection, "corrections", told, by.strip())
    return [each._replace(approved_by=by.strip()) for each in chosen]


def _approved(settings: Settings) -> dict[str, str]:
    """Digest of approved corrections → who approved them last."""
    table = corrections
    query = select(table.c.digest, table.c.approved_by).order_by(table.c.approval)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return {row.digest: row.approved_by for row in connection.execute(query)}


def require(settings: Settings, changes: list[pl.DataFrame]) -> list[File]:
    """The files, if the corrections of each are approved. Errors: BadInput names those that are not."""
    approved = _approved(settings)
    found = [file_of(each, approved) for each in changes]
    if missing := [f"{each.sector}/{each.source_file}" for each in found if each.approved_by is None]:
        raise BadInput(
            "not_approved",
            f"Chưa ai duyệt các sửa đổi của {', '.join(missing)}; hãy chạy: sachsong corrections approve --by TÊN "
            "--because CĂN_CỨ / nobody has approved these corrections.",
        )
    return found
