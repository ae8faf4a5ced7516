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
    store.replace_table(connection, store.REJECTED, pl.DataFrame(schema=REJECTED_SCHEMA))
    log = [entry for reading in readings for entry in reading.into(connection)]
    counts = _write(connection, log)
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

    def into(self, connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, object]]:
        """The rows of `files`; writes the file's rows into `raw_<sector>` and `rejected`.

        A file that turns out to be unreadable half way through leaves one refused entry and no row.
        """
        done: list[dict[str, object]] = []
        try:
            for table in tables(self.path, self._sector(), headers.overrides(self.mapping)):
                done.append(self._table_into(connection, table))
        except BadInput as refusal:
            done = [self._refuse(connection, refusal)]
        except (pl.exceptions.PolarsError, zipfile.BadZipFile, OSError) as fault:
            told = f"Không đọc được tệp ({type(fault).__name__}); hãy xuất lại / the file is damaged."
            done = [self._refuse(connection, UnreadableFile("damaged_file", told))]
        yield from done

    def _table_into(self, connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, object]:
        counted = read = rejected = 0
        refused = table.refused or (_REPEATED if self.repeated else None)
        for part in table.parts():
            bad = part.rejected
            if refused is None:
                store.append(connection, store.raw_table(self.sector), self._records(table, part.rows))
                read += part.rows.height
            elif not table.refused:
                again = refused_rows(part.rows["source_row"], refused.code, str(refused))
                bad = pl.concat([again, bad]).sort("source_row")
            store.append(connection, store.REJECTED, self._placed(bad, table.sheet.name))
            counted += part.counted
            rejected += bad.height
        if refused is not None and not rejected:
            self._reject_whole(connection, refused, table.sheet.name)
        return self._entry(table, refused) | {
            "rows_counted": counted,
            "rows_read": read,
            "rows_rejected": rejected,
        }

    def _records(self, table: Table, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of `raw_<sector>`."""
        row = pl.col("source_row").cast(pl.String).str.zfill(7)
        identity = pl.format("{}-{}-{}", pl.lit(self.content_id), pl.lit(table.sheet.number), row)
        return self._placed(rows, table.sheet.name).insert_column(0, rows.select(record_id=identity).to_series())

    def _placed(self, rows: pl.DataFrame, sheet: str) -> pl.DataFrame:
        place = {"sector": self.sector, "source_file": self.source_file, "sheet": sheet}
        return rows.select(*(pl.lit(value).alias(name) for name, value in place.items()), pl.all())

    def _refuse(self, connection: duckdb.DuckDBPyConnection, refusal: BadInput) -> dict[str, object]:
        """Takes back what was written of the file."""
        for name in (
            store.REJECTED,
            *([store.raw_table(self.sector)] if self.sector in schema.known(self.own) else []),
        ):
            connection.execute(
                f"DELETE FROM {name} WHERE sector = ? AND source_file = ?", [self.sector, self.source_file]
            )
        self._reject_whole(connection, refusal, "")
        return self._entry(None, refusal)

    def _reject_whole(self, connection: duckdb.DuckDBPyConnection, refusal: BadInput, sheet: str) -> None:
        nowhere = refused_rows(pl.Series([None], dtype=pl.Int32), refusal.code, str(refusal))
        store.append(connection, store.REJECTED, self._placed(nowhere, sheet))

    def _entry(self, table: Table | None, refused: BadInput | None) -> dict[str, object]:
        """The row of `files`."""
        return {
            "sector": self.sector,
            "source_file": self.source_file,
            "sheet": table.sheet.name if table else "",
            "sha256": self.digest,
            "bytes": self.path.stat().st_size,
            "format": table.format if table else "",
            "encoding": table.sheet.encoding if table else "",
            "header_row": table.below if table and table.header else None,
            "rows_counted": 0,
            "rows_read": 0,
            "rows_rejected": 0,
            "refused": refused.code if refused else None,
            "message": str(refused) if refused else None,
            "mapping": json.dumps(dict(table.mapping) if table else {}, ensure_ascii=False),
            "unknown_columns": json.dumps(list(table.unknown) if table else [], ensure_ascii=False),
        }

    def _sector(self) -> Sector:
        if self.sector not in schema.known(self.own):
            raise BadInput(
                "unknown_sector",
                f"Tệp không nằm trong thư mục của lĩnh vực nào; hãy chuyển vào {', '.join(schema.known(self.own))} "
                "/ the file is in no sector's folder.",
            )
        return schema.load(self.sector, self.own)


_REPEATED = BadInput("repeated_file", "Tệp trùng nội dung với một tệp khác trong cùng lĩnh vực / the same file again.")


def _is_data(path: Path) -> bool:
    return not path.name.startswith((".", "~$")) and path.name != MAPPING


def _create_raw(connection: duckdb.DuckDBPyConnection, sector: Sector) -> None:
    texts = ", ".join(f"{store.identifier(column.name)} VARCHAR" for column in sector.column)
    connection.execute(
        f"CREATE OR REPLACE TABLE {store.raw_table(sector.name)} (record_id VARCHAR, sector VARCHAR, "
        f"source_file VARCHAR, sheet VARCHAR, source_row INTEGER, {texts}, extra VARCHAR)"
    )


def _write(connection: duckdb.DuckDBPyConnection, log: Iterable[dict[str, object]]) -> dict[str, int]:
    files = pl.DataFrame(list(log), schema=FILES_SCHEMA).sort("sector", "source_file", "sheet")
    store.replace_table(connection, store.FILES, files)
    connection.execute(f"CREATE OR REPLACE TABLE {store.REJECTED} AS FROM {store.REJECTED} ORDER BY {_IN_ORDER}")
    return {
        "files": files["source_file"].n_unique(),
        "files_refused": files.filter(pl.col("refused").is_not_null())["source_file"].n_unique(),
        "rows_counted": int(files["rows_counted"].sum()),
        "rows_read": int(files["rows_read"].sum()),
        "rows_rejected": int(files["rows_rejected"].sum()),
    }


_IN_ORDER = "sector, source_file, sheet, source_row NULLS LAST, code"
