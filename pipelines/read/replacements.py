"""Stores humans' permissions for files to take values away from what they replace, with who and why."""

from datetime import UTC, datetime

from sqlalchemy import insert, select

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.workspace import audit_log, state
from pipelines.workspace.state_tables import replacements


def allow(settings: Settings, sector: str, sha256: str, by: str | None, reason: str | None) -> None:
    """Permits files of this content to be applied, whatever they take away. Errors: BadInput without who and why."""
    if not (by and by.strip() and reason and reason.strip()):
        raise BadInput(
            "unsigned",
            "Cho phép một bản sửa làm mất dữ liệu cần --by TÊN và --reason LÝ DO / say who allows it and why.",
        )
    row = {
        "sector": sector,
        "sha256": sha256,
        "given_by": by.strip(),
        "given_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "reason": reason.strip(),
    }
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        connection.execute(insert(replacements), row)
        told = {"sector": sector, "sha256": sha256, "row": audit_log.digest_of_row(replacements, row)}
        audit_log.append(connection, "replacement", told, row["given_by"])


def allowed(settings: Settings) -> frozenset[tuple[str, str]]:
    """Pairs (sector, sha256) of the files that may take values away."""
    with state.opened(settings) as engine, state.reading(engine) as connection:
        rows = connection.execute(select(replacements.c.sector, replacements.c.sha256)).all()
    return frozenset((row.sector, row.sha256) for row in rows)
