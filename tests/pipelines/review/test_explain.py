"""Explanations from a run's tables: which record, which run, which registry; and the command that shows them."""

import json
from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.review import explain
from pipelines.review.explain import Wanted
from tests.matching.cases import HANH
from tests.pipelines.terminal import Sachsong


def test_by_id(linked: Run) -> None:
    (found,) = explain.explain(linked.settings, Wanted(record_id="r0000"))
    assert (found.decision, found.status) == ("link", "wrong_information")
    assert found.weight == pytest.approx(found.recorded_weight), "by the night's own habits"


def test_by_file_and_row_all_that_fit(linked: Run) -> None:
    found = explain.explain(linked.settings, Wanted(file="a.csv", row=3), "2026-11-22-1")
    assert [each.sheet for each in found] == ["", "2"]
    as_shown = f"{found[0].sector}/a.csv"
    assert explain.explain(linked.settings, Wanted(file=as_shown, row=3), "2026-11-22-1") == found
    (one,) = explain.explain(linked.settings, Wanted(file="a.csv", row=3, sheet="2"))
    assert one.sheet == "2"
    assert "id" in (one.corrections or ())


@pytest.mark.parametrize(
    ("wanted", "run_id", "code"),
    [
        (Wanted(record_id="r9999"), None, "unknown_record"),
        (Wanted(file="a.csv", row=99), None, "unknown_record"),
        (Wanted(file="a.csv"), None, "no_record"),
        (Wanted(), None, "no_record"),
        (Wanted(record_id="r0000"), "2020-01-01-1", "no_run"),
    ],
)
def test_what_cannot_be_explained_is_told(linked: Run, wanted: Wanted, run_id: str | None, code: str) -> None:
    with pytest.raises(BadInput) as told:
        explain.explain(linked.settings, wanted, run_id)
    assert told.value.code == code


def test_tables_or_registry_that_are_gone_are_told(linked: Run, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as told:
        explain.explain(Settings(workspace=tmp_path), Wanted(record_id="r0000"))
    assert told.value.code == "no_run"
    manifest = linked.directory / "manifest.json"
    kept = manifest.read_bytes()
    manifest.write_text('{"registry": {"path": "other.parquet"}}', encoding="utf-8")
    try:
        with pytest.raises(BadInput) as told:
            explain.explain(linked.settings, Wanted(record_id="r0000"))
        assert told.value.code == "registry_gone"
    finally:
        manifest.write_bytes(kept)


def test_a_picture_of_one_record(linked: Run, tmp_path: Path) -> None:
    found = explain.explain(linked.settings, Wanted(record_id="r0000"))
    explain.draw(found, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert text.startswith("<svg xmlns=")
    assert "r0000" in text
    for several in (found * 2, explain.explain(linked.settings, Wanted(record_id="r0002"))):
        with pytest.raises(BadInput):
            explain.draw(several, tmp_path / "b.svg")
    assert not (tmp_path / "b.svg").exists()


def test_the_command_marks_and_weighs_without_the_registrys_values(linked: Run, sachsong: Sachsong) -> None:
    code, out, _ = sachsong("explain", "--workspace", linked.settings.workspace, "r0000")
    assert code == 0
    for told in ("Trần [␣] Hồng Hạnh", "[07]/[12]/1990", "Số định danh đúng", "ngày và tháng đổi chỗ", "079*****3456"):
        assert told in out
    for secret in (str(HANH["full_name"]), "Trần Thị", "079190123456", "12/07"):
        assert secret not in out


def test_the_command_as_json_and_its_bad_usage(linked: Run, sachsong: Sachsong) -> None:
    code, out, _ = sachsong(
        "explain", "--workspace", linked.settings.workspace, "--file", "a.csv", "--row", "3", "--json"
    )
    assert (code, len(json.loads(out))) == (0, 2)
    code, _, error = sachsong("explain", "--workspace", linked.settings.workspace, "r9999")
    assert (code, "links.parquet" in error) == (2, True)
