"""Rejects rows below a header that are no records: totals, signatures, the header again, a line of column numbers."""

import re

import polars as pl

from pipelines.files.sheet import refused_rows
from pipelines.sectors.schema import IDENTITY, Sector
from vn import names

_CLOSING = re.compile(
    r"^(tong (cong|so|hop)|cong( ?\d|$)|nguoi lap|ke toan|thu truong|hieu truong|giam doc|truong (tram|phong)|can bo|"
    r"xac nhan|ghi chu|lap bang|(.{2,30} )?ngay( .{1,6})? thang( .{1,4})? nam|ky ten|noi nhan)"
)
_SUM = r"(?i)^\s*(cộng|tổng)([\s:]|$)"
"""With its marks: Tống is a surname."""
_FIGURE = r"^\s*\d{1,7}(\.0)?\s*$"
_FIRST_EXTRA = r'":"(.*?)"'
"""The first filled cell of the unknown columns, where a total mostly stands (under STT)."""
_COLUMN_NUMBER = re.compile(r"^\(?\d{1,2}\)?$")


def reject_not_records(rows: pl.DataFrame, sector: Sector) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows that are records, and the others as rejected rows with the reason."""
    identity = [pl.col(name) for name in IDENTITY]
    closing = pl.when(_hardly_identified()).then(_listed(rows, _closing_lines(rows, sector))).otherwise(False)
    found = rows.with_columns(
        (closing | _nobody(sector) | _heading(sector) | _signature(sector, closing)).alias("is_closing"),
        pl.all_horizontal(
            _listed(rows, _header_cells(rows, sector, name), [name]) for name in ("full_name", "id_number")
        )
        .fill_null(False)
        .alias("is_header"),
        (
            pl.all_horizontal(each.is_null() | each.str.contains(_COLUMN_NUMBER.pattern) for each in identity)
            & pl.any_horizontal(each.is_not_null() for each in identity)
            & pl.col("full_name").is_not_null()
        ).alias("is_numbering"),
    )
    rejected = pl.concat(
        refused_rows(found.filter(pl.col(flag))["source_row"], code, message)
        for flag, code, message in (
            (
                "is_closing",
                "not_a_record",
                "Dòng không có ai (tổng, ghi chú, tên nhóm, chữ ký), không phải hồ sơ / a total or signature.",
            ),
            ("is_header", "repeated_header", "Dòng tiêu đề lặp lại giữa bảng / the header again."),
            (
                "is_numbering",
                "column_numbers",
                "Dòng đánh số cột, không phải hồ sơ / a line of column numbers.",
            ),
        )
    ).unique("source_row", keep="first", maintain_order=True)
    return rows.join(rejected.select("source_row"), on="source_row", how="anti", maintain_order="left"), rejected


def _hardly_identified() -> pl.Expr:
    """At most one identity cell is filled, besides the figure of a total (which may stand under any column)."""
    columns = [pl.col(name) for name in IDENTITY]
    return pl.sum_horizontal((each.is_not_null() & ~each.str.contains(_FIGURE)).cast(pl.UInt8) for each in columns) <= 1


def _nobody(sector: Sector) -> pl.Expr:
    """No name, no date, no number, no code of the department's: a title, a village, the STT of an empty line."""
    said = [pl.col(name).is_not_null() for name in ("full_name", "date_of_birth", sector.key)]
    number = pl.col("id_number").str.contains(r"\S" if sector.foreign else r"\d").fill_null(False)
    return ~pl.any_horizontal(*said, number)


def _heading(sector: Sector) -> pl.Expr:
    """One word, or a sum, where the name stands, and nothing else that we know: `Tăng`, `Cộng tăng`."""
    word = pl.col("full_name").str.contains(r"^\s*\S+\s*$") | pl.col("full_name").str.contains(_SUM)
    return word.fill_null(False) & _only_a_name(sector)


def _signature(sector: Sector, closing: pl.Expr) -> pl.Expr:
    """A name alone in its row, below a line that closes the list."""
    return (
        closing.cum_sum().gt(0) & pl.col("full_name").is_not_null() & pl.col("extra").is_null() & _only_a_name(sector)
    )


def _only_a_name(sector: Sector) -> pl.Expr:
    return pl.all_horizontal(pl.col(column.name).is_null() for column in sector.column if column.name != "full_name")


def _listed(rows: pl.DataFrame, values: list[str], columns: list[str] | None = None) -> pl.Expr:
    looked = columns or [name for name in rows.columns if name != "source_row"]
    cells = [pl.col(name) if name != "extra" else pl.col(name).str.extract(_FIRST_EXTRA) for name in looked]
    return pl.any_horizontal(cell.is_in(values) for cell in cells).fill_null(False)


def _closing_lines(rows: pl.DataFrame, sector: Sector) -> list[str]:
    """Texts, among rows with hardly any identity, that close a list."""
    bare = rows.filter(_hardly_identified())
    texts = [bare[column.name] for column in sector.column] + [bare["extra"].str.extract(_FIRST_EXTRA)]
    distinct = pl.concat([text.rename("text") for text in texts]).drop_nulls().unique().sort()
    return [text for text in distinct if _CLOSING.match(names.fold(text))]


def _header_cells(rows: pl.DataFrame, sector: Sector, name: str) -> list[str]:
    column = sector.find(name)
    known = {_plain(text) for text in (*column.aliases, column.name, column.title_vi)}
    short = rows[name].drop_nulls().unique().sort()
    lettered = short.filter(~short.str.contains(r"\d") & (short.str.len_chars() < 60))
    # A header stands under both columns; ID cells hold digits, so this list is short.
    candidates = lettered if name == "id_number" else lettered.filter(lettered.str.contains("(?i)t[eêÊ]n|name"))
    return [text for text in candidates if _plain(text) in known]


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", names.fold(text))
