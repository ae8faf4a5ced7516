"""The night as data and as a text."""

import json
from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.report import glance
from tests.pipelines.filled_run import SECRET_ID, SECRET_NAME, figures_of


def test_the_data_say_what_the_page_says(written: Run) -> None:
    told = glance.read(written)
    assert told["came_in"] == {"files": 5, "refused_files": 1, "rows": 63, "records": 61, "rejected": 2}
    assert [each["source_file"] for each in told["refusals"]] == ["danh_sach_loi.xlsx"]
    assert {each["sector"]: each["records"] for each in told["sectors"]} == {
        "insurance": 16,
        "students": 34,
        "vaccination": 11,
    }
    assert [each["level"] for each in told["rankings"]] == ["department", "commune", "unit"]
    text = json.dumps(told, ensure_ascii=False) + glance.markdown(told)
    assert SECRET_NAME not in text
    assert SECRET_ID not in text


def test_causes_are_statuses_with_something_to_mend_commonest_first(run: Run) -> None:
    found = glance.causes(figures_of(run))
    assert found[0]["status"] == "wrong_information"
    records = [each["records"] for each in found]
    assert records == sorted(records, reverse=True)
    assert "verified" not in {each["status"] for each in found}


def test_the_last_night_is_the_newest_before_this_one() -> None:
    past = [{"night": f"2026-11-{day}"} for day in (20, 21, 22, 23)]
    last = glance.last_night(date(2026, 11, 22), past)
    assert last is not None
    assert last["night"] == "2026-11-21"
    assert glance.last_night(date(2026, 11, 20), past) is None


def test_the_text_is_for_the_operator_and_names_cannot_become_markup(written: Run) -> None:
    told = glance.read(written)
    told["refusals"][0]["source_file"] = "a|<b>*[x](y).csv"
    text = glance.markdown(told)
    assert "# Sạch Sống · đêm 22/11/2026" in text
    assert "**Nhận:** 5 tệp (1 bị từ chối), 63 dòng: 61 hồ sơ, 2 dòng bị loại." in text
    assert "a\\|&lt;b\\>\\*\\[x\\](y).csv" in text


def test_a_run_without_its_report_names_the_command(tmp_path: Path) -> None:
    gone = Run(settings=Settings(workspace=tmp_path), run_id="2026-11-22-1")
    with pytest.raises(BadInput, match="sachsong report --again"):
        glance.read(gone)
