"""Explanations of records that can be judged by hand, against the night's own links."""

import math
from pathlib import Path

import pytest

from matching import LinkOptions, linkage, model
from matching.explanation.model import Explanation
from matching.explanation.records import explain
from tests.matching.cases import CASES, HANH, NOT_FOUND, PEOPLE
from tests.matching.tables import core, record, registry

MORE = [
    record("Trần Thị Hồng Hạnh", "1990-08-12", "Nữ", None),
    record("Nguyen Minh An", "2000-05-06", "Nam", None),
    record("Nguyễn Minh Ân", "2000-05-06", "Nam", "001200000001"),
]  # fmt: skip
ROWS = [*(case[0] for case in CASES), *(case[0] for case in NOT_FOUND), *MORE]
WRONG_DATE, EITHER_TWIN, TWINS_NUMBER = range(len(ROWS) - 3, len(ROWS))


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> list[Explanation]:
    snapshot = registry(tmp_path_factory.mktemp("registry"), PEOPLE)
    options = LinkOptions(one_record_per_person=False, threads=2, memory_mb=512)
    records = core(ROWS)
    night = linkage(records, snapshot, options)
    return explain(records, night.links, snapshot, options.model_copy(update={"habits": night.habits}))


def test_one_a_record_in_order(explained: list[Explanation]) -> None:
    assert [each.record_id for each in explained] == core(ROWS)["record_id"].to_list()


def test_the_steps_add_up_to_the_weight_that_the_night_wrote(explained: list[Explanation]) -> None:
    for each in explained:
        if each.steps:
            assert math.isclose(sum(step.bits for step in each.steps), each.weight or 0.0, abs_tol=1e-4)
            assert each.steps[0].field == "prior"
            assert each.steps[-1].total == pytest.approx(each.weight, abs=1e-4)
            assert sum(step.share for step in each.steps) == pytest.approx(1, abs=1e-4)
        if each.status == "wrong_information":
            assert each.weight == pytest.approx(each.recorded_weight)


def test_probabilities_make_one(explained: list[Explanation]) -> None:
    for each in explained:
        second = each.second.probability if each.second else 0.0
        # The candidates' are calibrated, the others' are what the posterior leaves: together a little off one.
        assert (each.probability or 0.0) + second + each.relatives + each.nobody <= 1.02
    half = dict(model.load().weights.calibration.points)[0.5]
    assert explained[EITHER_TWIN].probability == pytest.approx(half, abs=0.01)
    assert explained[EITHER_TWIN].margin == pytest.approx(0)


def said(explained: Explanation) -> dict[str, bool | None]:
    return {sentence.code: sentence.holds for sentence in explained.sentences}


def test_what_decided_is_said(explained: list[Explanation]) -> None:
    assert said(explained[0])["agreed"] is True
    linked = said(explained[7])  # two digits exchanged
    assert (linked["bar"], linked["probability"], linked["margin"]) == (True, True, True)
    twins = said(explained[EITHER_TWIN])
    assert (twins["probability"], twins["margin"], twins["ambiguous"]) == (False, False, False)
    assert said(explained[TWINS_NUMBER])["twin_owner"] is False
    barred = explained[WRONG_DATE]
    assert said(barred)["bar"] is False
    unlike = [said(each) for each in explained if each.decision == "none"]
    assert {"unsearchable", "nobody_compared", "too_little"} <= {code for codes in unlike for code in codes}


def test_the_second_candidate_and_the_gap(explained: list[Explanation]) -> None:
    twin = explained[TWINS_NUMBER]
    assert twin.second is not None
    assert twin.margin == pytest.approx((twin.weight or 0) - twin.second.weight)
    assert explained[7].second is None
    assert "alone" in said(explained[7])


def test_one_field_mended_would_have_linked(explained: list[Explanation]) -> None:
    assert explained[7].corrections is None, "it is linked already"
    assert "id" in (explained[EITHER_TWIN].corrections or ()), "a number tells the twins apart"
    assert {"id", "birth"} <= set(explained[WRONG_DATE].corrections or ())
    assert "sex" not in (explained[WRONG_DATE].corrections or ()), "it is right already"


def test_nothing_that_only_the_registry_knows(tmp_path: Path) -> None:
    snapshot = registry(tmp_path, PEOPLE)
    options = LinkOptions(one_record_per_person=True, threads=2, memory_mb=512)
    records = core([record("Trần Thị Hồng", "1990-07-13", "Nam", "079190123465")])
    (found,) = explain(records, linkage(records, snapshot, options).links, snapshot, options)
    text = found.model_dump_json()
    for secret in (HANH["full_name"], "Hạnh", "1990-07-12", "12/07", HANH["person_id"], "023456789", "079190"):
        assert str(secret) not in text
