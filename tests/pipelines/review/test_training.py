"""What humans' decisions teach: counted on one record whose person a human named."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from matching import model
from pipelines.config import TIME_ZONE, Run
from pipelines.errors import BadInput
from pipelines.review import decide, training
from tests.pipelines.linked import linked_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return linked_run(tmp_path_factory.mktemp("training"))


def _say(run: Run, record_id: str) -> None:
    word = decide.HumanVerdict(record_id=record_id, verdict="same", by="Lan", because="giấy khai sinh")
    decide.decide(run.settings, [word], datetime(2026, 11, 22, 9, tzinfo=TIME_ZONE))


def test_without_a_decision_there_is_nothing_to_learn(run: Run) -> None:
    with pytest.raises(BadInput, match="nobody has decided"):
        training.train(run.settings, effects=False)


def test_one_swapped_date_is_counted_and_moves_its_share(run: Run, tmp_path: Path) -> None:
    """Trần Hồng Hạnh, 07/12 for 12/07: a name without Thị and a date with day and month swapped."""
    _say(run, "r0000")
    found = training.train(run.settings, effects=True)
    assert found.decisions == 1
    counted = found.changes.filter(counted=1).select("field", "kind", "level").rows()
    assert counted == [("name", "marked", "part_middle"), ("birth", "day", "swapped")]
    assert sum(row["records"] for row in found.effects) == 4, "every record of the night, before and after"
    training.write(found, tmp_path / "weights.json")
    written = json.loads((tmp_path / "weights.json").read_text(encoding="utf-8"))
    assert written["m"]["birth"]["day"]["swapped"] > model.load().weights.m["birth"]["day"]["swapped"]
    assert written["provenance"]["trained_on"].startswith("1 decisions")
