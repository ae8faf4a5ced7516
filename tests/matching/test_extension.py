"""A sector's own tables over the default ones: what they replace, what they change singly, and every fault."""

import pytest

from matching.extension import FOREIGN, extended
from matching.model import ModelError, load

SEX = {
    "field": "sex",
    "level": [
        {"label": "missing", "test": "sex_missing", "grade": "missing"},
        {"label": "alike", "test": "sex_same", "grade": "same", "faithful": True},
        {"label": "different", "test": "else", "grade": "clash"},
    ],
}


def test_nothing_of_its_own_is_the_default_model() -> None:
    assert extended({}) == load()


def test_one_number_changes_and_all_others_stay() -> None:
    found = extended({"weights": {"decision": {"link_margin": 9.0}, "u": {"id": {"different": 0.9}}}}).weights
    stated = load().weights
    assert found.decision.link_margin == 9.0
    assert found.decision.link_probability == stated.decision.link_probability
    assert found.u["id"] == stated.u["id"] | {"different": 0.9}
    assert found.m == stated.m


def test_keys_and_bars_take_the_place_of_all() -> None:
    found = extended({"key": [{"name": "words", "parts": ["words"], "cap": 5}], "bar": []})
    assert [key.name for key in found.key] == ["words"]
    assert found.bar == ()


def test_a_comparison_brings_its_own_shares() -> None:
    """Levels of another comparison cannot have the default's m."""
    own = {
        "comparison": [SEX],
        "weights": {
            "m": {"sex": {"any": {"alike": 0.9, "different": 0.1}}},
            "u": {"sex": {"alike": 0.5, "different": 0.5}},
            "relatives": {},
        },
    }
    assert extended(own).find("sex").labels() == ("missing", "alike", "different")
    with pytest.raises(ModelError, match="m/sex"):
        extended({"comparison": [SEX]})


def test_like_lays_a_table_of_this_folder_between() -> None:
    found = extended({"like": FOREIGN, "weights": {"u": {"id": {"slip": 1e-9}}}})
    assert found.find("name").labels()[1:3] == ("same", "swapped")
    assert found.weights.u["id"]["slip"] == 1e-9
    assert found.weights.u["id"]["two_slips"] == 2.5e-4
    assert found.find("mother") == load().find("mother")


@pytest.mark.parametrize(
    ("own", "named"),
    [
        ({"like": "martian"}, "martian"),
        ({"weigths": {}}, "weigths"),
        ({"bar": [{"name": "x", "phrase": "", "when": {"name": ["purple"]}}]}, "purple"),
        ({"weights": {"u": {"place": {"different": 2.0}}}}, "place"),
    ],
)
def test_a_fault_is_named(own: dict[str, object], named: str) -> None:
    with pytest.raises(ModelError, match=named):
        extended(own)
