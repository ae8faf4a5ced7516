"""The hop `read`: turns every file in the inbox into rows of text, each row in exactly one place."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import duckdb
import polars as pl

from pipelines.config import Run, Settings
from pipelines.errors import BadInput, UnreadableFile
from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.header.mapping_file import chosen_headers
from pipelines.read import file_versions, replacements
from pipelines.read.inbox import Arrived, arrivals
from pipelines.read.ingest import Arrival, Intake
from pipelines.read.write_detection import still_written
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector
from pipelines.workspace import atomic_files, run_schema, run_tables
from pipelines.workspace.checksums import sha256
from pipelines.workspace.run_schema import FILES_SCHEMA, REJECTED_SCHEMA

MAPPING = "mapping.toml"
"""Name of the file in a sector's inbox that says which header means which column."""

ANSWERS = "answers"
"""Code of a file that is no data and no mistake: a filled-in list, whose answers are read before the night begins."""

_TABLES_MB = 600
"""Of memory for the tables while files are read: sorting what does not fit goes through the disk."""


def read(run: Run) -> dict[str, int]:
    """Counts of files, rows and rejected rows; writes `files`, `rejected` and `raw_<sector>`, rows in the order of the
    files.

    Errors: BadInput if the inbox has no file at all. A file that cannot be read is refused in `files`, with its
    message, and the others go on.
    """
    found = require_files(run.settings)
    with run_tables.connect(run) as connection, _scratch(run) as scratch:
        intake = _begin(connection, scratch, run.settings)
        words = _Words(run.settings, intake.sectors)
        for arrived in found:
            _take(intake, arrived, words)
        contents = ((each["sector"], each["sha256"], each["source_file"]) for each in intake.files if each["sha256"])
        file_versions.supersede(
            connection,
            intake.sectors,
            intake.files,
            file_versions.first_nights(run.settings, contents),
            run.settings.night,
            replacements.allowed(run.settings),
        )
        return _end(connection, intake)


def read_one(run: Run, sector: str, path: Path, mapping: Path | None = None) -> dict[str, int]:
    """Counts of one file outside any inbox, read as by `read`. Errors: UnreadableFile or UnknownColumns if it was
    refused.
    """
    with run_tables.connect(run) as connection, _scratch(run) as scratch:
        intake = _begin(connection, scratch, run.settings)
        arrival = Arrival(sector, path.name, path, sha256(path), path.stat().st_size)
        chosen = chosen_headers(mapping, intake.sectors[sector]) if mapping else {}
        intake.take(arrival, HeaderAliases(intake.sectors[sector], chosen))
        counts = _end(connection, intake)
        refused = run_tables.query(
            connection, "SELECT refused, message FROM files WHERE refused IS NOT NULL ORDER BY ALL"
        )
    if refused.height and not counts["rows_read"]:
        raise UnreadableFile(refused["refused"][0], f"«{path.name}»: {refused['message'][0]}")
    return counts


def require_files(settings: Settings) -> list[Arrived]:
    """The contents of the inbox. Errors: BadInput if there is nothing."""
    found = arrivals(settings)
    if not found:
        folders = ", ".join(schema.known(settings.sectors_directory))
        raise BadInput(
            "empty_inbox",
            f"Không có tệp nào trong «{settings.inbox_directory}»; hãy đặt tệp vào thư mục con "
            f"{folders} rồi chạy lại / the inbox is empty: put files into its sub-folders {folders}.",
        )
    return found


def _scratch(run: Run) -> AbstractContextManager[Path]:
    """For what is unpacked; the name is one that a sweep after a crash knows."""
    return atomic_files.scratch(run.database.with_name(f".{run.run_id}.unpacked.part"))


def _begin(connection: duckdb.DuckDBPyConnection, scratch: Path, settings: Settings) -> Intake:
    """Empty tables. Files are taken in one by one: what one transaction holds would grow with them.

    After a crash the hop is not done, and runs again from here.
    """
    connection.execute(f"SET memory_limit = '{min(settings.memory_mb, _TABLES_MB)}MB'")
    sectors = schema.of_settings(settings)
    for sector in sectors.values():
        _create_raw(connection, sector)
    run_tables.replace_table(connection, run_schema.REJECTED, pl.DataFrame(schema=REJECTED_SCHEMA))
    return Intake(connection, scratch, sectors)


