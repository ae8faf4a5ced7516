"""Makes a snapshot of a registry file: standardised, sorted, each person once, unusable rows listed."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl
import pyarrow
import pyarrow.parquet

import matching.snapshot
from matching import duckdb_path
from matching.model import Model
from pipelines.config import Settings
from pipelines.errors import BadInput, RegistryInvalid
from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.sheet import Chunk, refused_rows
from pipelines.files.table import tables
from pipelines.registry import change_feed, events
from pipelines.registry import snapshot as snapshots
from pipelines.registry.snapshot import Snapshot
from pipelines.registry.successor import require_successor, sector_columns
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector, TableSchema
from pipelines.workspace import ahead, atomic_files, audit_log, provenance, run_tables, state, tree_heads
from pipelines.workspace.checksums import sha256

OnShare = Callable[[float], None]
"""Hears which share of the load is done, 0–1."""


def _unheard(_: float) -> None: ...


def load(
    settings: Settings,
    file: Path,
    sector: Sector | None = None,
    *,
    replace: bool = False,
    on_share: OnShare = _unheard,
) -> Snapshot:
    """The snapshot made from `file`, put in force; `sector` may have a register of its own.

    `replace`: whatever the file holds; else it must be a successor of the registry in force.
    Errors: BadInput if the file does not exist or cannot be read; RegistryInvalid if it has no usable person, or is
    no successor (then the registry in force stays).
    """
    snapshot = prepare(file, settings.registry_directory, settings, sector, on_share)
    if not (replace or snapshot.is_feed or (sector and sector.registry)):
        require_successor(settings, snapshot)
    _note(settings, snapshot)
    with atomic_files.atomic(settings.registry_directory / snapshots.POINTER) as temporary:
        relative = snapshot.model_copy(update={"path": Path(snapshot.path.name)})
        temporary.write_text(relative.model_dump_json(indent=2), encoding="utf-8")
    return snapshot


def _note(settings: Settings, snapshot: Snapshot) -> None:
    """The audit log's entry, which stands before the snapshot is in force: without it, it is not put in force."""
    told = {name: getattr(snapshot, name) for name in ("sha256", "code", "people", "rejected", "is_feed")}
    noted = {"night": settings.night.isoformat(), **told}
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        audit_log.append_once(connection, "registry", noted, tree_heads.BY, same=told)
        if snapshot.is_feed:
            told = {"sha256": snapshot.sha256, "feed_number": snapshot.feed_number, "events": snapshot.events}
            noted = {"night": settings.night.isoformat(), **told}
            audit_log.append_once(connection, "events", noted, tree_heads.BY, same=told)


def prepare(
    file: Path, directory: Path, settings: Settings, sector: Sector | None = None, on_share: OnShare = _unheard
) -> Snapshot:
    """The snapshot of `file` in `directory`, with the side files for linking; made only if it is missing."""
    if not file.is_file():
        raise BadInput("no_such_file", f"Không có tệp dữ liệu dân cư «{file}» / no such registry file.")
    digest = sha256(file)
    # Other code may read the same file otherwise: its snapshot is another one.
    table, model = (sector.registry, sector.model) if sector else (None, None)
    code = _code(table)
    path = directory / f"{digest[:16]}-{code}.parquet"
    described = path.with_suffix(".json")
    kept = _described(described)
    if kept is not None and snapshots.is_whole(path):
        _prepare_link(path, settings, model, on_share)
        return Snapshot.model_validate({**kept, "path": path})
    made = _write(file, digest, path, settings, table or schema.vietnam_registry(), on_share)
    _prepare_link(made.path, settings, model, lambda share: on_share(_LINK_SHARE + (1 - _LINK_SHARE) * share))
    snapshot = Snapshot(source_file=file.name, code=code, **made._asdict())
    with atomic_files.atomic(made.path.with_suffix(".json")) as temporary:
        temporary.write_text(snapshot.model_dump_json(exclude={"path"}), encoding="utf-8")
    return snapshot


class _Made(NamedTuple):
    """A snapshot's file, and of what."""

    path: Path
    sha256: str
    people: int
    rejected: int
    is_feed: bool
    sector_columns: tuple[str, ...]
    feed_number: int | None
    events: dict[str, int]


