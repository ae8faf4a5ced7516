"""Which message meets which fault: the same each time, as often as ordered; a bad table is told where."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.config import TIME_ZONE
from pipelines.errors import BadInput
from pipelines.gateway.simulator import fault_plan
from pipelines.gateway.simulator.fault_plan import Draw, Faults, Kind

NOON = datetime(2026, 11, 22, 12, tzinfo=TIME_ZONE)


def test_the_mix_is_sixteen_in_a_hundred() -> None:
    mix = fault_plan.mix()
    assert round(sum(mix.share.values()), 6) == 0.16
    bodies = [f"message {n}".encode() for n in range(20_000)]
    counted = Counter(mix.drawn(body, 0) for body in bodies)
    for kind, share in mix.share.items():
        assert abs(counted[kind] / len(bodies) - share) < 0.004


def test_the_same_message_meets_the_same_fault_and_its_next_attempt_another() -> None:
    table = Faults(seed=3, share={Kind.slow: 0.5})
    bodies = [f"message {n}".encode() for n in range(64)]
    first = [[table.drawn(body, attempt) for body in bodies] for attempt in range(3)]
    draw = Draw(table)
    assert [[draw.next(body, NOON)[0] for body in bodies] for _ in range(3)] == first
    assert first[0] != first[1] != first[2]
    assert [Faults(seed=4, share=table.share).drawn(body, 0) for body in bodies] != first[0]


def test_windows_of_time_and_of_messages() -> None:
    table = Faults.model_validate(
        {
            "window": [
                {"kind": "slow", "first": 2, "last": 3},
                {"kind": "maintenance", "from": "12:30:00", "until": "13:00:00"},
                {"kind": "outage", "from": "2026-11-23T00:00:00", "until": "2026-11-26T00:00:00"},
            ]
        }
    )
    draw = Draw(table)
    times = [NOON, NOON, NOON, NOON, NOON.replace(minute=30), NOON.replace(hour=13), NOON.replace(day=24, minute=30)]
    met = [draw.next(b"", now) for now in times]
    expected = [None, Kind.slow, Kind.slow, None, Kind.maintenance, None, Kind.maintenance]
    assert [kind for kind, _ in met] == expected, "the first window that is open counts"
    assert [left for _, left in met] == [0, 0, 0, 0, 1_800, 0, 1_800]
    assert draw.next(b"", NOON.replace(day=25))[0] is Kind.outage


def test_a_window_may_run_over_midnight() -> None:
    table = Faults.model_validate({"window": [{"kind": "slow", "from": "23:00:00", "until": "01:00:00"}]})
    times = [NOON.replace(hour=hour, minute=minute) for hour, minute in ((22, 59), (23, 0), (0, 59), (1, 0))]
    assert [Draw(table).next(b"", now) for now in times] == [
        (None, 0.0),
        (Kind.slow, 7_200.0),
        (Kind.slow, 60.0),
        (None, 0.0),
    ]


BAD = [
    ("share = 1", "share", "no table"),
    ("[share]\nslow = 0.6\ndrip = 0.6", "shares", "more than all"),
    ("[share]\nslow = -0.1", "shares", "less than none"),
    ("[share]\nslowly = 0.1", "slowly", "no such kind"),
    ("sead = 1", "sead", "no such line"),
    ('[[window]]\nkind = "slow"\nfirst = 1', "window.0", "half a window"),
    ('[[window]]\nkind = "slow"\nfrom = 12:00:00\nuntil = 2026-11-22T13:00:00', "window.0", "two forms of time"),
    ('[[window]]\nkind = "slow"\nfirst = 9\nlast = 2', "window.0", "it ends before it begins"),
    ('[[window]]\nkind = "slow"\nfrom = 12:00:00\nuntil = 12:00:00', "window.0", "a window without length"),
    ('[[window]]\nkind = "slow"\nfrom = 2026-11-23T12:00:00\nuntil = 2026-11-22T13:00:00', "window.0", "backwards"),
    ("change = [{ at = 13:00:00, cap = 1 }, { at = 12:00:00, cap = 2 }]", "change", "caps out of order"),
    ("reset_late_s = 50000", "reset_late_s", "later than half a day"),
    ("[share\n", "TOML", "no TOML"),
    ("slow_s = 0", "slow_s", "no time"),
]


@pytest.mark.parametrize(("text", "place", "why"), BAD, ids=[row[2] for row in BAD])
def test_a_table_that_is_wrong(tmp_path: Path, text: str, place: str, why: str) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=place):
        fault_plan.load_faults(path)


def test_no_table(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.toml"):
        fault_plan.load_faults(tmp_path / "none.toml")