def _take(intake: Intake, arrived: Arrived, words: "_Words") -> None:
    if arrived.refused:
        intake.refuse(Arrival(arrived.sector, arrived.source_file, arrived.path, None), arrived.refused)
        return
    digest, size = arrived.sha256(), arrived.seen.size if arrived.seen else None
    arrival = Arrival(arrived.sector, arrived.source_file, arrived.path, digest, size)
    if digest is None:
        intake.refuse(arrival, still_written())
        return
    if arrived.sector not in intake.sectors:
        intake.refuse(arrival, _no_sector(intake))
        return
    try:
        of_sector = words.of(arrived.sector)
    except BadInput as refusal:
        intake.refuse(arrival, refusal)
        return
    intake.take(arrival, of_sector)
    if not arrived.unchanged():
        intake.take_back(arrival, still_written())


class _Words:
    """What headers mean in each sector's files, made once for all of them."""

    def __init__(self, settings: Settings, sectors: Mapping[str, Sector]) -> None:
        self._inbox, self._sectors = settings.inbox_directory, sectors
        self._made: dict[str, HeaderAliases] = {}

    def of(self, sector: str) -> HeaderAliases:
        """The sector's. Errors: UnknownColumns if its mapping file is wrong."""
        if sector not in self._made:
            described = self._sectors[sector]
            self._made[sector] = HeaderAliases(described, chosen_headers(self._inbox / sector / MAPPING, described))
        return self._made[sector]


def _no_sector(intake: Intake) -> BadInput:
    return BadInput(
        "unknown_sector",
        f"Tệp không nằm trong thư mục của ngành nào; hãy chuyển vào {', '.join(intake.sectors)}; ngành mới cần "
        "một bảng, xem docs/new-sector.md / the file is in no sector's folder; a new sector needs a table.",
    )


def _create_raw(connection: duckdb.DuckDBPyConnection, sector: Sector) -> None:
    texts = ", ".join(f"{run_schema.identifier(column.name)} VARCHAR" for column in sector.column)
    connection.execute(
        f"CREATE OR REPLACE TABLE {run_schema.raw_table(sector.name)} (record_id VARCHAR, sector VARCHAR, "
        f"source_file VARCHAR, sheet VARCHAR, source_row INTEGER, {texts}, extra VARCHAR)"
    )


def _end(connection: duckdb.DuckDBPyConnection, intake: Intake) -> dict[str, int]:
    """Writes `files` with what each gave, and puts the tables in order."""
    connection.execute("BEGIN")
    entries = pl.DataFrame(intake.files, schema=FILES_SCHEMA, orient="row")
    run_tables.replace_table(connection, "entries", entries)
    read = " UNION ALL ".join(
        f"SELECT sector, source_file, sheet FROM {run_schema.raw_table(name)}" for name in intake.sectors
    )
    connection.execute(_FILES.format(files=run_schema.FILES, rejected=run_schema.REJECTED, read=read))
    connection.execute("DROP TABLE entries")
    connection.execute(
        f"CREATE OR REPLACE TABLE {run_schema.REJECTED} AS FROM {run_schema.REJECTED} ORDER BY {_IN_ORDER}"
    )
    for name in intake.sectors:
        # One sheet's rows came in order.
        if sum(1 for entry in intake.files if entry["sector"] == name) > 1:
            raw = run_schema.raw_table(name)
            connection.execute(f"CREATE OR REPLACE TABLE {raw} AS FROM {raw} ORDER BY source_file, sheet, source_row")
    files = run_tables.read_table(connection, run_schema.FILES)
    connection.execute("COMMIT")
    return {
        "files": files.select("sector", "source_file").n_unique(),
        "files_refused": files.filter(pl.col("refused") != ANSWERS).select("sector", "source_file").n_unique(),
        "rows_counted": int(files["rows_counted"].sum()),
        "rows_read": int(files["rows_read"].sum()),
        "rows_rejected": int(files["rows_rejected"].sum()),
    }


_IN_ORDER = "sector, source_file, sheet, source_row NULLS LAST, code"
_FILES = """
CREATE OR REPLACE TABLE {files} AS
WITH given AS (SELECT sector, source_file, sheet, count(*) AS rows_read FROM ({read}) GROUP BY ALL),
     bad AS (SELECT sector, source_file, sheet, count(source_row) AS rows_rejected FROM {rejected} GROUP BY ALL)
SELECT entries.*, coalesce(rows_read, 0) AS rows_read, coalesce(rows_rejected, 0) AS rows_rejected
FROM entries LEFT JOIN given USING (sector, source_file, sheet) LEFT JOIN bad USING (sector, source_file, sheet)
ORDER BY sector, source_file, sheet
"""
