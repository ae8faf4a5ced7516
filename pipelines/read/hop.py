"""The hop `read`: every file in the inbox becomes rows of text, each row in exactly one place."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import polars as pl

from pipelines import store
from pipelines.checksums import sha256
from pipelines.config import Run, Settings
from pipelines.errors import BadInput, UnreadableFile
from pipelines.read import headers
from pipelines.read.cells import refused_rows
from pipelines.read.table import Table, tables
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector

MAPPING = "mapping.toml"
"""In a sector's inbox: which header means which column."""

FILES_SCHEMA = {
    "sector": pl.String,
    "source_file": pl.String,
    "sheet": pl.String,
    "sha256": pl.String,
    "bytes": pl.Int64,
    "format": pl.String,
    "encoding": pl.String,
    "header_row": pl.Int32,
    "rows_counted": pl.Int64,
    "rows_read": pl.Int64,
    "rows_rejected": pl.Int64,
    "refused": pl.String,
    "message": pl.String,
    "mapping": pl.String,
    "unknown_columns": pl.String,
}
REJECTED_SCHEMA = {
    "sector": pl.String,
    "source_file": pl.String,
    "sheet": pl.String,
    "source_row": pl.Int32,
    "code": pl.String,
    "message": pl.String,
}


def read(run: Run) -> dict[str, int]:
    """Counts of files, rows and rejected rows; writes `files`, `rejected` and `raw_<sector>`.

    Errors: BadInput if the inbox has no file at all. A file that cannot be read is refused in `files`, with its
    message, and the others go on.
    """
    seen: set[tuple[str, str]] = set()
    readings = []
    for sector, path in require_files(run.settings):
        digest = sha256(path)
        readings.append(_File(run.settings, sector, path, digest, repeated=(sector, digest) in seen))
        seen.add((sector, digest))
    with store.connect(run) as connection:
        return _ingest(connection, readings, run.settings.own_sectors)


def read_one(run: Run, sector: str, path: Path, mapping: Path | None = None) -> dict[str, int]:
    """Like `read`, for one file outside any inbox. Errors: UnreadableFile or UnknownColumns if it was refused."""
    with store.connect(run) as connection:
        counts = _ingest(
            connection,
            [_File(run.settings, sector, path, sha256(path), mapping=mapping)],
            run.settings.own_sectors,
        )
        refused = store.query(connection, "SELECT refused, message FROM files WHERE refused IS NOT NULL ORDER BY ALL")
    if refused.height and not counts["rows_read"]:
        raise UnreadableFile(refused["refused"][0], f"«{path.name}»: {refused['message'][0]}")
    return counts


def require_files(settings: Settings) -> list[tuple[str, Path]]:
    """The inbox's files. Errors: BadInput if there is none."""
    files = inbox_files(settings)
    if not files:
        folders = ", ".join(schema.known(settings.own_sectors))
        raise BadInput(
            "empty_inbox",
            f"Không có tệp nào trong «{settings.inbox_directory}»; hãy đặt tệp vào thư mục con "
            f"{folders} rồi chạy lại / the inbox is empty: put files into these sub-folders.",
        )
    return files


def inbox_files(settings: Settings) -> list[tuple[str, Path]]:
    """(sector, file) of everything in the inbox, in an order that no file system decides.

    The sector is the sub-folder's name; a file outside any sub-folder has the sector "".
    """
    root = settings.inbox_directory
    if not root.is_dir():
        return []
    found = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink() and _is_data(path)]
    placed = [(path.relative_to(root).parts[0] if path.parent != root else "", path) for path in found]
    return sorted(placed, key=lambda each: (each[0], each[1].relative_to(root).as_posix()))


def _ingest(connection: duckdb.DuckDBPyConnection, readings: Iterable["_File"], own: Path | None) -> dict[str, int]:
    """Everything in one transaction: a crash leaves the tables of before."""
    connection.execute("BEGIN")
    for name in schema.known(own):
        _create_raw(connection, schema.load(name, own))
    log, rejected = [], []
    for reading in readings:
        for table in reading.tables():
            log.append(reading.log_entry(table))
            rejected.append(reading.rejected(table))
            if table.refused is None:
                _append(connection, store.raw_table(reading.sector), reading.records(table))
    counts = _write(connection, log, rejected)
    connection.execute("COMMIT")
    return counts


