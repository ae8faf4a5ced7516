"""A registry file becomes a snapshot: standardised, sorted, each person once, what cannot be used listed."""

import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import duckdb
import polars as pl

import matching.snapshot
from pipelines import provenance, snapshots, store
from pipelines.checksums import sha256
from pipelines.config import Settings
from pipelines.errors import BadInput, RegistryInvalid
from pipelines.read import Table, slices
from pipelines.read.cells import refused_rows
from pipelines.sectors.schema import TableSchema
from pipelines.snapshots import Snapshot
from vn import dates, ids, names, places, sexes

STATUSES = {
    "alive": "alive",
    "con song": "alive",
    "song": "alive",
    "deceased": "deceased",
    "da mat": "deceased",
    "da chet": "deceased",
    "mat": "deceased",
    "emigrated": "emigrated",
    "thoi quoc tich": "emigrated",
    "xuat canh": "emigrated",
    "dinh cu nuoc ngoai": "emigrated",
    "cancelled": "cancelled",
    "da huy": "cancelled",
    "huy": "cancelled",
}
"""Folded text of the status column → our status."""


def load(settings: Settings, file: Path) -> Snapshot:
    """The snapshot made from `file`, which is from now on the current one.

    Errors: BadInput if the file does not exist or cannot be read; RegistryInvalid if it has no usable person.
    """
    snapshot = prepare(file, settings.registry_directory, settings)
    with store.atomic(settings.registry_directory / snapshots.POINTER) as temporary:
        relative = snapshot.model_copy(update={"path": Path(snapshot.path.name)})
        temporary.write_text(relative.model_dump_json(indent=2), encoding="utf-8")
    return snapshot


def prepare(file: Path, directory: Path, settings: Settings) -> Snapshot:
    """The snapshot of `file` in `directory`, with the side files for linking; made only if it is not there yet."""
    if not file.is_file():
        raise BadInput("no_such_file", f"Không có tệp sổ dân cư «{file}» / no such registry file.")
    digest = sha256(file)
    # Other code may read the same file otherwise: its snapshot is another one.
    code = provenance.code_digest("pipelines", "vn")[:8]
    path = directory / f"{digest[:16]}-{code}.parquet"
    described = path.with_suffix(".json")
    kept = _described(described)
    if kept is not None and snapshots.is_whole(path):
        _prepare_link(path, settings)
        return Snapshot.model_validate({**kept, "path": path})
    people, rejected = _write(file, path, settings)
    _prepare_link(path, settings)
    snapshot = Snapshot(
        path=path,
        sha256=digest,
        source_file=file.name,
        people=people,
        rejected=rejected,
        code=code,
    )
    with store.atomic(described) as temporary:
        temporary.write_text(snapshot.model_dump_json(exclude={"path"}), encoding="utf-8")
    return snapshot


def _prepare_link(path: Path, settings: Settings) -> None:
    matching.snapshot.prepare(path, settings.threads, min(settings.memory_mb, _SORT_MEMORY_MB))


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
    people = pl.scan_parquet(snapshot.path)
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


