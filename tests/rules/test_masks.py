"""What a reader of the issues may see of a cell."""

import polars as pl
import pytest

from rules.masks import masked
from rules.tables import Masking


@pytest.mark.parametrize(
    ("masking", "cell", "shown"),
    [
        ("id", "079203012345", "079*****2345"),
        ("id", None, None),
        ("name", "Nguyễn Thị Ánh", "N. T. Á."),
        ("name", "NGUYỄN", "N."),
        ("name", "Nguyễn Văn A 0912345678", "N. V. A. *."),
        ("name", "NguyÔn V¨n ¸i", "N. V. ¸."),
        ("date", "31/02/1999", "**/**/1999"),
        ("date", "1999-02-31", "1999-**-**"),
        ("date", "5 tháng 9 năm 1987", "** t. ** n. 1987"),
        ("date", "Nguyễn Thị Ánh", "N. T. Á."),
        ("date", "079203012345 ánh/NguyÔn V¨n", "***** á./N. V."),
        ("date", "31021999", "*****"),
        ("date", "36281", "*****"),
        ("show", "Nam", "Nam"),
        ("hide", "12 Lê Lợi", "…"),
        ("hide", None, None),
    ],
)
def test_masked(masking: Masking, cell: str | None, shown: str | None) -> None:
    assert masked(pl.Series("value", [cell], dtype=pl.String), masking).to_list() == [shown]
