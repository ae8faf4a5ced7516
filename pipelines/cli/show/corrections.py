"""Prints proposed corrections by file, and the copies that were written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.cli.language import say
from pipelines.cli.show.console import OUT, show_json, titled_table

if TYPE_CHECKING:
    from pipelines.review.corrections.approve import File
    from pipelines.review.corrections.write import Written


def show_files(files: Sequence["File"], *, as_json: bool) -> None:
    """Prints each file's number of proposed corrections and who approved them; no value of any record."""
    if as_json:
        show_json([each._asdict() for each in files])
        return
    table = titled_table("corrections", "Tệp / file", "Hồ sơ / records", "Ô / cells", "Người duyệt / approved by")
    for each in files:
        table.add_row(f"{each.sector}/{each.source_file}", str(each.records), str(each.cells), each.approved_by or "—")
    OUT.print(table)


def show_written(written: Sequence["Written"], *, as_json: bool) -> None:
    """Prints where each copy is, and how many of its corrections stand in the list only."""
    if as_json:
        show_json(
            [{**each._asdict(), "copy": each.copy and str(each.copy), "changes": str(each.changes)} for each in written]
        )
        return
    for each in written:
        told = say(f"{each.filled_in} ô đã điền, {each.left} ô chỉ có trong danh sách", f"{each.filled_in} filled in")
        place = f"{each.sector}/{each.source_file} → {each.copy or each.changes}"
        OUT.print(f"{place}: {told}", markup=False, soft_wrap=True)
