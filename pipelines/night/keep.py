"""Keeps what a night is made from, so that it can be repeated: inputs, registry, code with its rules and model, what
the state database knew, what the gateway answered.

The inputs are kept when they have been read, the rest before the report; the manifest seals the list by its checksum.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select

from pipelines.audit import scores
from pipelines.audit.manifest import MANIFEST
from pipelines.config import Run, Settings
from pipelines.read import hop as read
from pipelines.registry import events
from pipelines.registry import snapshot as snapshots
from pipelines.report import recipients
from pipelines.workspace import (
    archive,
    atomic_files,
    audit_log,
    issued_lists,
    provenance,
    run_schema,
    run_tables,
    state,
    tree_heads,
)
from pipelines.workspace.checksums import sha256
from pipelines.workspace.state_tables import METADATA

ANSWERED = tuple(table.name for table in run_schema.TABLES if table.written_by == "verify")
"""Tables that hang on the gateway's answers: a repeated night takes them as they were."""
KNOWN = (
    *("decisions", "first_seen", "replacements", "nights", "orders"),
    *("lists", "list_answers", "night_places", "review_samples"),
)
"""Tables of the state database that a night's outputs depend on; those of them that there are."""
WITH_ITS_OWN = ("review_samples",)
"""The tables of these that are kept with the run's own rows: what a report that is written again has drawn already."""
OF_THE_MACHINE = frozenset(
    {
        "workspace", "inbox", "own_sectors", "registry", "lang", "state_url", "gateway_url", "gateway_secret_file",
        "gateway_clock", "second_factor", "second_factor_key", "signing_key", "worker", "threads", "memory_mb", "asks",
    }
)  # fmt: skip
"""Settings that say where and how fast, not what comes out."""


class Kept(BaseModel):
    """The list of what one run was made from: name → checksum of the content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    inputs: dict[str, str]
    """Path in the inbox → checksum."""
    lacking: tuple[str, ...] = ()
    """Inputs that could not be kept: somebody wrote into them meanwhile."""
    registry: dict[str, str] = {}
    code: dict[str, str] = {}
    """Our packages' files, rules, sector tables and model among them; the lock."""
    sectors: dict[str, str] = {}
    """Custom sectors' tables."""
    beside: dict[str, str] = {}
    """Other files of the workspace that the outputs depend on: the table of recipients, lists that came back."""
    answered: dict[str, str] = {}
    """Table of ANSWERED → its Parquet file."""
    known: str | None = None
    """JSON of KNOWN."""
    settings: dict[str, Any] = {}
    head: dict[str, Any] | None = None
    """Head of the audit log that the outputs print."""
    signed: list[dict[str, Any]] = []
    """Signatures under the run before: what was signed, by whom."""
    before: str | None = None
    """The run whose scores this one is compared with."""
    before_scores: str | None = None
    before_manifest: str | None = None

    def contents(self) -> set[str]:
        """Checksums of everything that the run needs."""
        parts = (self.inputs, self.registry, self.code, self.sectors, self.beside, self.answered)
        single = {each for each in (self.known, self.before_scores, self.before_manifest) if each}
        return single.union(*(part.values() for part in parts))


def index_of(settings: Settings, run_id: str) -> Path:
    """The file that lists what the run needs; it may not be there."""
    return settings.archive_directory / f"{run_id}.json"


def kept(settings: Settings, run_id: str) -> Kept | None:
    """What the run needs; None if it was not kept, or no longer is."""
    try:
        return Kept.model_validate_json(index_of(settings, run_id).read_bytes())
    except (OSError, ValidationError):
        return None


def inputs(run: Run) -> None:
    """Keeps the files that were read, and what headers mean in them."""
    folder, held = run.settings.inbox_directory, run.settings.archive_directory
    with run_tables.connect(run) as connection:
        files = run_tables.query(
            connection,
            "SELECT DISTINCT trim(concat(sector, '/', arrived_as), '/') AS path, arrived_sha256 AS sha256 FROM files "
            "WHERE arrived_sha256 IS NOT NULL ORDER BY ALL",
        )
    wanted = dict(files.iter_rows())
    wanted |= {f"{each.parent.name}/{each.name}": sha256(each) for each in sorted(folder.glob(f"*/{read.MAPPING}"))}
    lacking = []
    for path, digest in wanted.items():
        try:
            archive.keep_file(held, folder / path, digest)
        except (archive.Changed, OSError):
            lacking.append(path)
    _write(run, Kept(run_id=run.run_id, inputs=wanted, lacking=tuple(lacking)))


