"""Notes in the audit log that a run begins, and with what; without that entry it does not begin."""

import hashlib

from pipelines.audit import approved
from pipelines.config import Run
from pipelines.registry import snapshot
from pipelines.workspace import audit_log, provenance, state, tree_heads

NAMED = ("matching/", "pipelines/sectors/", "rules/", "sectors/")
"""Tables that an entry names one by one: rules, sector tables and model. The others are one digest."""


def note(run: Run, fingerprint: str) -> None:
    """Adds the run's entry and the head that its outputs print, unless it goes on as it had begun.

    Errors: BadInput with every fault of rules and model, or with each change of them that nobody has approved.
    """
    settings = run.settings
    registry, tables = snapshot.current(settings), provenance.sources(settings.sectors_directory)["tables"]
    named = {name: digest for name, digest in tables.items() if name.startswith(NAMED)}
    others = [f"{name}\0{digest}" for name, digest in sorted(tables.items()) if name not in named]
    entry = {
        "run_id": run.run_id,
        "night": settings.night.isoformat(),
        "fingerprint": fingerprint,
        "registry": {"sha256": registry.sha256, "code": registry.code},
        "tables": named,
        "other_tables": hashlib.sha256("\n".join(others).encode()).hexdigest(),
        "code": provenance.code_digest(),
        "daily_cap": settings.daily_cap,
        "approval": settings.approval,
    }
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        approved.require(connection, settings)
        if audit_log.append_once(connection, "night", entry, tree_heads.BY, same=entry):
            tree_heads.publish(connection, run.run_id, "begun", settings.signing_key_file)
