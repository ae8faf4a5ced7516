"""How values and bars are written for the terminal."""

import pytest

from matching.explanation.model import Piece, Step, Value
from pipelines.cli.show.explanation import BAR, _bar, written


def value(separator: str, *pieces: tuple[str, str]) -> Value:
    return Value(
        field="name", title_vi="", title_en="", separator=separator, differs_vi=(), differs_en=(),
        pieces=tuple(Piece(text=text, kind=kind) for text, kind in pieces),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (value(" ", ("Tran", "marks_lost"), ("An", "same")), "[Tran] An"),
        (value(" ", ("Trần", "same"), ("", "missing"), ("An", "same")), "Trần [␣] An"),
        (value("/", ("", "missing"), ("", "missing"), ("1990", "same")), "[␣]/[␣]/1990"),
        (value("", ("0", "same"), ("*", "same"), ("6", "exchanged"), ("5", "exchanged")), "0*[65]"),
        (value("", ("[bold]", "same")), "[bold]"),
    ],
)
def test_differences_are_in_brackets(shown: Value, text: str) -> None:
    assert written(shown).plain == text


@pytest.mark.parametrize(("bits", "left", "right"), [(10.0, 0, BAR), (-5.0, BAR // 2, 0), (0.0, 0, 0)])
def test_bars_stand_left_or_right_of_the_middle(bits: float, left: int, right: int) -> None:
    step = Step(field="", title_vi="", title_en="", said_vi="", said_en="", bits=bits, total=0, share=0)
    before, after = _bar(step, 10.0).plain.split("│")
    assert (before.count("█"), after.count("█")) == (left, right)
    assert len(before) == len(after) == BAR
