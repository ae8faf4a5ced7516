"""What answers come to: values checked by hand, and laws that hold for any answers of any people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.review.disagreement import Answer, Standing, standing

AN, BINH, CHI = "an", "binh", "chi"
SAME, OTHER = Answer(AN, "same", "P1"), Answer(BINH, "different", "P1")

CASES = [
    ([], 1, "first", None, "nobody has answered"),
    ([SAME], 1, None, "same", "one answer decides"),
    ([SAME], 2, "second", None, "where two read, one is not enough"),
    ([SAME, Answer(BINH, "same", "P1")], 2, None, "same", "two alike decide"),
    ([SAME, Answer(AN, "same", "P1")], 2, "second", None, "the same person twice is one reader"),
    ([SAME, OTHER], 2, "third", None, "two that differ"),
    ([SAME, OTHER], 1, "third", None, "a later answer that differs reopens what one had decided"),
    ([SAME, OTHER, Answer(CHI, "nobody")], 2, None, "nobody", "the third decides, whatever it says"),
    ([SAME, OTHER, Answer(CHI, "unsure")], 2, "third", None, "an unsure third decides nothing"),
    ([Answer(AN, "unsure")], 1, "second", None, "unsure goes on to somebody else"),
    ([Answer(AN, "unsure"), OTHER], 1, None, "different", "who then decides alone"),
    ([SAME, Answer(BINH, "same", "P2")], 2, "third", None, "alike only of the same person"),
    ([SAME, Answer(AN, "nobody")], 1, None, "nobody", "of one person the last counts"),
    ([SAME, OTHER, Answer(BINH, "same", "P1")], 2, None, "same", "the second has come round"),
    ([SAME, Answer(BINH, "same", "P1"), Answer(CHI, "nobody")], 2, "third", None, "contradicted after it was decided"),
]


@pytest.mark.parametrize(("answers", "readers", "waits_for", "said", "why"), CASES)
def test_what_answers_come_to(
    answers: list[Answer], readers: int, waits_for: str | None, said: str | None, why: str
) -> None:
    found = standing(answers, readers)
    assert (found.waits_for, found.decided and found.decided.said) == (waits_for, said), why
    assert found.answered == {answer.by for answer in answers}


ANSWERS = st.lists(
    st.builds(
        Answer,
        by=st.sampled_from([AN, BINH, CHI, "dung"]),
        said=st.sampled_from(["same", "different", "nobody", "unsure"]),
        person_id=st.sampled_from(["P1", "P2"]),
    ),
    max_size=8,
)


@given(ANSWERS, st.sampled_from([1, 2]))
def test_a_decision_is_somebodys_clear_answer_and_never_of_too_few(answers: list[Answer], readers: int) -> None:
    found: Standing = standing(answers, readers)
    assert (found.waits_for is None) == (found.decided is not None)
    if found.decided:
        assert found.decided in answers
        assert found.decided.said != "unsure"
        assert len({answer.by for answer in answers if answer.said != "unsure"}) >= readers
    if found.waits_for == "third":
        last = {answer.by: answer for answer in answers if answer.said != "unsure"}
        assert len(last) >= 2


@given(ANSWERS, st.sampled_from([1, 2]))
def test_an_unsure_newcomer_changes_no_decision(answers: list[Answer], readers: int) -> None:
    before, after = standing(answers, readers), standing([*answers, Answer("em", "unsure")], readers)
    assert before.decided == after.decided
