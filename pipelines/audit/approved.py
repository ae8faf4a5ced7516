"""Tells which rules, tables, model and settings were approved, and which changes of them nobody has approved.

The audit log holds it: a baseline as the first night began, then each approval. What is in force is what stands in the
files and settings; a night begins only if that was approved.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection

import matching.model
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.sectors import custom, schema
from pipelines.workspace import audit_log, provenance, run_tables, tree_heads
from pipelines.workspace.checksums import sha256
from rules import examples, tables
from rules.errors import TableError

CAP, MODE = "daily_cap", "approval"
"""Settings that are approved like tables."""
WHOLE = (
    (tables.DIRECTORY, ("cells.toml", "issues.toml")),
    (matching.model.DIRECTORY, ("*.json", "*.toml")),
    (schema.DIRECTORY, ("*.toml",)),
    (provenance.ROOT / "vn" / "tables", ("*.csv", "*.toml")),
)
"""Folders and their files that are approved as a whole; rules are approved one by one."""
OWN_SECTORS = "sectors/"
"""What the names of custom sectors' tables begin with."""


class Change(NamedTuple):
    """One thing that is not as it was approved."""

    name: str
    """`rules/correct.toml correct-id-format`, `matching/weights.json`, `vn/tables/surnames.csv`, `daily_cap`; a table
    of a custom sector: `sectors/licence.toml`.
    """
    old: str | None
    """Digest or value; None: it is new."""
    new: str | None
    """Digest or value; None: it is gone."""

    @property
    def verb(self) -> str:
        """What happened to it, Vietnamese and English."""
        return "thêm/added" if self.old is None else "bỏ/removed" if self.new is None else "sửa/changed"


def in_force(settings: Settings) -> dict[str, str]:
    """Everything that needs approval as it stands: name → digest, or the value of a setting.

    Errors: BadInput with every fault of every table.
    """
    rules = {_name(rule): _digest(rule) for rule in sound_tables().rules}
    whole = {
        path.relative_to(provenance.ROOT).as_posix(): sha256(path)
        for folder, patterns in WHOLE
        for pattern in patterns
        for path in sorted(folder.glob(pattern))
    }
    own = {f"{OWN_SECTORS}{name}": hashlib.sha256(table).hexdigest() for name, table in custom.tables(settings).items()}
    return {**rules, **whole, **own, CAP: str(settings.daily_cap), MODE: settings.approval}


def sound_tables() -> tables.Tables:
    """The rule tables. Errors: BadInput with every fault of the rules and of the model, each with its place."""
    faults: list[str] = []
    for load in (tables.load, matching.model.load):
        try:
            load()
        except (TableError, matching.model.ModelError) as wrong:
            faults += wrong.faults if isinstance(wrong, TableError) else str(wrong).splitlines()
    if faults:
        raise BadInput(
            "bad_rules",
            "Bảng quy tắc hoặc mô hình có lỗi, chưa chạy gì / rules or model are ill-formed, nothing was run:\n"
            + "\n".join(f"- {fault}" for fault in faults),
        )
    return tables.load()


def approved(connection: Connection) -> dict[str, str] | None:
    """Everything as it was last approved: name → digest or value; None before the first night."""
    known: dict[str, str] | None = None
    for entry in audit_log.entries(connection, "baseline", "approval"):
        known = dict(known or {})
        for name, (_, new) in entry.details["changes"].items():
            if new is None:
                known.pop(name, None)
            else:
                known[name] = new
    return known


def since(connection: Connection) -> dict[str, str]:
    """The day from which each thing has been as it is: name → `YYYY-MM-DD`, of its approval or of the first night."""
    days: dict[str, str] = {}
    for entry in audit_log.entries(connection, "baseline", "approval"):
        day = entry.at[:10] if entry.at else entry.details["night"]
        days |= dict.fromkeys(entry.details["changes"], day)
    return days


def changes(connection: Connection, settings: Settings) -> list[Change]:
    """What is not as it was approved, by name; nothing before the first night.

    One person's cap is what they type and their own sectors are those that they put there, which the night's entry
    names; that a change then needs two is no weakening.
    """
    known, now = approved(connection), in_force(settings)
    if known is None:
        return []
    found = [Change(name, known.get(name), now.get(name)) for name in sorted({*known, *now})]
    return [each for each in found if each.old != each.new and not _is_free(each, settings)]


def require(connection: Connection, settings: Settings) -> None:
    """Returns if all that is in force was approved; before the first night it is from now on.

    Errors: BadInput naming each change that nobody has approved, or each fault of the tables.
    """
    if approved(connection) is None:
        told = {name: [None, digest] for name, digest in in_force(settings).items()}
        details = {"night": settings.night.isoformat(), "changes": told, "approval": settings.approval}
        audit_log.append(connection, "baseline", details, tree_heads.BY)
        return
    if found := changes(connection, settings):
        named = "; ".join(f"{each.name} ({each.verb})" for each in found)
        raise BadInput(
            "unapproved",
            f"Thay đổi chưa được phê duyệt, chưa chạy gì: {named}. Hãy chạy: sachsong rules propose --by TÊN "
            "--reason LÝ_DO, rồi: sachsong rules approve SỐ --by TÊN / nobody has approved these changes.",
        )


def noted(settings: Settings, found: list[Change]) -> dict[str, Any]:
    """The changes as an entry of the log holds them; a rule's row with them."""
    rules: Mapping[str, tables.Rule] = {_name(rule): rule for rule in sound_tables().rules}
    return {
        "changes": {each.name: [each.old, each.new] for each in found},
        "rules": {
            each.name: rules[each.name].model_dump(mode="json", exclude_defaults=True)
            for each in found
            if each.name in rules
        },
        "approval": settings.approval,
    }


def require_examples(settings: Settings, found: Iterable[Change]) -> None:
    """Returns if each changed rule says of its examples what its table says.

    Errors: BadInput with every example that is ill-formed or judged otherwise, each with its place.
    """
    known, names = sound_tables(), {each.name for each in found}
    changed = [rule for rule in known.rules if _name(rule) in names]
    columns = {name: [column.name for column in sector.column] for name, sector in schema.of_settings(settings).items()}
    with run_tables.open_database(threads=settings.threads) as connection:
        faults = examples.faults(changed, columns, known.fillers, connection)
    if faults:
        raise BadInput(
            "bad_examples",
            "Quy tắc không đúng với ví dụ của chính nó; hãy sửa quy tắc hoặc ví dụ / rules contradict their own "
            "examples, mend either:\n" + "\n".join(f"- {fault}" for fault in faults),
        )


def _name(rule: tables.Rule) -> str:
    return f"rules/{rule.family}.toml {rule.id}"


def _is_free(change: Change, settings: Settings) -> bool:
    if change.name == CAP or change.name.startswith(OWN_SECTORS):
        return settings.approval == "single"
    return (change.name, change.new) == (MODE, "two")


def _digest(rule: tables.Rule) -> str:
    return hashlib.sha256(audit_log.canonical(rule.model_dump(mode="json")).encode()).hexdigest()
