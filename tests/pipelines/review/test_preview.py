"""What a changed rule and a changed model do to the last night's records, counted by hand on one record."""

from pathlib import Path

import pytest

from pipelines.audit.approved import Change
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.night import runs
from pipelines.review.preview import RuleEffect, ValueEffect, preview
from pipelines.workspace import audit_log, run_tables, state
from tests.pipelines.audit import whole
from tests.pipelines.audit.whole import RUN
from tests.pipelines.terminal import Sachsong

RULE = Change("rules/correct.toml correct-id-format", "0" * 64, "1" * 64)


@pytest.fixture
def settings(audited: Settings, tmp_path: Path) -> Settings:
    return whole.copy(audited, tmp_path / "carried")


def test_a_rule_that_says_the_same_changes_nothing(settings: Settings) -> None:
    before = runs.last_run(settings).database.read_bytes()
    assert preview(settings, [RULE]).rules == []
    assert runs.last_run(settings).database.read_bytes() == before, "the night's own tables stay as they are"


def test_a_record_that_no_longer_breaks_a_rule_is_counted(settings: Settings) -> None:
    with run_tables.connect(runs.last_run(settings)) as connection:
        connection.execute(
            "INSERT INTO issues SELECT record_id, sector, source_file, source_row, 'correct', 'correct-id-format',"
            " 'ID_FORMAT', 'id_number', '', 'error' FROM core_insurance"
        )
    assert preview(settings, [RULE]).rules == [RuleEffect(RUN, "correct-id-format", "insurance", 1, 0, 0, 1)]


def test_a_record_that_breaks_a_rule_anew_is_counted(settings: Settings) -> None:
    with run_tables.connect(runs.last_run(settings)) as connection:
        connection.execute("UPDATE core_insurance SET id_number = NULL, id_kind = 'unknown', id_number_raw = '12'")
    assert preview(settings, [RULE]).rules == [RuleEffect(RUN, "correct-id-format", "insurance", 0, 1, 1, 0)]


def test_a_model_is_tried_on_a_copy_of_the_last_night(settings: Settings) -> None:
    before = runs.last_run(settings).database.read_bytes()
    told = preview(settings, [Change("matching/weights.json", "0" * 64, "1" * 64)])
    assert told.links == [{"sector": "insurance", "before": "link", "after": "none", "records": 1}], "decided: nobody"
    assert told.rules == []
    assert runs.last_run(settings).database.read_bytes() == before


def test_a_table_of_sectors_can_only_be_tried_by_a_night(settings: Settings, sachsong: Sachsong) -> None:
    name = "pipelines/sectors/insurance.toml"
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        audit_log.append(connection, "approval", {"changes": {name: [None, "0" * 64]}, "approval": "single"}, "An")
    assert preview(settings, [Change(name, "0" * 64, "1" * 64)]).untried == (name,)
    out = sachsong("rules", "preview", "-w", settings.workspace).out
    assert name in out
    assert "Không hồ sơ nào" not in out


def test_a_table_of_values_is_tried_on_the_rows_as_they_were_written(settings: Settings) -> None:
    change = Change("vn/tables/surnames.csv", "0" * 64, "1" * 64)
    assert preview(settings, [change]).values == []
    with run_tables.connect(runs.last_run(settings)) as connection:
        connection.execute("UPDATE core_insurance SET full_name = 'Đỗ An', sex = NULL, tenant = 'insurance-01'")
    found = preview(settings, [change]).values
    assert found == [ValueEffect(RUN, "insurance", column, 1) for column in ("full_name", "sex")]


def test_without_a_night_there_is_nothing_to_try(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no night"):
        preview(Settings(workspace=tmp_path), [RULE])
