"""One record beside its candidates: marks, gaps, masks, and what a reveal says of the registry."""

import pytest

from matching.explanation.model import Value
from pipelines.config import Run
from pipelines.link.explain import model_of
from pipelines.review import candidates
from pipelines.review.worklist import Detail, Worklist


def detail_of(worklist: Worklist, record_id: str) -> Detail:
    line = worklist.line(record_id)
    assert line is not None
    return worklist.detail(line)


def value(shown: tuple[Value, ...], field: str) -> Value:
    return next(each for each in shown if each.field == field)


def test_a_record_is_marked_where_each_candidate_differs(worklist: Worklist, night: Run) -> None:
    shown = candidates.show(detail_of(worklist, "r0003"), model_of("students", night.settings))
    first = shown.candidates[0]
    assert (first.place, first.behind) == (1, 0.0)
    assert first.weight == pytest.approx(shown.explanation.recorded_weight or 0)
    assert [piece.kind for piece in value(first.values, "name").pieces if piece.kind != "same"] == ["missing"]
    assert value(first.values, "birth").differs_vi == ("ngày và tháng đổi chỗ",)
    assert "079*****3456" in "".join(piece.text for piece in value(first.values, "id").pieces)


def test_either_twin_is_shown_with_the_gap_between_them(worklist: Worklist, night: Run) -> None:
    shown = candidates.show(detail_of(worklist, "r0000"), model_of("students", night.settings))
    assert len(shown.candidates) == 2
    assert shown.explanation.second is not None
    assert abs(shown.candidates[1].behind) < 6
    assert any(sentence.holds is False for sentence in shown.explanation.sentences)


def test_a_reveal_says_the_correction_and_nothing_where_the_record_is_right(worklist: Worklist) -> None:
    told = {field: text for field, _, _, text in candidates.revealed(detail_of(worklist, "r0003"), 1)}
    assert told == {"name": "Trần Thị Hồng Hạnh", "birth": "12/07/1990"}
    assert candidates.own_number(detail_of(worklist, "r0003")) == "079190123456"


def test_a_record_that_nobody_is_near_has_no_candidate(worklist: Worklist, night: Run) -> None:
    shown = candidates.show(detail_of(worklist, "r0004"), model_of("students", night.settings))
    assert shown.candidates == ()
    assert shown.explanation.status == "not_found"


def test_masked_values_keep_their_marks(worklist: Worklist, night: Run) -> None:
    shown = candidates.show(detail_of(worklist, "r0003"), model_of("students", night.settings))
    name, birth = (candidates.masked(value(shown.candidates[0].values, field)) for field in ("name", "birth"))
    assert [piece.text for piece in name.pieces] == ["T.", "", "H.", "H."]
    assert [piece.text for piece in birth.pieces] == ["••", "••", "1990"]
    assert name.differs_vi == value(shown.candidates[0].values, "name").differs_vi


@pytest.mark.parametrize(
    ("name", "masked"), [("Nguyễn Văn An", "Nguyễn V. A."), ("Blô", "Blô"), (None, ""), ("Lê Thị", "Lê T.")]
)
def test_a_name_in_a_list_is_a_word_and_initials(name: str | None, masked: str) -> None:
    assert candidates.masked_name(name) == masked
