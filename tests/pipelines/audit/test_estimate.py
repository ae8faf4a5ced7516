"""The estimate of a filled-in sample, with figures that a person can work out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.evaluation.intervals import wilson
from pipelines.audit import estimate
from pipelines.errors import BadInput

HEAD = "sector,status,stratum_records,stratum_drawn,decision,dung_sai"


def filled(folder: Path, rows: list[str], separator: str = ",") -> Path:
    path = folder / "sample.csv"
    text = "\n".join([HEAD, *rows]) + "\n"
    path.write_text(text.replace(",", separator), encoding="utf-8-sig")
    return path


def test_strata_count_by_their_size(tmp_path: Path) -> None:
    rows = ["students,verified,900,2,link,đúng"] * 2 + ["students,not_found,100,1,none,Sai"]
    found = estimate.estimate(
        filled(tmp_path, [*rows, "students,verified,900,2,link,", "students,moved,9,1,link,không rõ"])
    )
    assert (found["checked"], found["unknown"], found["empty"]) == (3, 1, 1)
    assert found["all"]["share"] == 0.9, "two of 450 each are right, one of 100 is wrong"
    assert found["all"]["effective"] == 2, "1000² / (450² + 450² + 100²) = 2.41"
    assert found["by_decision"]["link"]["share"] == 1.0
    assert found["by_decision"]["none"] == {"share": 0.0, "low": 0.0, "high": pytest.approx(wilson(0, 1)["high"]),
                                            "checked": 1, "right": 0, "effective": 1}  # fmt: skip


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_equal_weights_are_a_plain_wilson_interval(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[int, int]
) -> None:
    right, total = case
    rows = [f"students,verified,{total},{total},link,{'đúng' if n < right else 'sai'}" for n in range(total)]
    found = estimate.estimate(filled(tmp_path_factory.mktemp("e"), rows))["all"]
    plain = wilson(right, total)
    assert [found[name] for name in ("low", "high")] == [pytest.approx(plain[name]) for name in ("low", "high")]


def test_a_spreadsheet_with_semicolons_is_read(tmp_path: Path) -> None:
    assert estimate.estimate(filled(tmp_path, ["students,verified,9,1,link,ĐÚNG"], ";"))["all"]["share"] == 1.0


@pytest.mark.parametrize(
    ("rows", "code", "named"),
    [
        (["students,verified,9,1,link,"], "nothing_checked", "dung_sai"),
        (["students,verified,9,1,link,đúng", "students,verified,9,1,link,có lẽ"], "bad_answers", "dòng 3"),
        (["students,verified,x,1,link,đúng"], "bad_answers", "dòng 2"),
    ],
)
def test_what_is_no_answer_is_named(tmp_path: Path, rows: list[str], code: str, named: str) -> None:
    with pytest.raises(BadInput, match=named) as told:
        estimate.estimate(filled(tmp_path, rows))
    assert told.value.code == code


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(BadInput, match="stratum_records"):
        estimate.estimate(tmp_path / "a.csv")
    with pytest.raises(BadInput):
        estimate.estimate(tmp_path / "none.csv")
