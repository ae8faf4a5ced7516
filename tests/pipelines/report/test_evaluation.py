"""Links and truth are joined by file, sheet and row; what has no partner is counted, not forgotten."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.errors import BadInput
from pipelines.report.evaluation import draw, evaluate
from tests.pipelines.terminal import Sachsong

KEYS = {"sector": "students", "source_file": "a.csv"}
Row = tuple[int, str | None, str, str]


def _links(tmp_path: Path, rows: list[Row], sheets: list[str] | None = None) -> Path:
    path = tmp_path / "links.parquet"
    schema = {"source_row": pl.Int32, "person_id": pl.String, "decision": pl.String, "status": pl.String}
    pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        *(pl.lit(value).alias(name) for name, value in KEYS.items()),
        sheet=pl.Series(sheets or [""] * len(rows)),
        probability=pl.when(pl.col("person_id").is_not_null()).then(0.95),
        weight=pl.lit(12.5),
    ).write_parquet(path)
    return path


def _truth(tmp_path: Path, text: str, sheet: bool = False) -> Path:
    path = tmp_path / "truth.csv"
    columns = "sector,source_file,source_row,person_id,errors,kind" + (",sheet" if sheet else "")
    path.write_text(f"{columns}\n{text}", encoding="utf-8")
    return path


def test_joined_by_row(tmp_path: Path) -> None:
    links = _links(
        tmp_path, [(2, "001", "link", "agreed"), (3, "009", "link", "wrong_id"), (9, None, "none", "not_found")]
    )
    truth = _truth(
        tmp_path,
        "students,a.csv,2,001,,exact\n"
        "students,a.csv,3,002,id_digit;name_typo,repairable\n"
        "students,a.csv,4,003,,exact\n"
        "insurance,b.csv,2,004,,exact\n",
    )
    found: dict[str, Any] = evaluate(links, truth)
    assert found["records"] == 3, "another sector's truth is not asked for"
    assert found["unlinked"] == 1, "row 4 was read by nobody and counts as none"
    assert found["unjudged"] == 1, "row 9 is not in the truth"
    assert found["automatic_precision"]["right"] == 1
    assert found["automatic_recall"]["of"] == 3
    assert "rejected" in found["by_status"]
    assert set(found["by_error"]) == {"", "id_digit", "name_typo"}
    assert found["calibration"]["tenths"][9]["observed"]["of"] == 2


SHEETS = [(2, "001", "link", "agreed"), (2, "002", "link", "agreed")]


def test_sheets_of_one_workbook(tmp_path: Path) -> None:
    """Row 2 stands on both sheets; each meets its own answer."""
    links = _links(tmp_path, list(SHEETS), ["6A", "6B"])
    found: dict[str, Any] = evaluate(
        links, _truth(tmp_path, "students,a.csv,2,002,,exact,6B\nstudents,a.csv,2,009,,exact,6A\n", sheet=True)
    )
    assert (found["records"], found["automatic_precision"]["right"], found["unjudged"]) == (2, 1, 0)


def test_a_truth_that_does_not_say_which_sheet(tmp_path: Path) -> None:
    links = _links(tmp_path, list(SHEETS), ["6A", "6B"])
    with pytest.raises(BadInput, match="sheet"):
        evaluate(links, _truth(tmp_path, "students,a.csv,2,002,,exact\n"))


def test_an_empty_sheet_is_any_sheet(tmp_path: Path) -> None:
    links = _links(tmp_path, [SHEETS[0]], ["6A"])
    found: dict[str, Any] = evaluate(links, _truth(tmp_path, "students,a.csv,2,001,,exact,\n", sheet=True))
    assert found["automatic_precision"]["share"] == 1.0


def test_a_row_that_the_truth_names_twice(tmp_path: Path) -> None:
    links = _links(tmp_path, [SHEETS[0]])
    with pytest.raises(BadInput, match="more than once"):
        evaluate(links, _truth(tmp_path, "students,a.csv,2,001,,exact\nstudents,a.csv,2,002,,exact\n"))


def test_leading_zeros_of_a_truth_file_stay(tmp_path: Path) -> None:
    links = _links(tmp_path, [(2, "001", "link", "agreed")])
    found: dict[str, Any] = evaluate(links, _truth(tmp_path, "students,a.csv,2,001,,exact\n"))
    assert found["automatic_precision"]["share"] == 1.0


def test_truth_of_other_files(tmp_path: Path) -> None:
    links = _links(tmp_path, [(2, "001", "link", "agreed")])
    with pytest.raises(BadInput, match="other records"):
        evaluate(links, _truth(tmp_path, "students,z.csv,2,001,,exact\n"))


def test_missing_column_and_file(tmp_path: Path) -> None:
    links = _links(tmp_path, [(2, "001", "link", "agreed")])
    bad = tmp_path / "bad.csv"
    bad.write_text("sector,source_file\nstudents,a.csv\n", encoding="utf-8")
    with pytest.raises(BadInput, match="source_row"):
        evaluate(links, bad)
    with pytest.raises(BadInput, match="no such file"):
        evaluate(links, tmp_path / "none.csv")


def test_the_chart_is_an_svg_file(tmp_path: Path) -> None:
    links = _links(tmp_path, [(2, "001", "link", "agreed")])
    found: dict[str, Any] = evaluate(links, _truth(tmp_path, "students,a.csv,2,001,,exact\n"))
    draw(found["calibration"], tmp_path / "chart.svg")
    assert (tmp_path / "chart.svg").read_text(encoding="utf-8").startswith("<svg ")
    with pytest.raises(BadInput, match=r"\.svg"):
        draw(found["calibration"], tmp_path / "chart.png")


def test_the_verb(tmp_path: Path, sachsong: Sachsong) -> None:
    links, chart = _links(tmp_path, [(2, "001", "link", "agreed")]), tmp_path / "chart.svg"
    truth = _truth(tmp_path, "students,a.csv,2,001,,exact\nstudents,a.csv,3,002,,exact\n")
    asked = ("evaluate", "--truth", truth, "--links", links, "--chart", chart)
    code, out, _ = sachsong(*asked, "--json")
    assert code == 0
    assert json.loads(out)["calibration"]["tenths"][9]["stated"] == 0.95
    assert chart.is_file()
    assert sachsong(*asked, "--min-recall", 0.6).code == 1


def test_a_nights_links_name_no_sheet(tmp_path: Path) -> None:
    """`links.parquet` as a night writes it, and the truth of lists with one sheet each."""
    links = _links(tmp_path, [(2, "001", "link", "agreed")])
    pl.read_parquet(links).drop("sheet").write_parquet(links)
    found: dict[str, Any] = evaluate(links, _truth(tmp_path, "students,a.csv,2,001,,exact\n"))
    assert found["automatic_precision"]["right"] == 1
