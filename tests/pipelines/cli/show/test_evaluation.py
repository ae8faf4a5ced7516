"""What the officer reads of an evaluation."""

from typing import Any

import pytest

from matching.evaluation.calibration import calibration
from matching.evaluation.figures import figures
from pipelines.cli.show import evaluation as show_evaluation
from tests.matching.judged import judged, record


def test_every_part_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        record("link", "1", "1"),
        record("review", "2", "3", 0.6, errors=["id_digit"]),
        record("none", None, "4", 0.3),
    ]
    found: dict[str, Any] = figures(judged(*rows))
    show_evaluation.show(found, as_json=False)
    shown = " ".join(capsys.readouterr().out.split())
    assert "automatic precision 100,000% 20,655% – 100,000% 1 / 1" in shown
    assert "automatic recall 33,333%" in shown
    assert "Pupils" in shown
    assert "id_digit" in shown
    assert "60 – 70% 1 60,00% 0,00%" in shown
    assert "1 (≤ 100,0%)" in shown, "of the record that names nobody"
    assert "F1" in shown


@pytest.mark.parametrize(
    ("stated", "observed", "drawn"),
    [(0.5, 0.25, "█████·····│·········"), (1.0, 1.0, "███████████████████│"), (0.0, 0.5, "│█████████··········")],
)
def test_bar(stated: float, observed: float, drawn: str) -> None:
    assert show_evaluation.bar(stated, observed) == drawn


def test_verdict() -> None:
    assert "every tenth keeps" in show_evaluation.verdict(calibration(judged(record("link", "1", "1"))))
    wrong = [record("link", "1", "2") for _ in range(50)]
    assert "not all keep" in show_evaluation.verdict(calibration(judged(*wrong)))
    assert "no proposals" in show_evaluation.verdict(calibration(judged()))
