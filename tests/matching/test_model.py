"""The matcher's tables fit one another, and what does not fit is named."""

import json
import shutil
from pathlib import Path

import pytest

from matching.compare import KINDS, TESTS
from matching.extension import FOREIGN, extended
from matching.keys import PARTS
from matching.model import DIRECTORY, Model, ModelError, load
from matching.term_frequency import COLUMNS


@pytest.mark.parametrize("model", [load(), extended({"like": FOREIGN})], ids=["default", "foreign"])
def test_every_test_part_and_rarity_exists(model: Model) -> None:
    levels = [level for comparison in model.comparison for level in comparison.level]
    assert {level.test for level in levels} <= set(TESTS)
    assert {level.rarity for level in levels if level.rarity} <= {*COLUMNS, "person"}
    assert {kind.test for comparison in model.comparison for kind in comparison.kind} <= set(KINDS)
    assert {part for key in model.key for part in key.parts} <= set(PARTS)


def test_every_test_and_part_is_used() -> None:
    models = [load(), extended({"like": FOREIGN})]
    levels = [level for model in models for comparison in model.comparison for level in comparison.level]
    assert {level.test for level in levels} == set(TESTS)
    assert {part for model in models for key in model.key for part in key.parts} == set(PARTS)


@pytest.mark.parametrize("model", [load(), extended({"like": FOREIGN})], ids=["default", "foreign"])
def test_m_of_each_kind_is_a_distribution(model: Model) -> None:
    for field, kinds in model.weights.m.items():
        for kind, levels in kinds.items():
            assert sum(levels.values()) == pytest.approx(1, abs=0.02), f"{field}/{kind}"


def test_agreement_weighs_more_than_disagreement() -> None:
    """Where u is stated: with a rarity it depends on the value."""
    weights = load().weights
    for field, levels in weights.u.items():
        for kind in weights.m[field].values():
            assert kind["different"] / levels["different"] < 1, field


def _copy(tmp_path: Path) -> Path:
    for name in ("comparisons.toml", "blocking.toml", "weights.json"):
        shutil.copy(DIRECTORY / name, tmp_path)
    return tmp_path


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    directory = _copy(tmp_path)
    weights = json.loads((directory / "weights.json").read_text(encoding="utf-8"))
    del weights["m"]["sex"]["any"]["same"]
    weights["m"]["birth"]["day"]["century"] = 0.5
    weights["u"]["place"]["different"] = 0.0
    weights["relatives"]["twin"]["levels"]["name"]["nickname"] = 0.5
    (directory / "weights.json").write_text(json.dumps(weights), encoding="utf-8")
    with pytest.raises(ModelError) as raised:
        load(directory)
    for part in ("m/sex/any/same is lacking", "m/birth/day/century is no level", "place: a share", "name/nickname"):
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
