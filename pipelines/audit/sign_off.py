"""Signs a night, or a department's list of it, and tells which signatures still hold.

A signature is bound to the manifest's digest, and by it to every byte of the night: once any of it changes, or the
log itself, the signature is void. Two persons are needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from pipelines.audit import log_check, records_check
from pipelines.audit import verify as files
from pipelines.audit.log_check import Log
from pipelines.audit.manifest import MANIFEST
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.workspace import audit_log, persons, state
from pipelines.workspace.audit_log import Entry
from pipelines.workspace.checksums import sha256

NEEDED = 2
"""Persons who sign."""


@dataclass(frozen=True)
class Signature:
    """One person's signature as it stands now."""

    entry: int
    run_id: str
    listed: str | None
    """Name of the list, as its file in `reports/lists`; None: the whole night."""
    by: str
    at: str
    manifest: str
    role: str | None
    """Role of the account whose password was given; None if the name was only typed."""
    void: str | None
    """Why it holds no longer; None while it does."""


@dataclass(frozen=True)
class Signed:
    """What was signed, and by whom."""

    run_id: str
    listed: str | None
    signatures: Sequence[Signature]

    @property
    def persons(self) -> int:
        """Number of persons whose signature holds."""
        return len({persons.key(each.by) for each in self.signatures if each.void is None})

    @property
    def is_complete(self) -> bool:
        """Whether as many persons have signed as are needed, and their signatures hold."""
        return self.persons >= NEEDED


def sign(settings: Settings, run_id: str, by: str, listed: str | None = None, *, role: str | None = None) -> Signed:
    """The signatures under a night, or under a list of it, with the new one.

    `role`: of the account that `by` was proven to bear; None if the name was only typed.
    Errors: BadInput if that must be proven, nobody is named, the run or its list does not exist, anything of it has
    changed since it was finished, or this person's signature already stands.
    """
    with state.opened(settings) as engine:
        with state.reading(engine) as connection:
            details = examined(connection, settings, run_id, by, listed, role=role)
        with state.transaction(engine) as connection:
            audit_log.append(connection, "sign_off", details, persons.required(by))
        with state.reading(engine) as connection:
            return _standing(log_check.read(connection, set()), settings, run_id, listed)


def examined(
    connection: Connection, settings: Settings, run_id: str, by: str, listed: str | None = None, *, role: str | None
) -> dict[str, Any]:
    """The entry of a signature, after every byte of the run was looked at: what changes later makes it void.

    Errors: as `sign`.
    """
    name = persons.required(by)
    persons.require_proof(connection, settings, role)
    manifest = settings.runs_directory / run_id / MANIFEST
    if not manifest.is_file():
        raise BadInput("no_run", f"Không có lượt chạy đã xong «{run_id}» / no such finished run.")
    if listed is not None and not (settings.runs_directory / run_id / "reports" / "lists" / f"{listed}.xlsx").is_file():
        raise BadInput("no_list", f"Lượt {run_id} không có danh sách «{listed}» / no such list, see reports/lists.")
    digest = sha256(manifest)
    log = log_check.read(connection, set())
    if wrong := _wrong(log, settings, run_id):
        told, _, in_english = wrong.rstrip(".").partition(" / ")
        raise BadInput(
            "not_as_it_was", f"Không ký được lượt {run_id}: {told} / cannot be signed: {in_english or told}."
        )
    standing = _standing(log, settings, run_id, listed)
    if any(persons.key(each.by) == persons.key(name) and each.void is None for each in standing.signatures):
        raise BadInput(
            "signed_already",
            f"{name} đã ký lượt {run_id}; cần một người khác / has signed this: another person is needed.",
        )
    return {"run_id": run_id, "list": listed, "manifest": digest, "role": role}


def given(connection: Connection, settings: Settings, run_id: str) -> list[tuple[Entry, bool]]:
    """Each signature under the whole night, and whether it is of the manifest as it is now; bytes are not looked at."""
    manifest = settings.runs_directory / run_id / MANIFEST
    now = sha256(manifest) if manifest.is_file() else None
    found = (entry for entry in audit_log.entries(connection, "sign_off") if entry.details["run_id"] == run_id)
    return [(entry, entry.details["manifest"] == now) for entry in found if entry.details["list"] is None]


def signatures(settings: Settings, run_id: str | None = None) -> list[Signed]:
    """All signatures, or one run's, by run and list; void ones too, unless the person has signed again."""
    if not settings.has_state:
        return []
    with state.opened(settings) as engine, state.reading(engine) as connection:
        log = log_check.read(connection, set())
    named = {(entry.details["run_id"], entry.details["list"] or "") for entry in log.of_kind("sign_off")}
    return [_standing(log, settings, run, listed or None) for run, listed in sorted(named) if run_id in (None, run)]


def _standing(log: Log, settings: Settings, run_id: str, listed: str | None) -> Signed:
    """Each person's last signature."""
    manifest = settings.runs_directory / run_id / MANIFEST
    now = sha256(manifest) if manifest.is_file() else None
    wrong = "lượt chạy không còn / the run is gone" if now is None else _wrong(log, settings, run_id)
    last: dict[str, Signature] = {}
    for entry in log.of_kind("sign_off"):
        if (entry.details["run_id"], entry.details["list"]) == (run_id, listed):
            signed = entry.details["manifest"]
            void = wrong or (None if signed == now else "đêm đã được làm lại / the night was done again")
            role = entry.details.get("role")
            last[persons.key(entry.by)] = Signature(
                entry.entry, run_id, listed, entry.by, entry.at or "", signed, role, void
            )
    return Signed(run_id, listed, list(last.values()))


def _wrong(log: Log, settings: Settings, run_id: str) -> str | None:
    """The first thing of the run, or of the log, that is not as it was; None if all is."""
    faults = [*log.faults, *records_check.manifests(settings.runs_directory, log, run_id)]
    manifest = settings.runs_directory / run_id / MANIFEST
    if not faults and manifest.is_file():
        faults = [each for each in files.verify(manifest) if not each.kind.startswith("input_")]
    return f"{faults[0].path}: {faults[0].message}" if faults else None