class _File:
    """One file of the inbox on its way into the tables."""

    def __init__(
        self,
        settings: Settings,
        sector: str,
        path: Path,
        digest: str,
        *,
        repeated: bool = False,
        mapping: Path | None = None,
    ) -> None:
        self.own = settings.own_sectors
        self.sector, self.path, self.digest, self.repeated = sector, path, digest, repeated
        # The sector stands in it, because a file may lawfully be sent to two sectors.
        self.content_id = hashlib.sha256(f"{sector}|{digest}".encode()).hexdigest()[:12]
        self.folder = settings.inbox_directory / sector
        self.mapping = mapping or self.folder / MAPPING
        self.source_file = path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else path.name

    def tables(self) -> Iterator[Table]:
        """The file's tables; one refused table without rows if the file as a whole cannot be read."""
        try:
            sector = self._sector()
            for table in tables(self.path, sector, headers.overrides(self.mapping)):
                yield self._refused_as_repeated(table) if self.repeated else table
        except BadInput as refusal:
            yield _unreadable(refusal)
        except (pl.exceptions.PolarsError, zipfile.BadZipFile, OSError) as fault:
            yield _unreadable(
                UnreadableFile(
                    "damaged_file",
                    f"Không đọc được tệp ({type(fault).__name__}); hãy xuất lại / the file is damaged.",
                )
            )

    def records(self, table: Table) -> pl.DataFrame:
        """The rows of `raw_<sector>`."""
        row = pl.col("source_row").cast(pl.String).str.zfill(7)
        return table.rows.select(
            pl.format("{}-{}-{}", pl.lit(self.content_id), pl.lit(table.sheet_number), row).alias("record_id"),
            pl.lit(self.sector).alias("sector"),
            pl.lit(self.source_file).alias("source_file"),
            pl.lit(table.sheet).alias("sheet"),
            pl.all(),
        )

    def rejected(self, table: Table) -> pl.DataFrame:
        """The rows of `rejected`."""
        rows = table.rejected
        if table.refused is not None and rows.is_empty():
            rows = refused_rows(pl.Series([None], dtype=pl.Int32), table.refused.code, str(table.refused))
        return rows.select(
            pl.lit(self.sector).alias("sector"),
            pl.lit(self.source_file).alias("source_file"),
            pl.lit(table.sheet).alias("sheet"),
            pl.all(),
        )

    def log_entry(self, table: Table) -> dict[str, object]:
        """The row of `files`."""
        return {
            "sector": self.sector,
            "source_file": self.source_file,
            "sheet": table.sheet,
            "sha256": self.digest,
            "bytes": self.path.stat().st_size,
            "format": table.format,
            "encoding": table.encoding,
            "header_row": table.header_row,
            "rows_counted": table.rows_counted,
            "rows_read": table.rows.height,
            "rows_rejected": table.rejected.height,
            "refused": table.refused.code if table.refused else None,
            "message": str(table.refused) if table.refused else None,
            "mapping": json.dumps(dict(table.mapping), ensure_ascii=False),
            "unknown_columns": json.dumps(list(table.unknown), ensure_ascii=False),
        }

    def _sector(self) -> Sector:
        if self.sector not in schema.known(self.own):
            raise BadInput(
                "unknown_sector",
                f"Tệp không nằm trong thư mục của lĩnh vực nào; hãy chuyển vào {', '.join(schema.known(self.own))} "
                "/ the file is in no sector's folder.",
            )
        return schema.load(self.sector, self.own)

    def _refused_as_repeated(self, table: Table) -> Table:
        refusal = BadInput(
            "repeated_file", "Tệp trùng nội dung với một tệp khác trong cùng lĩnh vực / the same file again."
        )
        rows = table.rows["source_row"] if table.rows.width else pl.Series([], dtype=pl.Int32)
        rejected = pl.concat([refused_rows(rows, refusal.code, str(refusal)), table.rejected]).sort("source_row")
        return Table(
            sheet=table.sheet,
            sheet_number=table.sheet_number,
            format=table.format,
            encoding=table.encoding,
            rows_counted=table.rows_counted,
            rejected=rejected,
            refused=refusal,
        )


def _unreadable(refusal: BadInput) -> Table:
    return Table(sheet="", sheet_number=1, format="", encoding="", rows_counted=0, refused=refusal)


def _is_data(path: Path) -> bool:
    return not path.name.startswith((".", "~$")) and path.name != MAPPING


def _create_raw(connection: duckdb.DuckDBPyConnection, sector: Sector) -> None:
    texts = ", ".join(f"{store.identifier(column.name)} VARCHAR" for column in sector.column)
    connection.execute(
        f"CREATE OR REPLACE TABLE {store.raw_table(sector.name)} (record_id VARCHAR, sector VARCHAR, "
        f"source_file VARCHAR, sheet VARCHAR, source_row INTEGER, {texts}, extra VARCHAR)"
    )


def _append(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    incoming = frame.to_arrow()
    connection.register("incoming", incoming)
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")


def _write(
    connection: duckdb.DuckDBPyConnection, log: Iterable[dict[str, object]], rejected: Iterable[pl.DataFrame]
) -> dict[str, int]:
    files = pl.DataFrame(list(log), schema=FILES_SCHEMA).sort("sector", "source_file", "sheet")
    refused = pl.concat([pl.DataFrame(schema=REJECTED_SCHEMA), *rejected]).sort(
        "sector", "source_file", "sheet", "source_row", nulls_last=True
    )
    store.replace_table(connection, store.FILES, files)
    store.replace_table(connection, store.REJECTED, refused)
    return {
        "files": files["source_file"].n_unique(),
        "files_refused": files.filter(pl.col("refused").is_not_null())["source_file"].n_unique(),
        "rows_counted": int(files["rows_counted"].sum()),
        "rows_read": int(files["rows_read"].sum()),
        "rows_rejected": int(files["rows_rejected"].sum()),
    }
