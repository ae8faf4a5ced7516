"""Reads a list that came back: which list it is, who answered, and what was answered about each record."""

from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipelines.errors import UnreadableFile
from pipelines.files import own_outputs
from pipelines.files.containers import office_package
from pipelines.report.workbook.cover import ANSWERED_BY, COVER
from pipelines.report.workbook.department_list import ANSWER, NOTE
from pipelines.report.workbook.identity import FORM, RECORD, ListIdentity
from pipelines.workspace.issued_lists import HEADER_ROWS, LIST


class FilledIn(NamedTuple):
    """A list as it came back."""

    identity: ListIdentity
    answered_by: str
    rows: pl.DataFrame
    """The rows that say something: `row` (in the sheet)`, record_id, answer, note` and the cells that can be seen."""
    shown: tuple[str, ...]
    """Names of the columns of `rows` that are seen."""


def read(path: Path) -> FilledIn:
    """The filled-in list. Errors: UnreadableFile if it is no list of ours, or lacks what makes it one."""
    if not office_package.is_list(path):
        raise _no_list("không phải danh sách của Sạch Sống / it is no list of ours")
    office_package.require_bounded(path)
    sheets = _sheets(path)
    told = dict(sheets[own_outputs.list_sheet()].select(pl.nth(0), pl.nth(1)).iter_rows())
    if told.get("form") != FORM or set(ListIdentity._fields) - told.keys():
        raise _no_list("do phiên bản khác của Sạch Sống viết / another version of this program wrote it")
    whole = _rows(sheets[LIST])
    said = pl.any_horizontal(pl.col("answer").is_not_null(), pl.col("note").is_not_null())
    shown = tuple(name for name in whole.columns if name not in ("row", "record_id", "answer", "note"))
    identity = ListIdentity(**{name: told[name] for name in ListIdentity._fields})
    return FilledIn(identity, _answered_by(sheets[COVER]), whole.filter(said), shown)


def _sheets(path: Path) -> dict[str, pl.DataFrame]:
    """The sheets that are read, as text."""
    import fastexcel

    wanted = (COVER, LIST, own_outputs.list_sheet())
    try:
        book = fastexcel.read_excel(path)
        return {name: book.load_sheet(name, header_row=None, dtypes="string").to_polars() for name in wanted}
    except fastexcel.FastExcelError as fault:
        raise _no_list("thiếu trang tính hoặc bị hỏng / a sheet is missing or damaged") from fault


def _rows(sheet: pl.DataFrame) -> pl.DataFrame:
    heads = [str(cell) for cell in sheet.row(HEADER_ROWS - 1)]
    named = {RECORD: "record_id", ANSWER: "answer", NOTE: "note"}
    if set(named) - set(heads):
        raise _no_list("trang «Cần xử lý» thiếu cột / the list lacks columns")
    body = sheet.slice(HEADER_ROWS)
    body.columns = [named.get(head, head) for head in heads]
    text = body.with_columns(pl.col("answer", "note").str.strip_chars().replace("", None))
    return text.with_row_index("row", offset=HEADER_ROWS + 1)


def _answered_by(cover: pl.DataFrame) -> str:
    """What stands beside the label; empty if nothing does."""
    row = next((row for row in cover.iter_rows() if row[0] == ANSWERED_BY), (None,))
    return str(next((cell for cell in row[1:] if cell), "")).strip()


def _no_list(why: str) -> UnreadableFile:
    vietnamese, _, english = why.partition(" / ")
    return UnreadableFile(
        "no_list", f"Không đọc được câu trả lời: tệp {vietnamese}; hãy gửi lại tệp danh sách đã điền / {english}."
    )
