"""The matcher's tables fit one another, and what does not fit is named."""

import json
import shutil
from pathlib import Path

import pytest

from matching.compare import TESTS
from matching.keys import PARTS
from matching.model import DIRECTORY, ModelError, load
from matching.score import FREQUENCIES


def test_every_test_part_and_frequency_exists() -> None:
    model = load()
    levels = [level for comparison in model.comparison for level in comparison.level]
    assert {level.test for level in levels} <= set(TESTS)
    assert {level.tf for level in levels if level.tf} <= {*FREQUENCIES, "person"}
    assert {part for key in model.key for part in key.parts} <= set(PARTS)


def test_every_test_and_part_is_used() -> None:
    model = load()
    assert {level.test for comparison in model.comparison for level in comparison.level} == set(TESTS)
    assert {part for key in model.key for part in key.parts} == set(PARTS)


def test_m_of_a_field_is_a_distribution_where_nothing_is_given() -> None:
    """Levels that are given that something visible happened (see provenance) are left out of the sum."""
    given = {"unmarked", "rotated", "initials", "coarser", "same_part"}
    for field, levels in load().weights.levels.items():
        total = sum(m for label, (m, _) in levels.items() if label not in given)
        assert 0.9 <= total <= 1.1, field


def test_agreement_weighs_more_than_disagreement() -> None:
    for field, levels in load().weights.levels.items():
        ratios = [m / u for m, u in levels.values()]
        assert ratios[0] > 1 > ratios[-1], field


def _copy(tmp_path: Path) -> Path:
    for name in ("comparisons.toml", "blocking.toml", "weights.json"):
        shutil.copy(DIRECTORY / name, tmp_path)
    return tmp_path


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    directory = _copy(tmp_path)
    weights = json.loads((directory / "weights.json").read_text(encoding="utf-8"))
    del weights["levels"]["sex"]["same"]
    weights["levels"]["birth"]["century"] = [0.5, 0.5]
    weights["levels"]["id"]["same"] = [0.0, 0.5]
    (directory / "weights.json").write_text(json.dumps(weights), encoding="utf-8")
    with pytest.raises(ModelError) as raised:
        load(directory)
    for part in ("sex/same", "birth/century is no level", "id/same is not within"):
        assert part in str(raised.value)


def test_an_unknown_word_in_a_table_is_refused(tmp_path: Path) -> None:
    directory = _copy(tmp_path)
    text = (directory / "comparisons.toml").read_text(encoding="utf-8")
    (directory / "comparisons.toml").write_text(text.replace("at_most", "at_mots"), encoding="utf-8")
    with pytest.raises(ModelError, match="at_mots"):
        load(directory)


def test_a_broken_table_is_a_model_error(tmp_path: Path) -> None:
    directory = _copy(tmp_path)
    (directory / "blocking.toml").write_text("[[key]", encoding="utf-8")
    with pytest.raises(ModelError):
        load(directory)
