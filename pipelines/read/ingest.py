"""Reads one file into the tables `raw_<sector>`, `rejected` and `files`."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.errors import BadInput, UnreadableFile
from pipelines.files.containers import unpack
from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.sheet import Note, refused_rows
from pipelines.files.table import Table, tables
from pipelines.sectors.schema import Sector
from pipelines.workspace import atomic_files, run_schema, run_tables
from pipelines.workspace.checksums import sha256


@dataclass(frozen=True)
class Arrival:
    """A file in the inbox: an archive, or itself the only file in it."""

    sector: str
    source_file: str
    path: Path
    sha256: str | None
    """Hash of the file; None if it was not opened."""
    bytes: int | None = None


@dataclass
class Intake:
    """Reads files into the tables, one after the other."""

    connection: duckdb.DuckDBPyConnection
    scratch: Path
    """Folder for unpacked files; emptied after each file."""
    sectors: Mapping[str, Sector]
    files: list[dict[str, Any]] = field(default_factory=list)
    """Rows of the table `files` so far."""
    _seen: dict[tuple[str, str], str] = field(default_factory=dict)

    def take(self, arrival: Arrival, words: HeaderAliases) -> None:
        """Writes every row of the file into one table; `words` give headers their meaning. A bad file is told in
        `files`.
        """
        with atomic_files.scratch(self.scratch / "unpacked") as unpacked:
            for member in unpack.members(arrival.path, arrival.source_file, unpacked):
                self.files += _One(self, arrival, member, words).taken()
                if member.path != arrival.path:
                    member.path.unlink(missing_ok=True)

    def refuse(self, arrival: Arrival, refusal: BadInput) -> None:
        """Refuses the whole file, for this reason."""
        member = unpack.Member(arrival.source_file, arrival.path, refused=refusal)
        self.files += _One(self, arrival, member, None).taken()

    def take_back(self, arrival: Arrival, refusal: BadInput) -> None:
        """Rejects all that was read of the file, for this reason."""
        taken = [
            each for each in self.files if (each["sector"], each["arrived_as"]) == (arrival.sector, arrival.source_file)
        ]
        for entry in taken:
            self.forget(arrival.sector, entry["source_file"])
            self.files.remove(entry)
            self._seen.pop((arrival.sector, entry["sha256"]), None)
        self.refuse(arrival, refusal)

    def forget(self, sector: str, source_file: str) -> None:
        """Deletes the rows that were written of the file."""
        written = [run_schema.REJECTED, *([run_schema.raw_table(sector)] if sector in self.sectors else [])]
        for name in written:
            self.connection.execute(f"DELETE FROM {name} WHERE sector = ? AND source_file = ?", [sector, source_file])

    def repeats(self, sector: str, digest: str, source_file: str) -> BadInput | None:
        """The refusal of a content that came before in this sector, else None; the content is stored."""
        first = self._seen.setdefault((sector, digest), source_file)
        if first == source_file:
            return None
        return BadInput(
            "repeated_file", f"Tệp trùng nội dung với «{first}» nên không đọc lại / the same content again."
        )


class _One:
    """One file, perhaps out of an archive."""

    def __init__(self, intake: Intake, arrival: Arrival, member: unpack.Member, words: HeaderAliases | None) -> None:
        self._into, self._arrival, self._member, self._words = intake, arrival, member, words
        self._connection = intake.connection
        self._digest: str | None = None
        if member.refused is None:
            self._digest = arrival.sha256 if member.path == arrival.path else sha256(member.path)
        # The sector stands in it, because a file may lawfully be sent to two sectors.
        self._content = hashlib.sha256(f"{arrival.sector}|{self._digest}".encode()).hexdigest()[:12]

    def taken(self) -> Iterator[dict[str, object]]:
        """The rows of `files`. A file that turns out to be unreadable half way through leaves one entry and no row."""
        done: list[dict[str, object]] = []
        try:
            if self._member.refused:
                raise self._member.refused
            assert self._digest is not None
            assert self._words is not None
            repeated = self._into.repeats(self._arrival.sector, self._digest, self._member.source_file)
            name = self._member.source_file
            with atomic_files.scratch(self._into.scratch / "cells") as scratch:
                for table in tables(self._member.path, self._words, name=name, scratch=scratch):
                    done.append(self._table(replace(table, refused=repeated) if repeated else table))
        except BadInput as refusal:
            done = [self._refused(refusal)]
        except (pl.exceptions.PolarsError, zipfile.BadZipFile, OSError) as fault:
            told = f"Không đọc được tệp ({type(fault).__name__}); hãy xuất lại / the file is damaged."
            done = [self._refused(UnreadableFile("damaged_file", told))]
        yield from done

    def _table(self, table: Table) -> dict[str, object]:
        counted = rejected = 0
        for part in table.parts():
            if table.refused is None:
                run_tables.append(
                    self._connection, run_schema.raw_table(self._arrival.sector), self._records(table, part.rows)
                )
            run_tables.append(self._connection, run_schema.REJECTED, self._placed(part.rejected, table.sheet.name))
            counted += part.counted
            rejected += part.rejected.height
        if table.refused is not None and not rejected:
            self._reject_whole(table.refused, table.sheet.name)
        header = table.header
        return self._entry(table.refused, table.notes) | {
            "sheet": table.sheet.name,
            "format": table.file.format,
            "encoding": table.sheet.encoding,
            "header_row": table.below if header else None,
            "rows_counted": counted,
            "mapping": _json(
                [{"header": header.labels[at], **vars(header.meanings[at])} for at in sorted(header.meanings)]
            )
            if header
            else "[]",
            "unknown_columns": _json(list(header.unknown.values())) if header else "[]",
        }

    def _records(self, table: Table, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of `raw_<sector>`."""
        row = pl.col("source_row").cast(pl.String).str.zfill(7)
        identity = pl.format("{}-{}-{}", pl.lit(self._content), pl.lit(table.sheet.number), row)
        return self._placed(rows, table.sheet.name).insert_column(0, rows.select(record_id=identity).to_series())

    def _placed(self, rows: pl.DataFrame, sheet: str) -> pl.DataFrame:
        place = {"sector": self._arrival.sector, "source_file": self._member.source_file, "sheet": sheet}
        return rows.select(*(pl.lit(value).alias(name) for name, value in place.items()), pl.all())

    def _refused(self, refusal: BadInput) -> dict[str, object]:
        self._into.forget(self._arrival.sector, self._member.source_file)
        self._reject_whole(refusal, "")
        return self._entry(refusal, ())

    def _reject_whole(self, refusal: BadInput, sheet: str) -> None:
        nowhere = refused_rows(pl.Series([None], dtype=pl.Int32), refusal.code, str(refusal))
        run_tables.append(self._connection, run_schema.REJECTED, self._placed(nowhere, sheet))

    def _entry(self, refused: BadInput | None, notes: tuple[Note, ...]) -> dict[str, object]:
        return {
            "sector": self._arrival.sector,
            "source_file": self._member.source_file,
            "sheet": "",
            "arrived_as": self._arrival.source_file,
            "arrived_sha256": self._arrival.sha256,
            "sha256": self._digest,
            "bytes": self._arrival.bytes,
            "format": "",
            "encoding": "",
            "header_row": None,
            "rows_counted": 0,
            "refused": refused.code if refused else None,
            "message": str(refused) if refused else None,
            "mapping": "[]",
            "unknown_columns": "[]",
            "notes": _json([vars(note) for note in (*self._member.notes, *notes)]),
        }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
