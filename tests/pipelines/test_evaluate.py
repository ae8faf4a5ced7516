"""Links and truth are joined by file and row; what has no partner is counted, not forgotten."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import BadInput
from pipelines.evaluate import evaluate

KEYS = {"sector": "students", "source_file": "a.csv"}


def _links(tmp_path: Path, rows: list[tuple[int, str | None, str, str]]) -> Path:
    path = tmp_path / "links.parquet"
    schema = {"source_row": pl.Int32, "person_id": pl.String, "decision": pl.String, "status": pl.String}
    pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.lit(value).alias(name) for name, value in KEYS.items()
    ).write_parquet(path)
    return path


def _truth(tmp_path: Path, text: str, name: str = "truth.csv") -> Path:
    path = tmp_path / name
    path.write_text("sector,source_file,source_row,person_id,errors,kind\n" + text, encoding="utf-8")
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
    found = evaluate(links, truth)
    assert found["records"] == 3, "another sector's truth is not asked for"
    assert found["unlinked"] == 1, "row 4 was read by nobody and counts as none"
    assert found["unjudged"] == 1, "row 9 is not in the truth"
    assert found["automatic_precision"]["right"] == 1
    assert found["automatic_recall"]["of"] == 3
    assert "rejected" in found["by_status"]
    assert set(found["by_error"]) == {"", "id_digit", "name_typo"}


def test_leading_zeros_of_a_truth_file_stay(tmp_path: Path) -> None:
    links = _links(tmp_path, [(2, "001", "link", "agreed")])
    found = evaluate(links, _truth(tmp_path, "students,a.csv,2,001,,exact\n"))
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
    with pytest.raises(BadInput, match="cannot read"):
        evaluate(links, tmp_path / "none.csv")
