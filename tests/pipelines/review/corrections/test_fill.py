"""A change of several cells is written whole or not at all."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.table import tables
from pipelines.review.corrections.fill import Place, fill
from pipelines.review.corrections.text_copy import to_write
from pipelines.sectors import schema

HEAD = "Mã số BHXH,Họ đệm,Tên,Ngày sinh,Giới tính,Số CCCD\n"
ROWS = "7911111111,Nguyễn Văn,An,05/09/1987,Nam,079087001234\n7922222222,Lê Văn,Bính,07/04/1985,Nam,079085012345\n"


def filled(folder: Path, changes: list[tuple[int, str, str, str]]) -> tuple[set[Place] | None, str]:
    """What was filled in, and the file in windows-1258 as it is then."""
    spelt = to_write(HEAD + ROWS, "cp1258")
    assert spelt is not None
    source, target = folder / "a.csv", folder / "b.csv"
    source.write_bytes(spelt.encode("cp1258"))
    found = list(tables(source, HeaderAliases(schema.load("insurance")), scratch=folder))
    rows = [("", *change) for change in changes]
    frame = pl.DataFrame(rows, schema=["sheet", "source_row", "column", "before", "after"], orient="row")
    done = fill(source, target, found, frame)
    return done, target.read_bytes().decode("cp1258")


@pytest.mark.parametrize(
    ("after", "is_written"),
    [("Nguyễn Vân Ân", True), ("Nguyễn 安 Ân", False), ("Nguyễn Văn 安", False)],
)
def test_where_one_cell_cannot_be_written_the_other_is_not_either(
    tmp_path: Path, after: str, *, is_written: bool
) -> None:
    changes = [(2, "full_name", "Nguyễn Văn An", after), (3, "full_name", "Lê Văn Bính", "Lê Văn Bình")]
    done, content = filled(tmp_path, changes)
    told = ROWS.replace("Bính", "Bình")
    wanted = told.replace("Nguyễn Văn,An", "Nguyễn Vân,Ân") if is_written else told
    assert content == to_write(HEAD + wanted, "cp1258")
    assert done == {("", 3, "full_name"), *([("", 2, "full_name")] if is_written else [])}


def test_what_nobody_can_take_apart_is_left(tmp_path: Path) -> None:
    done, content = filled(tmp_path, [(2, "full_name", "Nguyễn Văn An", "An"), (3, "phone", "", "1")])
    assert (done, content) == (set(), to_write(HEAD + ROWS, "cp1258"))
