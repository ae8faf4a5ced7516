"""What an officer reads of the queue: days, times and decimals as Vietnamese write them, every part of the places."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.cli.show import queue as show_queue
from pipelines.quota.allocation import PARTS

MOMENT = "2026-11-22T17:34:40+07:00"


def status(**changes: Any) -> dict[str, Any]:
    states = dict.fromkeys(show_queue.QUESTION_STATES, 0)
    turn = {
        "worker": "a",
        "day": "2026-11-23",
        "begun_at": MOMENT,
        "seen_at": MOMENT,
        "settled": 9,
        "rate_per_s": 590.3,
    }
    return {
        "day": "2026-11-22", "cap": 8_000, "used": 0, "left": 8_000, "pending": 0, "paused": None, "workers": [],
        "rate_per_s": 590.3, "eta_s": 61, "last_turn": turn | {"stopped_by": "cap"}, "last_error": None,
        "policy_order": None, "weights": [], "states": states, "tenants": [], **changes,
    }  # fmt: skip


def printed(told: dict[str, Any], folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    show_queue.show_queue(told, folder, as_json=False)
    return " ".join(capsys.readouterr().out.split())


def test_every_part_of_a_tenants_places_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under an order or another policy they are not floor, aged and left over alone: the sum must be readable."""
    assert set(show_queue.PARTS) == set(PARTS)
    row = {"tenant": "students-79", "waiting": 5, "waiting_since": "2026-11-20", "answered": 0, "charged_today": 0}
    parts = dict.fromkeys(PARTS, 0) | {"floor": 1_000, "override": 203, "left_over": 1}
    out = printed(status(tenants=[{**row, **parts, "allocated_today": 1_204}]), tmp_path, capsys)
    assert "20/11/2026" in out
    assert "1.204 (floor 1.000 + order 203 + left over 1)" in out
    nothing = printed(status(tenants=[{**row, **dict.fromkeys(PARTS, 0), "allocated_today": 0}]), tmp_path, capsys)
    assert "()" not in nothing


def test_days_times_and_rates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Last turn 23/11/2026 17:34:40: cap used up" in printed(status(), tmp_path, capsys), "of the quota day 23"
    working = status(workers=[status()["last_turn"]])
    assert "Rate 590,3 questions/s · done in about 1 min 1 s" in printed(working, tmp_path, capsys)
    order = {"given_by": "Lan", "given_at": MOMENT, "reason": "bảo trì"}
    assert "PAUSED: Lan, 22/11/2026 17:34:40: bảo trì" in printed(status(paused=order), tmp_path, capsys)