def the_rest(run: Run) -> None:
    """Keeps everything else that the outputs depend on; nothing of it changes any more."""
    before = kept(run.settings, run.run_id)
    if before is None:  # a hop that was called by itself, outside a night
        return
    held, earlier = run.settings.archive_directory, scores.run_before(run)
    _write(
        run,
        before.model_copy(
            update={
                "registry": _registry(run.settings, held),
                "code": _code(held),
                "sectors": {path.name: archive.keep_bytes(held, path.read_bytes()) for path in _own_tables(run)},
                "beside": _beside(run.settings, held),
                "answered": _answered(run, held),
                "known": archive.keep_bytes(held, _known(run)),
                "settings": run.settings.model_dump(mode="json", exclude=set(OF_THE_MACHINE)),
                "head": (head := tree_heads.of_run(run)) and head.model_dump(),
                "signed": _signed(run.settings, earlier.name) if earlier else [],
                "before": earlier and earlier.name,
                "before_scores": earlier and _file(held, earlier / scores.FILE),
                "before_manifest": earlier and _file(held, earlier / MANIFEST),
            }
        ),
    )


def forget_old(settings: Settings) -> int:
    """Number of contents that were removed, since no run of the last `archive_days` needs them."""
    oldest = (settings.night - timedelta(days=settings.archive_days)).isoformat()
    names = sorted(path.stem for path in settings.archive_directory.glob("*.json"))
    old = [name for name in names if name[:10] < oldest]
    if not old:
        return 0
    needed = [held.contents() for name in names if name not in old and (held := kept(settings, name))]
    return archive.forget(settings.archive_directory, old, set().union(*needed))


def _write(run: Run, held: Kept) -> None:
    text = json.dumps(held.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True)
    with atomic_files.atomic(index_of(run.settings, run.run_id)) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def _file(held: Path, path: Path, *, immutable: bool = False) -> str:
    digest = sha256(path)
    archive.keep_file(held, path, digest, immutable=immutable)
    return digest


def _registry(settings: Settings, held: Path) -> dict[str, str]:
    """The snapshot, which is never written again, and the pointer to it."""
    pointer = settings.registry_directory / snapshots.POINTER
    snapshot = snapshots.current(settings).path
    happened = events.path_of(snapshot)
    return {
        snapshots.POINTER: archive.keep_bytes(held, pointer.read_bytes()),
        snapshot.name: _known_digest(settings, snapshot) or _file(held, snapshot, immutable=True),
        **({happened.name: _file(held, happened, immutable=True)} if happened.is_file() else {}),
    }


def _known_digest(settings: Settings, snapshot: Path) -> str | None:
    """The snapshot's checksum as an earlier run kept it, if the archive holds this very file."""
    for index in sorted(settings.archive_directory.glob("*.json"), reverse=True):
        earlier = kept(settings, index.stem)
        if earlier and (digest := earlier.registry.get(snapshot.name)):
            path = archive.object_path(settings.archive_directory, digest)
            return digest if path.is_file() and path.samefile(snapshot) else None
    return None


def _code(held: Path) -> dict[str, str]:
    files = [
        path
        for folder in provenance.PACKAGES.values()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    lock = provenance.ROOT / "requirements.lock"
    found = [*files, lock] if lock.is_file() else files
    return {path.relative_to(provenance.ROOT).as_posix(): _file(held, path) for path in found}


def _own_tables(run: Run) -> list[Path]:
    return sorted((run.directory / "sectors").glob("*.toml"))


def _beside(settings: Settings, held: Path) -> dict[str, str]:
    files = [settings.workspace / recipients.FILE, *sorted(issued_lists.answers_folder(settings).rglob("*"))]
    wanted = [path for path in files if path.is_file()]
    return {path.relative_to(settings.workspace).as_posix(): _file(held, path) for path in wanted}


def _answered(run: Run, held: Path) -> dict[str, str]:
    told = {}
    with run_tables.connect(run) as connection, atomic_files.scratch(_scratch(run)) as scratch:
        for name in ANSWERED:
            path = scratch / f"{name}.parquet"
            run_tables.read_table(connection, name).write_parquet(path)
            told[name] = _file(held, path, immutable=True)
    return told


def _scratch(run: Run) -> Path:
    return run.database.with_name(f".{run.run_id}.kept.part")


def _known(run: Run) -> bytes:
    tables = [METADATA.tables[name] for name in KNOWN if name in METADATA.tables]
    with state.opened(run.settings) as engine, state.reading(engine) as connection:
        rows = {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
                if row.get("run_id") != run.run_id or table.name in WITH_ITS_OWN
            ]
            for table in tables
        }
    return json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()


def _signed(settings: Settings, run_id: str) -> list[dict[str, Any]]:
    with state.opened(settings) as engine, state.reading(engine) as connection:
        found = audit_log.entries(connection, "sign_off")
        return [{"details": each.details, "by": each.by} for each in found if each.details["run_id"] == run_id]


def read_back(content: Path) -> pl.DataFrame:
    """A table of ANSWERED from its file."""
    return pl.read_parquet(content, glob=False)
