"""Defines the workbooks' cell styles, one of each for a whole book, since Excel limits their number."""

import textwrap
from collections.abc import Mapping

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

INK = "#17324D"
LINE = "#D5DCE3"

POINTS = 10.7
"""Size of the text; columns are measured in letters of 10 points (`WIDTH_POINTS`)."""
WIDTH_POINTS = 10
LINE_HEIGHT = 14.6
"""Height in points of a line of the body font."""
HIGHEST = 409.0
"""Largest height of a row in points: Excel opens no higher one."""

MARGIN_INCHES = 0.3
READABLE = 163
"""Characters that columns may be wide together: on A4 across they are then printed at 8 points or more."""

MOST_LETTERS = 32_767
"""Most letters of a cell, Excel's limit; the whole text is in the cleaned Parquet file."""
CUT = " …[đã cắt, {more} ký tự nữa ở tệp Parquet / cut, {more} more letters in the Parquet file]"


def row_heights(frame: pl.DataFrame, widths: Mapping[str, int]) -> pl.Series:
    """The height in points of each row, so that wrapped text shows whole in any program.

    `widths` are the widths in characters of the columns that wrap; without a height LibreOffice shows one line.
    """
    lines = [_lines(frame[name], width) for name, width in widths.items()]
    highest = frame.select(
        (pl.max_horizontal(pl.lit(1.0), *lines) * LINE_HEIGHT + 1.5).clip(0, HIGHEST).round(1).alias("height")
    )
    return highest["height"]


def _lines(text: pl.Series, width: int) -> pl.Expr:
    """The lines that each text takes; only few texts have lines of their own."""
    name, wrapped = pl.col(text.name), (pl.element().str.len_chars() / _letters(width)).ceil().clip(1)
    if text.str.contains("\n", literal=True).any():
        return name.fill_null("").str.split("\n").list.eval(wrapped).list.sum()
    return (name.str.len_chars().fill_null(0) / _letters(width)).ceil().clip(1)


def header_height(widths: Mapping[str, int]) -> float:
    """The height in points of the row of heads, whose bold words stand whole: `widths` are the heads' in characters."""
    lines = max(len(textwrap.wrap(head, max(1, width - 1))) for head, width in widths.items())
    return max(lines, 2) * LINE_HEIGHT + 4


def _letters(width: int) -> float:
    """Letters that a line of text holds on the average: half a word does not fit any more."""
    return (width - min(2.5, width / 6)) * WIDTH_POINTS / POINTS


def print_setup(sheet: Worksheet, header_row: int, footer: str) -> None:
    """Print on A4 across, all columns on one page, the heads on each."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=MARGIN_INCHES, right=MARGIN_INCHES, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header_row)
    sheet.set_footer(f"&L&11{footer}&R&11Trang &P/&N")


def within_a_cell(frame: pl.DataFrame) -> pl.DataFrame:
    """The texts, each longer than a cell of Excel cut short with a mark that says how much is missing."""
    longest = frame.select(pl.selectors.string().str.len_bytes().max()).to_dict(as_series=False)
    return frame.with_columns(_cut(pl.col(name)) for name, (size,) in longest.items() if (size or 0) > MOST_LETTERS)


def _cut(text: pl.Expr) -> pl.Expr:
    kept = MOST_LETTERS - len(CUT) - 20
    mark = pl.format(CUT.replace("{more}", "{}"), *(2 * [text.str.len_chars() - kept]))
    return pl.when(text.str.len_chars() > MOST_LETTERS).then(text.str.slice(0, kept) + mark).otherwise(text)


class Formats:
    """The styles of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title: Format = book.add_format({"bold": True, "font_size": 14, "font_color": INK})
        self.note: Format = book.add_format({"italic": True, "font_size": POINTS, "font_color": "#4A5A69"})
        self.section: Format = book.add_format(
            {"bold": True, "font_size": 11, "font_color": INK, "bottom": 2, "bottom_color": INK}
        )
        head = {
            "bold": True,
            "font_size": POINTS,
            "text_wrap": True,
            "valign": "top",
            "border": 1,
            "border_color": LINE,
        }
        self.header: Format = book.add_format({**head, "font_color": "#FFFFFF", "bg_color": INK})
        self.answer_header: Format = book.add_format({**head, "font_color": INK, "bg_color": "#FFD966"})
        body = {"font_size": POINTS, "valign": "top", "border": 1, "border_color": LINE}
        self.total: Format = book.add_format({**body, "bold": True, "bg_color": "#EEF2F6", "num_format": "#,##0"})
        # A zero is a dash, so that what is there stands out.
        self.number: Format = book.add_format({**body, "num_format": "#,##0;-#,##0;–", "align": "right"})
        self.text: Format = book.add_format({"font_size": POINTS, "valign": "top", "text_wrap": True})
        self._plain: Format = book.add_format(body)
        self._wrapped: Format = book.add_format({**body, "text_wrap": True})
        answer = {**body, "bg_color": "#FFF9E5", "locked": False, "text_wrap": True}
        self._answer: Format = book.add_format(answer)

    def cell(self, wrap: bool, answer: bool = False) -> Format:
        """The style of a body cell."""
        if answer:
            return self._answer
        return self._wrapped if wrap else self._plain
