"""One file against one registry: what is told before any work."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.night import one_shot
from tests.pipelines import club


@pytest.mark.parametrize("below", [".", "results"])
def test_an_output_that_is_no_folder_is_the_officers_to_mend(tmp_path: Path, below: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text("ho_ten,ngay_sinh,gioi_tinh,so_cccd\n", encoding="utf-8")
    with pytest.raises(BadInput, match="--out"):
        one_shot.match(Settings(workspace=tmp_path / "w"), file, "students", file, file / below)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.csv"]


def test_a_sector_of_ones_own_with_its_own_register(tmp_path: Path) -> None:
    """Cards, names and dates that are not Vietnamese: a table is all that it takes."""
    table, members, rows = club.write(tmp_path)
    settings = Settings(workspace=tmp_path / "w", night=date(2026, 11, 22))
    counts = one_shot.match(settings, members, str(table), rows, tmp_path / "out")
    links = pl.read_parquet(tmp_path / "out" / "links.parquet").sort("source_row")
    meant = [None if whose is None else whose.replace("-", "") for *_, whose in club.ROWS.values()]
    assert links["person_id"].to_list() == meant
    assert counts["link"] == 5
    assert links["status"].to_list() == [
        "wrong_information",  # two family names taken for one
        "agreed",  # only case, accent and spaces differ
        "wrong_id",
        "wrong_information",  # the parts of the name exchanged
        "missing_id",
        "not_found",
    ]
    assert pl.read_parquet(tmp_path / "out" / "issues.parquet").is_empty(), "Vietnam's rules say nothing of them"


def test_a_file_without_rows_has_empty_links(tmp_path: Path) -> None:
    table, members, rows = club.write(tmp_path)
    rows.write_text(rows.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    settings = Settings(workspace=tmp_path / "w", night=date(2026, 11, 22))
    counts = one_shot.match(settings, members, str(table), rows, tmp_path / "out")
    assert (counts["link"], counts["review"], counts["none"]) == (0, 0, 0)
    assert pl.read_parquet(tmp_path / "out" / "links.parquet").is_empty()


def test_a_sector_file_that_is_not_there_is_told_before_any_work(tmp_path: Path) -> None:
    _, members, rows = club.write(tmp_path)
    with pytest.raises(BadInput, match=r"nowhere\.toml"):
        one_shot.match(Settings(workspace=tmp_path / "w"), members, "nowhere.toml", rows, tmp_path / "out")
    assert not (tmp_path / "out").exists()
