"""Builds what the review pages read: one file of a handed-on run, which nothing of a night holds open.

The records that a human may have to decide about, the most useful first: the one whose answer is likeliest to change
what the night decided. Each has its candidates as the night weighed them: a page looks nothing up.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from matching.model import Model
from matching.records import prepare
from matching.stages import candidates
from pipelines.config import Run, Settings
from pipelines.link import explain as link_explain
from pipelines.link import human_decisions
from pipelines.night import runs
from pipelines.report import labels
from pipelines.review import sample
from pipelines.review.explain import snapshot_of
from pipelines.review.worklist import WORD
from pipelines.sectors import schema
from pipelines.workspace import atomic_files, run_schema, run_tables
from vn.names import fold

BATCH = 20_000
"""Records whose candidates are weighed at a time."""
NEAREST = 5
"""Number of candidates that a page can show, the proposed one among them."""
SUFFIX = ".review.sqlite"

_TABLES = """
CREATE TABLE items (
    position INTEGER PRIMARY KEY, record_id TEXT NOT NULL, sector TEXT NOT NULL, province TEXT NOT NULL,
    decision TEXT NOT NULL, status TEXT NOT NULL, person_id TEXT, content TEXT NOT NULL, pattern INTEGER NOT NULL,
    probability REAL, name TEXT, birth TEXT, number TEXT, source_file TEXT NOT NULL, source_row INTEGER NOT NULL,
    reason TEXT NOT NULL, unit TEXT
);
CREATE TABLE details (position INTEGER PRIMARY KEY, record TEXT NOT NULL, link TEXT NOT NULL, candidates TEXT NOT NULL,
                      compared INTEGER NOT NULL, issues TEXT NOT NULL);
