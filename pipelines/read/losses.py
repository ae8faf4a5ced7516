"""Finds corrected files that would take values away from what they replace: those are held, with the reason."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

import duckdb
import polars as pl

from pipelines.errors import BadInput
from pipelines.read.worth import worth
from pipelines.sectors.schema import Sector
from pipelines.workspace import run_schema, run_tables
from vn import ids

FEW = 3
"""Number of records that may lose values in any list: somebody strikes out a wrong number."""
FEW_SHARE = 0.001
"""Share of a long list's records that may lose values."""
HALF = 0.5
"""Share of a short list's records that must not lose values, however few they are."""


class Loss(NamedTuple):
    """Values that one file would take away from the others."""

    beside: int
    """Number of records that the file would replace."""
    rows: int
    """Number of these records that would say less."""
    by_column: dict[str, int]
    """Title of a column → number of records that would lose a value there."""
    masked: pl.Series
    """Ids (`record_id`) of its own records with a masked cell where the other has a value."""

    @property
    def is_much(self) -> bool:
        """Whether somebody should look at the file first."""
        return _much(self.rows, self.beside)

    @property
    def is_masked(self) -> bool:
        """Whether the file is a masked list, not a list with a masked cell."""
        return _much(len(self.masked), self.beside)


def _much(rows: int, of: int) -> bool:
    return rows > max(FEW, FEW_SHARE * of) or (rows > 1 and rows >= HALF * of)


def of_file(
    connection: duckdb.DuckDBPyConnection,
    sector: Sector,
    later: str,
    earlier: Collection[str],
    night: date,
) -> Loss:
    """The values that `later` would take from records of other files that nothing has replaced yet.

    Uses the tables `keyed` and `gone` of `versions`; leaves `beside`: old and new `record_id`.
    """
    connection.execute(_BESIDE, {"later": later, "earlier": sorted(earlier)})
    lost, masked, by_column = [], [], Counter[str]()
    for column in sector.column:
        cells = run_tables.query(connection, _CHANGED.format(raw=run_schema.raw_table(sector.name), column=column.name))
        hidden = ids.is_masked_column(cells["new"]) & ~ids.is_masked_column(cells["old"])
        was, now = (worth(cells[name], column.kind, night) for name in ("old", "new"))
        less = cells.filter(_is_less(cells, was, now, column.kind))
        masked.append(cells.filter(hidden & (was > 0))["new_id"])
        lost.append(less["old_id"])
        if less.height:
            by_column[column.title_vi] = less["old_id"].n_unique()
    beside = int(run_tables.query(connection, "SELECT count(*) AS n FROM beside")["n"].item())
    return Loss(beside, pl.concat(lost).n_unique(), dict(by_column), pl.concat(masked).unique().sort())


def files_with_masks(connection: duckdb.DuckDBPyConnection, sector: Sector, files: Collection[str]) -> set[str]:
    """Names of those of the files that have a masked cell."""
    found: set[str] = set()
    for column in sector.column if files else ():
        sql = _CELLS.format(raw=run_schema.raw_table(sector.name), column=column.name)
        cells = run_tables.query(connection, sql, {"files": sorted(files)})
        found |= set(cells.filter(ids.is_masked_column(cells["cell"]))["source_file"])
    return found


def _is_less(cells: pl.DataFrame, was: pl.Series, now: pl.Series, kind: str) -> pl.Series:
    if kind != "name":
        return now < was
    # Another name may well have no marks; the same one has lost them.
    plain = (
        pl.col(each).str.normalize("NFD").str.replace_all(r"\p{Mn}", "").str.replace_all("[đĐ]", "d")
        for each in ("old", "new")
    )
    old, new = cells.select(*(each.str.to_lowercase() for each in plain)).get_columns()
    return ((now == 0) & (was > 0)) | ((now < was) & (old == new).fill_null(False))


def held(loss: Loss, earlier: Sequence[str]) -> BadInput:
    """The refusal of the file: why it is not applied, and what to do."""
    of = ", ".join(f"«{name}»" for name in earlier[:3]) + (" …" if len(earlier) > 3 else "")
    if loss.is_masked:
        return BadInput(
            "masked",
            f"Bản này đã che số ở {len(loss.masked)} hồ sơ mà tệp {of} có đủ, nên không thay gì cả; hãy gửi bản không "
            "che / its cells are masked where the earlier file has values, so it replaces nothing: send it unmasked.",
        )
    lost = "; ".join(f"{title}: {rows}" for title, rows in loss.by_column.items())
    return BadInput(
        "held",
        f"Giữ lại, chưa áp dụng: bản này làm mất hoặc hỏng dữ liệu của {loss.rows}/{loss.beside} hồ sơ so với tệp {of} "
        f"({lost}); hãy gửi bản đầy đủ, hoặc nếu đúng ý thì chạy «sachsong load TỆP --takes-away --by TÊN --reason LÝ "
        "DO» / held, not applied: it would take values away; send it whole, or allow it by that command.",
    )


_BESIDE = """
CREATE OR REPLACE TEMP TABLE beside AS
SELECT old.record_id AS old_id, arg_max(new.record_id, (new.sheet, new.source_row)) AS new_id
FROM keyed AS old JOIN keyed AS new ON new.key = old.key
WHERE new.source_file = $later AND list_contains($earlier, old.source_file)
  AND old.record_id NOT IN (SELECT record_id FROM gone)
GROUP BY ALL
"""
_CELLS = """
SELECT DISTINCT source_file, {column} AS cell FROM {raw} WHERE list_contains($files, source_file) ORDER BY ALL
"""
_CHANGED = """
SELECT old_id, new_id, old.{column} AS old, new.{column} AS new
FROM beside JOIN {raw} AS old ON old.record_id = old_id JOIN {raw} AS new ON new.record_id = new_id
WHERE old.{column} IS NOT NULL AND old.{column} IS DISTINCT FROM new.{column}
ORDER BY old_id
"""
