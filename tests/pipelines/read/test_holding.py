"""A corrected file that says less than what it replaces is held and told; a masked cell never replaces a value."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Settings
from pipelines.read import losses, replacements
from pipelines.read.worth import worth
from pipelines.workspace.checksums import sha256
from tests.pipelines.read.inbox_nights import HEADER, night

NUMBERS = ["079212001234", "001212000007", "001312000009", "079212000011", "001212000013", "079312000015"]
CELLS = {"ho_ten": "Nguyễn Văn An", "ngay_sinh": "05/09/2012", "gioi_tinh": "Nam"}


def pupils(spoilt: int = 0, of: int = 6, **instead: str) -> str:
    """A list of `of` pupils, the first `spoilt` of them with these cells instead."""
    rows = []
    for at in range(of):
        cells = {"ma": f"HS{at}", **CELLS, "so_cccd": NUMBERS[at % 6]} | (instead if at < spoilt else {})
        rows.append(",".join(cells.values()))
    return HEADER + "\n".join(rows) + "\n"


def after(tmp_path: Path, second: str, first: str | None = None) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """`files`, `rejected` and the records when `sua.csv` comes a night after `a.csv`."""
    night(tmp_path, {"a.csv": first or pupils()})
    return night(tmp_path, {"sua.csv": second}, 1)


@pytest.mark.parametrize(
    ("instead", "code"),
    [
        ({"so_cccd": ""}, "held"),
        ({"so_cccd": "7.9212E+10"}, "held"),
        ({"ngay_sinh": ""}, "held"),
        ({"ngay_sinh": "2012"}, "held"),
        ({"ngay_sinh": "99/99/2012"}, "held"),
        ({"ho_ten": "Nguyen Van An"}, "held"),
        ({"ho_ten": "Nguy?n V?n An"}, "held"),
        ({"gioi_tinh": ""}, "held"),
        ({"so_cccd": "079*****1234"}, "masked"),
        ({"so_cccd": "079xxxxx1234"}, "masked"),
        ({"so_cccd": "079•••••1234"}, "masked"),
        ({"ngay_sinh": "**/**/2012"}, "masked"),
        ({"ho_ten": "Nguyễn V** A*"}, "masked"),
    ],
)
def test_what_takes_values_away_from_more_than_a_few_is_not_applied(
    tmp_path: Path, instead: dict[str, str], code: str
) -> None:
    files, rejected, records = after(tmp_path, pupils(4, **instead))
    assert records["source_file"].to_list() == ["a.csv"] * 6
    assert rejected.select("source_file", "code").rows() == [("sua.csv", code)] * 6
    told = files.filter(pl.col("source_file") == "sua.csv").row(0, named=True)
    assert (told["refused"], told["rows_counted"], told["rows_read"], told["rows_rejected"]) == (code, 6, 0, 6)
    assert "«a.csv»" in told["message"]


@pytest.mark.parametrize(
    ("spoilt", "instead"),
    [
        (1, {"so_cccd": ""}),
        (3, {"so_cccd": ""}),
        (20, {"ho_ten": "Lê Thị Bình"}),
        (20, {"so_cccd": "079212000099"}),
        (20, {"ngay_sinh": "2012-09-05"}),
        (20, {"so_cccd": "'079212001234"}),
    ],
)
def test_a_correction_is_applied(tmp_path: Path, spoilt: int, instead: dict[str, str]) -> None:
    files, _, records = after(tmp_path, pupils(spoilt, 20, **instead), pupils(of=20))
    assert records["source_file"].unique().to_list() == ["sua.csv"]
    assert files["refused"].null_count() == 2


def test_half_of_a_short_list_is_more_than_a_few(tmp_path: Path) -> None:
    _, _, records = after(tmp_path, pupils(2, 4, so_cccd=""), pupils(of=4))
    assert records["source_file"].unique().to_list() == ["a.csv"]


def test_a_few_masked_cells_keep_the_earlier_records_and_the_rest_is_applied(tmp_path: Path) -> None:
    files, rejected, records = after(tmp_path, pupils(2, 20, so_cccd="079*****1234"), pupils(of=20))
    assert records.filter(source_file="a.csv")["student_code"].to_list() == ["HS0", "HS1"]
    assert records.filter(source_file="sua.csv").height == 18
    assert rejected.filter(source_file="sua.csv")["code"].to_list() == ["masked", "masked"]
    assert files["refused"].null_count() == 2


def test_a_masked_list_that_comes_first_is_read_and_the_original_replaces_it(tmp_path: Path) -> None:
    files, _, records = after(tmp_path, pupils(), pupils(6, so_cccd="079*****1234"))
    assert records["source_file"].unique().to_list() == ["sua.csv"]
    assert files["refused"].null_count() == 2


def test_a_masked_copy_beside_the_original_is_no_second_record(tmp_path: Path) -> None:
    files, _, records = night(tmp_path, {"x.csv": pupils(6, so_cccd="079*****1234"), "y.csv": pupils()})
    assert records["source_file"].unique().to_list() == ["y.csv"]
    assert files.filter(source_file="x.csv")["refused"].to_list() == ["masked"]


def test_what_a_human_allowed_is_applied(tmp_path: Path) -> None:
    after(tmp_path, pupils(6, so_cccd=""))
    file = tmp_path / "inbox" / "students" / "sua.csv"
    replacements.allow(Settings(workspace=tmp_path), "students", sha256(file), "Trần Thị An", "số của trường khác")
    files, _, records = night(tmp_path, {}, 1)
    assert records["source_file"].unique().to_list() == ["sua.csv"]
    assert files["refused"].null_count() == 2


def test_what_comes_after_a_held_file_is_compared_with_what_is_in_force(tmp_path: Path) -> None:
    after(tmp_path, pupils(6, so_cccd=""))
    files, _, records = night(tmp_path, {"tot.csv": pupils(6, ho_ten="Lê Thị Bình")}, 2)
    assert records["source_file"].unique().to_list() == ["tot.csv"]
    assert files.filter(source_file="sua.csv")["refused"].to_list() == ["held"]


@pytest.mark.parametrize(
    ("kind", "less", "more"),
    [
        ("date", "1990", "05/09/1990"),
        ("name", "Nguyen Van An", "Nguyễn Văn An"),
        ("id", "079*****1234", "079212001234"),
        ("phone", "x", "0912345678"),
        ("text", "không có", "THCS Lê Lợi"),
        ("sex", "?", "Nữ"),
    ],
)
def test_worth(kind: str, less: str, more: str) -> None:
    few, much = worth(pl.Series([less, more]), kind, date(2026, 11, 28)).to_list()
    assert few < much


def test_many_lists_of_one_night_are_not_compared_pair_by_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of them came last is unclear, so nothing is replaced; only a list with a masked cell is looked at."""
    asked = []
    of_file = losses.of_file
    monkeypatch.setattr(losses, "of_file", lambda *given: asked.append(given[2]) or of_file(*given))
    names = ("an", "binh", "cuong", "dung", "em", "giang", "hoa", "khanh")
    lists = {f"{name}.csv": pupils().replace("05/09", f"{at + 1:02}/09") for at, name in enumerate(names)}
    files, _, _ = night(tmp_path, lists)
    assert files["refused"].null_count() == 8
    assert asked == []
    night(tmp_path, {"che.csv": pupils(4, so_cccd="079*****1234").replace("05/09/2012", "20/09/2012")})
    assert set(asked) == {"che.csv"}, "a list of another night comes after all of them"
