"""What a cell of the workbooks may hold."""

import polars as pl

from pipelines.report.workbook.styles import HIGHEST, MOST_LETTERS, row_heights, within_a_cell


def test_a_text_that_no_cell_holds_is_cut_with_a_mark_that_says_how_much_is_missing() -> None:
    whole = "ờ" * MOST_LETTERS
    frame = pl.DataFrame({"text": [whole, whole + "x" * 7_233, None], "n": [1, 2, 3]})
    fits, cut, nothing = within_a_cell(frame)["text"].to_list()
    assert (fits, nothing) == (whole, None)
    assert len(cut) <= MOST_LETTERS
    kept, _, mark = cut.partition(" …[đã cắt, ")
    assert mark.startswith(f"{40_000 - len(kept)} ký tự nữa ở tệp Parquet / cut, ")


def test_no_row_is_higher_than_excel_opens() -> None:
    assert row_heights(pl.DataFrame({"text": ["x" * 40_000, "x"]}), {"text": 14}).to_list() == [HIGHEST, 16.1]