CREATE TABLE people (person_id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, entry TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE patterns (pattern INTEGER PRIMARY KEY, sector TEXT NOT NULL, decision TEXT NOT NULL, status TEXT NOT NULL,
                       levels TEXT NOT NULL);
CREATE TABLE run (run_id TEXT NOT NULL);
CREATE VIRTUAL TABLE terms USING fts5 (
    term, content = '', detail = none, tokenize = "unicode61 remove_diacritics 0 tokenchars '-_'"
);
"""
_INDEXES = """
CREATE UNIQUE INDEX items_by_record ON items (record_id);
CREATE INDEX items_by_content ON items (content);
CREATE INDEX items_by_pattern ON items (pattern, position);
CREATE TABLE counts AS
    SELECT sector, province, decision, status, count(*) AS records FROM items GROUP BY ALL_COLUMNS;
CREATE TABLE pattern_counts AS
    SELECT pattern, sector, province, count(*) AS records FROM items GROUP BY pattern, sector, province;
""".replace("ALL_COLUMNS", "sector, province, decision, status")

_ID = {"record_id": pl.String}
# Random samples lie among the records in review, each at a random place: nobody can tell them by it.
_ITEMS = f"""
WITH outcome AS (
    SELECT *, mixed_in.record_id IS NOT NULL AS is_mixed_in
    FROM ({run_schema.OUTCOMES_SQL}) LEFT JOIN mixed_in USING (record_id)
)
SELECT record_id, sector, sheet, decision, status, person_id, probability, source_file, source_row, reason,
       CASE WHEN is_mixed_in THEN ('0x' || left(md5(record_id), 8))::BIGINT / 4294967296
            WHEN decision = 'link' THEN 1 - coalesce(probability, 0) ELSE coalesce(probability, 0) END AS useful
FROM outcome
WHERE decision <> 'link' OR status IN (SELECT status FROM review_statuses) OR is_mixed_in
ORDER BY (decision = 'review' OR is_mixed_in) DESC, round(useful, 3) DESC, sector, source_file, sheet, source_row,
         record_id
"""
_ISSUES = """
SELECT record_id, to_json(list({'issue': issue, 'column': "column", 'severity': severity} ORDER BY rule_id))::VARCHAR
       AS issues
FROM issues SEMI JOIN wanted USING (record_id) GROUP BY record_id
"""
_PERSON = (
    "person_id", "full_name", "other_names", "old_ids", "date_of_birth", "birth_year", "sex", "province_code",
    "commune_code", "mother_name", "father_name",
)  # fmt: skip
"""Columns of the registry that a page compares with."""


class Batch(NamedTuple):
    """Some of the worklist's records, ready to be stored."""

    items: pl.DataFrame
    """Columns of the table `items`, and `terms`: what the record is found by."""
    details: pl.DataFrame
    """Columns of the table `details`."""
    patterns: pl.DataFrame
    """Columns of the table `patterns`, each once."""


def path_of(run: Run) -> Path:
    """Path of the run's index."""
    return run.settings.workspace / "review" / f"{run.run_id}{SUFFIX}"


def build(run: Run) -> Path:
    """Path of the run's index, which is made if it is missing; those of earlier runs are removed.

    Errors: BadInput if the run has lost its tables or its registry is gone; Transient if another process has them open.
    """
    path = path_of(run)
    if path.is_file():
        return path
    with runs.tables_of(run, read_only=True) as connection:
        snapshot = snapshot_of(run)
        write(path, run.run_id, batches(connection, snapshot, run), snapshot, run.settings)
    for other in path.parent.glob(f"*{SUFFIX}"):
        if other != path:
            other.unlink(missing_ok=True)  # whoever still reads it keeps it until it is closed
    return path


def write(path: Path, run_id: str, batches: Iterator[Batch], snapshot: Path, settings: Settings) -> None:
    """Writes the index whole or not at all."""
    known: set[int] = set()
    persons: list[pl.Series] = []
    with atomic_files.atomic(path) as temporary:
        temporary.unlink(missing_ok=True)
        with closing(sqlite3.connect(temporary, isolation_level=None)) as store:
            store.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
            store.execute("BEGIN")
            store.execute("INSERT INTO run VALUES (?)", (run_id,))
            for batch in batches:
                _insert(store, "items", batch.items.drop("terms"))
                store.executemany(
                    "INSERT INTO terms (rowid, term) VALUES (?, ?)", batch.items.select("position", "terms").iter_rows()
                )
                _insert(store, "details", batch.details)
                new = batch.patterns.filter(~pl.col("pattern").is_in(known))
                _insert(store, "patterns", new)
                known |= set(new["pattern"])
                persons.append(_persons(batch))
            _insert(store, "people", _people(snapshot, pl.concat(persons).unique().sort(), settings))
            store.execute("COMMIT")
            store.executescript("INSERT INTO terms (terms) VALUES ('optimize');" + _INDEXES + "ANALYZE;")


def _insert(store: sqlite3.Connection, table: str, frame: pl.DataFrame) -> None:
    names = ", ".join(run_schema.identifier(name) for name in frame.columns)
    places = ", ".join("?" * frame.width)
    store.executemany(f"INSERT INTO {run_schema.identifier(table)} ({names}) VALUES ({places})", frame.iter_rows())


def batches(connection: duckdb.DuckDBPyConnection, snapshot: Path, run: Run) -> Iterator[Batch]:
    """The records of a run that a human may have to decide about, the most useful first within each sector."""
    statuses = labels.status_frame().filter(pl.col("needs_work")).select("status")
    connection.register("review_statuses", statuses.to_arrow())
    connection.register("mixed_in", pl.DataFrame({"record_id": sample.record_ids(run)}, _ID).to_arrow())
    links = run_tables.query(connection, _ITEMS).with_row_index("position", offset=1)
    links = links.with_columns(pl.col("position").cast(pl.Int64))
    connection.unregister("review_statuses")
    connection.unregister("mixed_in")
    for part in links.partition_by("sector", maintain_order=True):
        for start in range(0, part.height, BATCH):
            yield _batch(connection, part[start : start + BATCH], snapshot, run.settings)


def _batch(connection: duckdb.DuckDBPyConnection, part: pl.DataFrame, snapshot: Path, settings: Settings) -> Batch:
    sector = schema.of_settings(settings)[part["sector"][0]]
    connection.register("wanted", part.select("record_id").to_arrow())
    core = run_tables.query(
        connection, f"SELECT * FROM {run_schema.core_table(sector.name)} SEMI JOIN wanted USING (record_id)"
    )
    issues = run_tables.query(connection, _ISSUES)
    linked = run_tables.query(connection, "SELECT * FROM links SEMI JOIN wanted USING (record_id)")
    connection.unregister("wanted")
    core = part.select("record_id").join(core, on="record_id", how="left", maintain_order="left")
    linked = part.select("record_id").join(linked, on="record_id", how="left", maintain_order="left")
    options = link_explain.options_of(connection, sector.name, settings)
    weighed = _nearest(candidates(core, snapshot, options), linked)
    of_record = _by_record(weighed, part.height)
    pattern = _patterns(part, weighed, options.model)
    own_key = core[sector.key] if sector.key in core.columns else pl.Series([None] * core.height, dtype=pl.String)
    told = prepare(core).drop("r").with_columns(own_key.cast(pl.String).alias("key"))
    items = part.select(
        "position", "record_id", "sector", "decision", "status", "person_id", "probability", "source_file",
        "source_row", "reason",
    ).with_columns(
        core["province_code"].fill_null("00").alias("province"),
        human_decisions.record_fingerprints(core, settings).alias("content"),
        pl.coalesce(core["full_name"], core["full_name_raw"]).alias("name"),
        core["date_of_birth"].alias("birth"),
        pl.coalesce(core["id_number"], core["cmnd_number"], core["id_number_raw"]).alias("number"),
        core["unit"],
        pattern["pattern"],
    )  # fmt: skip
    details = part.select("position").with_columns(
        told.select(pl.struct(pl.all()).struct.json_encode().alias("record")).to_series(),
        linked.select(pl.struct(pl.all()).struct.json_encode().alias("link")).to_series(),
        of_record["candidates"],
        of_record["compared"],
        part.select("record_id")
        .join(issues, on="record_id", how="left", maintain_order="left")["issues"]
        .fill_null("[]"),
    )
    return Batch(
        items.with_columns(terms=terms(items, told["name_key"], told["key"])),
        details,
        pattern.unique("pattern").sort("pattern"),
    )


def terms(items: pl.DataFrame, name_key: pl.Series, key: pl.Series) -> pl.Series:
    """What each record is found by: its facets as `_s…` words, its unit's words as `_u…`, its name without marks, its
    numbers and its key.
    """
    word = [
        pl.lit("_s") + pl.col("sector"),
        pl.lit("_p") + pl.col("province"),
        pl.lit("_t") + pl.col("sector") + pl.lit("-") + pl.col("province"),
        pl.lit("_d") + pl.col("decision"),
        pl.lit("_k") + pl.col("status"),
        pl.lit("_a") + pl.col("pattern").cast(pl.String),
        pl.col("record_id"),
        pl.col("number"),
        _unit_words(items["unit"]),
        name_key,
        key,
    ]
    return items.select(pl.concat_str(word, separator=" ", ignore_nulls=True)).to_series()


def _unit_words(unit: pl.Series) -> pl.Series:
    """`_u` and each word of the unit's name without marks; null where it has none."""
    distinct = unit.drop_nulls().unique()
    words = [" ".join(f"_u{word}" for word in WORD.findall(fold(name))) for name in distinct]
    return unit.replace_strict(distinct, pl.Series(words, dtype=pl.String), default=None, return_dtype=pl.String)


def _nearest(weighed: pl.DataFrame, linked: pl.DataFrame) -> pl.DataFrame:
    """The candidates of each record with the proposed person first, NEAREST at most; `compared` counts all of them."""
    own = linked.select("person_id").with_row_index("r").select(pl.col("r").cast(pl.Int32), own="person_id")
    ordered = weighed.join(own, on="r", how="left", maintain_order="left").with_columns(
        is_own=pl.col("person_id").eq_missing(pl.col("own")), compared=pl.len().over("r")
    )
    ordered = ordered.sort(["r", "is_own", "weight", "p"], descending=[False, True, True, False]).drop("own", "is_own")
    return ordered.filter(pl.int_range(pl.len()).over("r") < NEAREST)


def _by_record(weighed: pl.DataFrame, records: int) -> pl.DataFrame:
    """Columns `candidates` (JSON) and `compared`: a row a record, those without candidates too."""
    names = [name for name in weighed.columns if name not in ("r", "compared")]
    told = weighed.select("r", "compared", pl.struct(names).struct.json_encode().alias("one"))
    grouped = told.group_by("r", maintain_order=True).agg(pl.col("one").str.join(","), pl.col("compared").first())
    every = pl.DataFrame({"r": pl.int_range(records, dtype=pl.Int32, eager=True)})
    return every.join(grouped, on="r", how="left", maintain_order="left").select(
        candidates=pl.concat_str(pl.lit("["), pl.col("one").fill_null(""), pl.lit("]")),
        compared=pl.col("compared").fill_null(0).cast(pl.Int64),
    )


def _patterns(part: pl.DataFrame, weighed: pl.DataFrame, model: Model) -> pl.DataFrame:
    """How each record agrees with its nearest candidate: a number that the same agreement has on any machine."""
    first = weighed.unique("r", keep="first", maintain_order=True)
    named = [
        pl.col(each.field).replace_strict(
            list(range(len(each.level))),
            [f"{each.field}/{level.label}" for level in each.level],
            default=None,
            return_dtype=pl.String,
        )
        for each in model.comparison
    ]
    levels = first.select("r", levels=pl.concat_str(named, separator=" ", ignore_nulls=True))
    every = pl.DataFrame({"r": pl.int_range(part.height, dtype=pl.Int32, eager=True)})
    found = every.join(levels, on="r", how="left", maintain_order="left").select(pl.col("levels").fill_null(""))
    keyed = pl.concat([part.select("sector", "decision", "status"), found], how="horizontal")
    text = keyed.select(pl.concat_str(pl.all(), separator="|")).to_series()
    return keyed.with_columns(pattern=_numbers(text))


def _numbers(texts: pl.Series) -> pl.Series:
    """A number of 48 bits for each text, the same on any machine."""
    distinct = texts.unique()
    numbers = [int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) for text in distinct]
    return texts.replace_strict(distinct, pl.Series(numbers, dtype=pl.Int64), return_dtype=pl.Int64)


def _persons(batch: Batch) -> pl.Series:
    """Everybody who is a candidate."""
    found = batch.details["candidates"].str.extract_all(r'"person_id":"[^"]+"').explode().drop_nulls()
    named = found.str.slice(13).str.strip_suffix('"')
    return pl.concat([named.alias("person_id"), batch.items["person_id"].drop_nulls()]).unique()


def _people(snapshot: Path, wanted: pl.Series, settings: Settings) -> pl.DataFrame:
    """Columns of the table `people`."""
    found = (
        pl.scan_parquet(snapshot, glob=False)
        .filter(pl.col("person_id").is_in(wanted.implode()))
        .select(_PERSON)
        .collect()
        .sort("person_id")
    )
    prints = human_decisions.person_fingerprints(snapshot, wanted.rename("person_id"), settings)
    entry = found.select("person_id", pl.struct(pl.all()).struct.json_encode().alias("entry"))
    return prints.rename({"now": "fingerprint"}).join(entry, on="person_id", how="inner", maintain_order="left")
