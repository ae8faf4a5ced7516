"""Says which list a workbook is: the hidden sheet that a filled-in workbook is recognised by when it comes back."""

import hashlib
from typing import NamedTuple

import polars as pl
import xlsxwriter

from pipelines.files import own_outputs

FORM = "1"
"""Form of our workbooks: one of another form is not read back."""

RECORD = "Mã hồ sơ"
"""Head of the list's last column, which is hidden: the record that a row is about."""


class ListIdentity(NamedTuple):
    """A list as it was handed out."""

    form: str
    list_id: str
    run_id: str
    sector: str
    recipient: str
    records: str
    """How many rows it has."""
    checksum: str
    """SHA-256 of all of this but the list's number, and of the records in their order."""


def identity(run_id: str, sector: str, recipient: str, record_ids: pl.Series) -> ListIdentity:
    """The identity of a list of these records; the same records in the same run give the same."""
    told = (FORM, run_id, sector, recipient, str(record_ids.len()))
    checksum = hashlib.sha256("\n".join((*told, *record_ids.to_list())).encode()).hexdigest()
    return ListIdentity(FORM, checksum[:16], *told[1:], checksum)


def write_identity(book: xlsxwriter.Workbook, listed: ListIdentity) -> None:
    """Writes the sheet, which neither Excel's nor LibreOffice's menus show: a row a field, its name and its value."""
    sheet = book.add_worksheet(own_outputs.list_sheet())
    for row, (name, value) in enumerate(listed._asdict().items()):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value)
    sheet.protect("")
    sheet.very_hidden()
