import pytest

from pipelines.report.numbers import count, percent

SHARES = [
    (0.0, "0,0%", "nothing"),
    (1.0, "100,0%", "all"),
    (0.988, "98,8%", "decimal comma"),
    (0.999_999, ">99,9%", "one bad record in a million is not all"),
    (0.000_001, "<0,1%", "one record is not nothing"),
    (0.9994, "99,9%", "rounds where it may"),
]


@pytest.mark.parametrize(("share", "text", "why"), SHARES)
def test_percent(share: float, text: str, why: str) -> None:
    assert percent(share) == text, why


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (999, "999"), (1_234_567, "1.234.567"), (-3, "-3")])
def test_count(value: int, text: str) -> None:
    assert count(value) == text