MAKERS = ("pipelines.files", "pipelines.registry", "pipelines.sectors", "vn")
"""Packages and modules that make a snapshot: how files are read, what columns mean, how values are standardised. After
a change of anything else the snapshot on disk is still the one that the file would give.
"""


def _code(table: TableSchema | None) -> str:
    """Of the code and tables that make a snapshot."""
    code = provenance.code_digest(*MAKERS)
    if table is not None:
        code = hashlib.sha256(f"{code}{table.model_dump_json()}".encode()).hexdigest()
    return code[:8]


_READ_SHARE, _LINK_SHARE = 0.5, 0.6
"""Of the time, what has gone by when all rows are read, and when the snapshot stands there."""


def _prepare_link(path: Path, settings: Settings, model: Model | None, on_share: OnShare) -> None:
    matching.snapshot.prepare(path, settings.threads, min(settings.memory_mb, _SORT_MEMORY_MB), model, on_share)


def _described(path: Path) -> dict[str, object] | None:
    """What was written about a snapshot when it was whole; None if it never was."""
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return kept if isinstance(kept, dict) else None


def info(settings: Settings) -> dict[str, object]:
    """Figures about the current snapshot: people by status, sex and province, rejected rows."""
    snapshot = snapshots.current(settings)
    people = pl.scan_parquet(snapshot.path, glob=False)
    counts = people.group_by("status").len().sort("status").collect()
    provinces = people.group_by("province_code").len().sort("province_code", nulls_last=True).collect()
    return {
        "source_file": snapshot.source_file,
        "sha256": snapshot.sha256,
        "people": snapshot.people,
        "rejected": snapshot.rejected,
        "by_status": dict(counts.iter_rows()),
        "by_province": {str(code or "—"): count for code, count in provinces.iter_rows()},
    }


def _write(file: Path, digest: str, path: Path, settings: Settings, table: TableSchema, on_share: OnShare) -> _Made:
    path.parent.mkdir(parents=True, exist_ok=True)
    memory = min(settings.memory_mb, _SORT_MEMORY_MB)
    with (
        atomic_files.scratch(path.with_name(f".{path.name}.spill.part")) as scratch,
        # In no file: nothing in it is worth the waits for the disk that keep a database through a crash.
        run_tables.open_database(threads=settings.threads, memory_mb=memory) as connection,
    ):
        duckdb_path.spill_into(connection, scratch / "spill")
        rejected, of_sector = _gather(connection, file, settings, table, scratch, on_share)
        is_feed, number = change_feed.is_feed(connection), events.number_of(connection)
        happened = pl.DataFrame(schema=events.SCHEMA)
        if is_feed:
            earlier = _earlier(settings)
            events.require_next(number, earlier.feed_number)
            digest = hashlib.sha256(f"{earlier.sha256}{digest}".encode()).hexdigest()
            path = path.with_name(f"{digest[:16]}{path.name[16:]}")
            people, unusable = change_feed.apply(connection, earlier.path)
            happened = events.of_feed(connection, earlier, number, settings.night)
            events.keep(happened, path)
        else:
            people, unusable = _without_doubles(connection)
        count = run_tables.query(connection, f"SELECT count(*) AS n FROM ({people})")["n"].item()
        _require_people(count)
        with atomic_files.atomic(path) as temporary:
            connection.execute(_COPY_SQL.format(people=people), {"path": str(temporary.absolute())})
    bad = pl.concat([*rejected, unusable]).sort("source_row", nulls_last=True)
    atomic_files.write_parquet(bad, path.with_suffix(".rejected.parquet"))
    counted = events.counted(happened)
    return _Made(path, digest, int(count), bad.height, is_feed, tuple(of_sector), number, counted)


def _without_doubles(connection: duckdb.DuckDBPyConnection) -> tuple[str, pl.DataFrame]:
    """SQL of the people, each once, and the rows that say one again."""
    connection.execute(_DOUBLES_SQL)
    doubles = run_tables.query(connection, "SELECT source_row FROM doubles ORDER BY source_row")["source_row"]
    told = "Số định danh đã có ở dòng trước / the number stands twice."
    return _PEOPLE_ONCE, refused_rows(doubles, "duplicate_person", told)