def _write(file: Path, path: Path, settings: Settings) -> tuple[int, int]:
    """Number of people and of rejected rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_suffix(".building")
    building.unlink(missing_ok=True)
    memory = min(settings.memory_mb, _SORT_MEMORY_MB)
    try:
        with store.open_database(building, threads=settings.threads, memory_mb=memory) as connection:
            rejected = _gather(connection, file, settings)
            connection.execute(_DOUBLES_SQL)
            doubles = store.query(connection, "SELECT source_row FROM doubles ORDER BY source_row")["source_row"]
            with store.atomic(path) as temporary:
                connection.execute(_COPY_SQL.format(path=str(temporary).replace("'", "''")))
            count = store.query(connection, "SELECT count(*) AS n FROM people")["n"].item() - len(doubles)
    finally:
        building.unlink(missing_ok=True)
    rejected.append(
        refused_rows(doubles, "duplicate_person", "Số định danh đã có ở dòng trước / the number stands twice.")
    )
    bad = pl.concat(rejected).sort("source_row", nulls_last=True)
    if not count:
        path.unlink()
        raise RegistryInvalid(
            "no_people",
            "Sổ dân cư không có dòng nào hợp lệ; person_id phải là 12 chữ số / person_id must be 12 digits.",
        )
    store.write_parquet(bad, path.with_suffix(".rejected.parquet"))
    return int(count), bad.height


def _gather(connection: duckdb.DuckDBPyConnection, file: Path, settings: Settings) -> list[pl.DataFrame]:
    """The rows that cannot be used; writes the table `people`, a bounded part of the file at a time."""
    refused, rejected = [], []
    connection.execute(_PEOPLE_SQL)
    usable = False
    for table in slices(file, _schema()):
        rejected.append(table.rejected)
        if table.refused:
            refused.append(table.refused)
            continue
        usable = True
        _refuse_changes(table)
        people, bad = _standardised(table.rows, settings)
        rejected.append(bad)
        _append(connection, people)
    if refused and not usable:
        raise RegistryInvalid(refused[0].code, f"Sổ dân cư / registry: {refused[0]}")
    return rejected


def _refuse_changes(table: Table) -> None:
    if table.rows["change"].is_not_null().any():
        raise RegistryInvalid(
            "change_feed",
            "Tệp có cột «change» là danh sách thay đổi, chưa phải cả sổ dân cư; hãy nạp tệp đầy đủ "
            "/ a change feed is not a whole registry: load the full file.",
        )


_SORT_MEMORY_MB = 1_500
"""For sorting the people and for their side files: what does not fit goes through the disk."""

_PEOPLE_SQL = """
CREATE TABLE people (
    source_row INTEGER, person_id VARCHAR, full_name VARCHAR, name_key VARCHAR, date_of_birth VARCHAR,
    birth_year SMALLINT, sex VARCHAR, old_ids VARCHAR[], other_names VARCHAR[], province_code VARCHAR,
    commune_code VARCHAR, status VARCHAR, death_date VARCHAR, father_name VARCHAR, mother_name VARCHAR,
    updated_at VARCHAR
)
"""
_DOUBLES_SQL = """
CREATE TABLE doubles AS
SELECT rowid AS row, source_row
FROM people SEMI JOIN (SELECT person_id FROM people GROUP BY ALL HAVING count(*) > 1) USING (person_id)
QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY source_row, rowid) > 1
"""
_COPY_SQL = """
COPY (
    SELECT * EXCLUDE (source_row) FROM people ANTI JOIN doubles ON people.rowid = doubles.row ORDER BY person_id
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""


def _append(connection: duckdb.DuckDBPyConnection, people: pl.DataFrame) -> None:
    connection.register("incoming", people.to_arrow())
    connection.execute("INSERT INTO people SELECT * FROM incoming")
    connection.unregister("incoming")


def _standardised(rows: pl.DataFrame, settings: Settings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(people, rejected rows)."""
    name, father, mother = _together(rows, ("full_name", "father_name", "mother_name"), names.standardise)
    born, died = _together(rows, ("date_of_birth", "death_date"), partial(dates.standardise, night=settings.night))
    statuses = _statuses(rows["status"])
    people = pl.DataFrame(
        {
            "source_row": rows["source_row"],
            "person_id": ids.standardise(rows["person_id"])["id_number"],
            "full_name": name["full_name"],
            "name_key": name["name_key"],
            "date_of_birth": born["date_of_birth"],
            "birth_year": born["birth_year"].cast(pl.Int16),
            "sex": sexes.standardise(rows["sex"])["sex"],
            "old_ids": _listed(rows["old_ids"]),
            "other_names": _listed(rows["other_names"], names.normalise),
            "province_code": places.standardise_provinces(rows["province"]),
            "commune_code": places.standardise_communes(rows["commune"]),
            "status": statuses,
            "death_date": died["date_of_birth"],
            "father_name": father["full_name"],
            "mother_name": mother["full_name"],
            "updated_at": rows["updated_at"],
        }
    )
    faults = {
        "bad_person_id": (
            pl.col("person_id").is_null(),
            "Số định danh không đủ 12 chữ số / not a 12-digit number.",
        ),
        "no_name": (pl.col("full_name").is_null(), "Thiếu họ tên / no name."),
        "unknown_status": (pl.col("status").is_null(), "Tình trạng không hiểu được / unknown status."),
    }
    fault = pl.coalesce(pl.when(test).then(pl.lit(code)) for code, (test, _) in faults.items())
    people = people.with_columns(fault.alias("fault"))
    bad = [
        refused_rows(people.filter(pl.col("fault") == code)["source_row"], code, message)
        for code, (_, message) in faults.items()
    ]
    return people.filter(pl.col("fault").is_null()).drop("fault"), pl.concat(bad)


def _together(
    rows: pl.DataFrame, columns: Sequence[str], standardise: Callable[[pl.Series], pl.DataFrame]
) -> Iterator[pl.DataFrame]:
    """What `standardise` says of each column; asked once for each value, as columns of one kind share them."""
    values = pl.concat([rows.select(value=column) for column in columns])
    distinct = values.unique()
    answers = pl.concat([distinct, standardise(distinct["value"])], how="horizontal")
    frame = values.join(answers, on="value", how="left", nulls_equal=True, maintain_order="left")
    return (frame.slice(part * rows.height, rows.height) for part in range(len(columns)))


def _statuses(column: pl.Series) -> pl.Series:
    """Our status words; alive where the file says nothing, null where it says something unknown."""
    distinct = column.drop_nulls().unique()
    known = {text: STATUSES.get(names.fold(text)) for text in distinct}
    return column.fill_null("alive").replace_strict({**known, "alive": "alive"}, return_dtype=pl.String)


def _listed(column: pl.Series, normalise: Callable[[str], str | None] = lambda text: text) -> pl.Series:
    """`a;b` → [a, b]; an empty list where there is nothing."""
    split = column.fill_null("").str.split(";")
    cleaned = {text: normalise(text.strip()) or "" for text in split.explode().drop_nulls().unique()}
    return (
        split.to_frame("each")
        .select(
            pl.col("each")
            .list.eval(pl.element().replace_strict(cleaned, default="", return_dtype=pl.String))
            .list.eval(pl.element().filter(pl.element() != ""))
        )
        .to_series()
    )


@cache
def _schema() -> TableSchema:
    table = tomllib.loads(Path(__file__).with_name("registry.toml").read_text(encoding="utf-8"))
    return TableSchema.model_validate(table)
