"""Presets: the shares of domain.md 7.3, only known codes, faults named."""

import pytest
from pydantic import ValidationError

from pipelines.errors import BadInput
from pipelines.synthetic import catalogue, profiles
from pipelines.synthetic.profiles import FAMILIES, Profile


@pytest.mark.parametrize(
    ("preset", "exact", "repairable", "no_id", "wrong_id", "not_in_registry", "duplicates", "stale"),
    [
        ("vaccination-2022", 0.67, 0.22, 0.05, 0.03, 0.02, 0.04, 0.007),
        ("students-2023", 0.97, 0.015, 0.006, 0.005, 0.004, 0.003, 0.001),
        ("insurance-2023", 0.92, 0.04, 0.02, 0.008, 0.012, 0.01, 0.008),
        ("mature-2025", 0.988, 0.007, 0.002, 0.001, 0.002, 0.002, 0.002),
    ],
)
def test_presets_are_those_of_the_domain_notes(
    preset: str,
    exact: float,
    repairable: float,
    no_id: float,
    wrong_id: float,
    not_in_registry: float,
    duplicates: float,
    stale: float,
) -> None:
    """The notes' rows are rounded and do not add up to one; what is left over is exact."""
    profile = profiles.load(preset)
    found = profile.kinds
    assert (found["repairable"], found["no_id"], found["wrong_id"]) == (repairable, no_id, wrong_id)
    assert (found["not_in_registry"], profile.duplicates) == (not_in_registry, duplicates)
    assert found["deceased"] + found["moved"] == pytest.approx(stale)
    assert 1 - sum(found.values()) == pytest.approx(exact, abs=0.012)


def test_every_preset_loads_and_names_its_source() -> None:
    assert {"vaccination-2022", "students-2023", "insurance-2023", "mature-2025", "hard"} <= set(profiles.known())
    for name in profiles.known():
        profile = profiles.load(name)
        assert profile.source
        assert set(profile.codes) == set(FAMILIES)


def test_every_code_can_be_planted() -> None:
    drawn = {code for name in profiles.known() for shares in profiles.load(name).codes.values() for code in shares}
    by_person = {"name_former", "id_cancelled", "place_old", "lookalike", "duplicate"}
    assert drawn | by_person == catalogue.codes()


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(BadInput, match="mature-2025"):
        profiles.load("immature")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"kinds": {"wrong": 0.1}}, "unknown kind wrong"),
        ({"fields": {"shoe_size": 1.0}}, "unknown field shoe_size"),
        ({"codes": {"name": {"name_rot13": 1}}}, "unknown code name_rot13"),
        ({"codes": {"name": {"name_typo": 1}}}, "no codes for dob"),
        ({"kinds": {"no_id": 0.7, "wrong_id": 0.4}}, "more than 1"),
    ],
)
def test_a_faulty_preset_says_what_is_wrong(change: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Profile.model_validate({**profiles.load("hard").model_dump(), **change})


def test_adjusting_changes_shares_and_leaves_codes_out() -> None:
    adjusted = profiles.load("hard").adjusted({"no_id": 0.01}, frozenset({"name_vni"}))
    assert adjusted.kinds["no_id"] == 0.01
    assert adjusted.kinds["wrong_id"] == profiles.load("hard").kinds["wrong_id"]
    assert "name_vni" not in adjusted.codes["name_lossless"]
    with pytest.raises(BadInput, match="more than 1"):
        profiles.load("hard").adjusted({"no_id": 0.9}, frozenset())
