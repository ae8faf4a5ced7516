"""Writes the copy of a filled-in list that goes back to its recipient: what became of each answer, and why."""

import io
from datetime import date, datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from pipelines.files import own_outputs
from pipelines.report import labels
from pipelines.report.workbook.overview import write_table
from pipelines.report.workbook.sheet_rows import put_rows
from pipelines.report.workbook.styles import WIDTH_POINTS, Formats
from pipelines.review.list_answers_words import OUTCOMES, WHY
from pipelines.workspace import atomic_files
from pipelines.workspace.issued_lists import Issued


def write_returned(path: Path, night: date, issued: Issued, rows: pl.DataFrame) -> None:
    """Writes the copy. Shape: `rows` have `row`, the list's own columns, `answer, note, outcome, why`."""
    said = rows.with_columns(
        pl.col("row").cast(pl.String),
        pl.col("outcome").replace_strict(OUTCOMES, return_dtype=pl.String),
        labels.in_vietnamese(rows["why"].replace_strict(WHY, default=None, return_dtype=pl.String)).alias("why"),
    ).rename({"row": "Dòng", "answer": "Kết quả xử lý", "note": "Ghi chú", "outcome": "Tiếp nhận", "why": "Lý do"})
    front = ["Dòng", "Tiếp nhận", "Lý do", "Kết quả xử lý", "Ghi chú"]
    template = io.BytesIO()
    with xlsxwriter.Workbook(template, _OPTIONS) as book:
        created = datetime(night.year, night.month, night.day)  # noqa: DTZ001  Excel's dates have no zone
        book.set_properties({"title": "Sạch Sống: kết quả tiếp nhận", "author": "Sạch Sống", "created": created})
        book.set_custom_property(own_outputs.property_name(), issued.run_id)
        title = (
            f"Tiếp nhận câu trả lời · {issued.recipient} · danh sách đêm {'/'.join(reversed(issued.night.split('-')))}"
        )
        table = write_table(book, Formats(book), "Tiếp nhận", title, said.select(*front, pl.exclude(front)))
    with atomic_files.atomic(path) as temporary:
        put_rows(template, temporary, table)


_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "Arial", "font_size": WIDTH_POINTS},
}
