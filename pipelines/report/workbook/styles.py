"""Which cell styles the workbooks use; one of each for a whole book, since Excel limits their number."""

from collections.abc import Iterable, Mapping

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

INK = "#17324D"
LINE = "#D5DCE3"

LINE_HEIGHT = 13.5
"""Points that a line of the body font needs."""
HIGHEST = 409.0
"""Points: Excel opens no higher row."""

MOST_LETTERS = 32_767
"""A cell of Excel holds no more; what is beyond is in the cleaned Parquet file."""
CUT = " …[đã cắt, {more} ký tự nữa ở tệp Parquet / cut, {more} more letters in the Parquet file]"


def row_heights(frame: pl.DataFrame, widths: Mapping[str, int]) -> list[float]:
    """The height in points of each row, so that wrapped text shows whole in any program.

    `widths` are the widths in characters of the columns that wrap; without a height LibreOffice shows one line.
    """
    lines = [
        pl.col(name)
        .fill_null("")
        .str.split("\n")
        .list.eval((pl.element().str.len_chars() / (width - 1)).ceil().clip(1))
        .list.sum()
        for name, width in widths.items()
    ]
    highest = frame.select(
        (pl.max_horizontal(pl.lit(1.0), *lines) * LINE_HEIGHT + 1.5).clip(0, HIGHEST).alias("height")
    )
    return highest["height"].to_list()


def within_a_cell(frame: pl.DataFrame) -> pl.DataFrame:
    """The same, each text that no cell of Excel holds cut short with a mark that says how much is missing."""
    return frame.with_columns(_cut(pl.col(name)) for name, kind in frame.schema.items() if kind == pl.String)


def _cut(text: pl.Expr) -> pl.Expr:
    kept = MOST_LETTERS - len(CUT) - 20
    mark = pl.format(CUT.replace("{more}", "{}"), *(2 * [text.str.len_chars() - kept]))
    return pl.when(text.str.len_chars() > MOST_LETTERS).then(text.str.slice(0, kept) + mark).otherwise(text)


def write_rows(sheet: Worksheet, row: int, cells: pl.DataFrame, heights: Iterable[float], styles: list[Format]) -> int:
    """The number of the next free row. xlsxwriter takes cells one by one: this is the only loop over rows."""
    columns = within_a_cell(cells).get_columns()
    for height, record in zip(heights, zip(*(s.to_list() for s in columns), strict=True), strict=True):
        sheet.set_row(row, height)
        for index, value in enumerate(record):
            sheet.write(row, index, value, styles[index])
        row += 1
    return row


class Formats:
    """The styles of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title: Format = book.add_format({"bold": True, "font_size": 14, "font_color": INK})
        self.note: Format = book.add_format({"italic": True, "font_color": "#4A5A69"})
        self.section: Format = book.add_format(
            {"bold": True, "font_size": 11, "font_color": INK, "bottom": 2, "bottom_color": INK}
        )
        head = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "border_color": LINE}
        self.header: Format = book.add_format({**head, "font_color": "#FFFFFF", "bg_color": INK})
        self.answer_header: Format = book.add_format({**head, "font_color": INK, "bg_color": "#FFD966"})
        body = {"valign": "top", "border": 1, "border_color": LINE}
        self.total: Format = book.add_format({**body, "bold": True, "bg_color": "#EEF2F6", "num_format": "#,##0"})
        self.number: Format = book.add_format({**body, "num_format": "#,##0"})
        self._plain: Format = book.add_format(body)
        self._wrapped: Format = book.add_format({**body, "text_wrap": True})
        answer = {**body, "bg_color": "#FFF9E5", "locked": False, "text_wrap": True}
        self._answer: Format = book.add_format(answer)

    def cell(self, wrap: bool, answer: bool = False) -> Format:
        """The style of a body cell."""
        if answer:
            return self._answer
        return self._wrapped if wrap else self._plain
