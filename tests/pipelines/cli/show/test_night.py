"""What the officer reads of a night in a pipe: a line for each hop, every file's account, no line broken."""

from typing import Any

import pytest

from pipelines.cli.show import night
from pipelines.night import hops

HOP_LINES = [
    (
        "read",
        {"files": 12, "files_refused": 5, "rows_counted": 2101, "rows_read": 2100, "rows_rejected": 1},
        "✓ read: 12 files · 5 refused · 2.101 rows · 1 rejected",
    ),
    ("standardise", {"students": 0}, "✓ standardise: —"),
    ("standardise", {"students": 380, "vaccination": 0}, "✓ standardise: 380 Pupils"),
    ("link", {"records": 3, "link": 2, "review": 0, "none": 1, "blocks_dropped": 0},
     "✓ link: 3 records · 2 linked · 1 none"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "counts", "line"), HOP_LINES)
def test_a_hop_is_one_line_of_named_counts(
    name: str, counts: dict[str, int], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hop = next(each for each in hops.HOPS if each.name == name)
    with night.night_progress(quiet=False) as told:
        told(hop, None)
        told(hop, counts)
    assert capsys.readouterr().out == f"{line}\n"


ACCOUNTS = [
    ({"difference": 0, "refused": None}, "4 = 3 + 1 ✓"),
    ({"difference": 0, "refused": "missing_column"}, "4 = 3 + 1 refused"),
    ({"difference": 2, "refused": "missing_column"}, "4 = 3 + 1 ✗"),
]


@pytest.mark.parametrize(("row", "text"), ACCOUNTS)
def test_a_refused_file_gets_no_tick(row: dict[str, Any], text: str) -> None:
    assert night.sums({"rows_counted": 4, "links": 3, "rejected": 1, **row}) == text


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (119.4, "119 s"), (120.0, "2 min")],
)
def test_a_duration_is_as_exact_as_it_needs_to_be(seconds: float, told: str) -> None:
    assert night._duration(seconds) == told