def _require_people(count: int) -> None:
    if not count:
        raise RegistryInvalid(
            "no_people",
            "Dữ liệu dân cư không có dòng nào hợp lệ; person_id phải là 12 chữ số / person_id must be 12 digits.",
        )


def _earlier(settings: Settings) -> Snapshot:
    """The snapshot that a change feed changes."""
    try:
        return snapshots.current(settings)
    except BadInput as fault:
        raise RegistryInvalid(
            "change_feed",
            "Tệp có cột «change» là danh sách thay đổi của dữ liệu dân cư đã nạp; hãy nạp tệp đầy đủ trước "
            "/ a change feed changes a registry that is loaded: load the full file first.",
        ) from fault


def _gather(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    settings: Settings,
    described: TableSchema,
    scratch: Path,
    on_share: OnShare,
) -> tuple[list[pl.DataFrame], list[str]]:
    """The rows that cannot be used, and the headers that only a sector's list has.

    Writes the table `people`, a bounded part of the file at a time.
    """
    refused, rejected, of_sector = [], [], list[str]()
    connection.execute(_PEOPLE_SQL)
    usable, seen = False, _Seen(file)
    for table in tables(file, HeaderAliases(described), scratch=scratch):
        if table.refused:
            refused.append(table.refused)
        usable = usable or not table.refused
        of_sector += sector_columns(table, settings)
        describes = table.header is not None and all(
            table.header.sources(column.name) for column in described.column if column.required
        )
        if table.refused:
            rejected += [part.rejected for part in table.parts()]
            continue
        understood = partial(_understood, described=described, night=settings.night, describes=describes)
        for part, (people, bad) in ahead.one_ahead(table.parts(), understood):
            rejected += [part.rejected, bad]
            on_share(_READ_SHARE * seen.share(part))
            run_tables.append(connection, "people", people)
    if refused and not usable:
        raise RegistryInvalid(refused[0].code, f"Dữ liệu dân cư / registry: {refused[0]}")
    return rejected, sorted(set(of_sector))


def _understood(
    part: Chunk, described: TableSchema, night: date, *, describes: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    return change_feed.people_and_changes(part.rows, described, night, describes=describes)


class _Seen:
    """How far a file has been read: its footer counts the rows, or its size and the rows so far tell about how many."""

    def __init__(self, file: Path) -> None:
        self._size, self._rows, self._bytes = file.stat().st_size, 0, 1
        try:
            self._of_all = int(pyarrow.parquet.read_metadata(file).num_rows)
        except (OSError, pyarrow.ArrowException):
            self._of_all = 0

    def share(self, part: Chunk) -> float:
        """The share that has been read once this part has, 0–1."""
        self._rows += part.counted
        self._bytes += sum(int(column.str.len_bytes().sum() + len(column)) for column in _texts(part.rows))
        return min(self._rows / self._of_all if self._of_all else self._bytes / max(self._size, 1), 1.0)


def _texts(rows: pl.DataFrame) -> list[pl.Series]:
    return [column for column in rows.iter_columns() if column.dtype == pl.String]


_SORT_MEMORY_MB = 1_500
"""For sorting the people and for their side files: what does not fit goes through the disk."""

_PEOPLE_SQL = """
CREATE TABLE people (
    source_row INTEGER, person_id VARCHAR, full_name VARCHAR, name_key VARCHAR, date_of_birth VARCHAR,
    birth_year SMALLINT, sex VARCHAR, old_ids VARCHAR[], other_names VARCHAR[], province_code VARCHAR,
    commune_code VARCHAR, status VARCHAR, death_date VARCHAR, father_name VARCHAR, mother_name VARCHAR,
    updated_at VARCHAR, change VARCHAR, event VARCHAR, feed_number VARCHAR
)
"""
_DOUBLES_SQL = """
CREATE TABLE doubles AS
SELECT rowid AS row, source_row
FROM people SEMI JOIN (SELECT person_id FROM people GROUP BY ALL HAVING count(*) > 1) USING (person_id)
QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY source_row, rowid) > 1
"""
_PEOPLE_ONCE = """
SELECT * EXCLUDE (source_row, change, event, feed_number) FROM people ANTI JOIN doubles ON people.rowid = doubles.row
"""
_COPY_SQL = """
COPY (FROM ({people}) ORDER BY person_id) TO $path (FORMAT parquet, COMPRESSION zstd)
"""
