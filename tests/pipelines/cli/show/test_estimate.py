"""What is read of an estimate."""

import pytest

from matching.evaluation.intervals import wilson
from pipelines.cli.show import estimate as show_estimate

NOTHING = {"share": None, "low": None, "high": None}


def test_shares_stand_with_their_intervals(capsys: pytest.CaptureFixture[str]) -> None:
    told = {
        "precision": wilson(20, 20),
        "recall": NOTHING,
        "answered": {"link": 20, "review": 0, "none": 0},
        "drawn": 40,
    }
    show_estimate.show(told, as_json=False)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "Automatic precision 100,0% 83,9% – 100,0%" in lines
    assert "Automatic recall — too few answers" in lines
    assert lines[-1] == "Answered: 20 linked, 0 in review, 0 not found; the last night drew 40."
