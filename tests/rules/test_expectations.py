"""When an expectation is met: a threshold is met exactly at its share."""

import pytest

from rules.expectations import RecordsFollowRule


@pytest.mark.parametrize(
    ("applicable", "failing", "mostly", "met", "why"),
    [
        (100, 5, 0.95, True, "exactly the share"),
        (100, 6, 0.95, False, "one more"),
        (0, 0, 1.0, True, "nobody it applies to: nobody breaks it"),
        (1, 1, 1.0, False, "the only one breaks it"),
        (5_000_000, 1, 1.0, False, "one in five million is not all"),
        (7, 2, 5 / 7, True, "a share that floats cannot say"),
    ],
)
def test_mostly(applicable: int, failing: int, mostly: float, met: bool, why: str) -> None:
    expectation = RecordsFollowRule(rule_id="r", column="sex", applicable="true", failing="false", mostly=mostly)
    judged = expectation._validate({"records.tally": {"applicable": applicable, "failing": failing}})
    assert judged["success"] is met, why
    assert judged["result"] == {"observed_value": applicable - failing, "applicable": applicable, "failing": failing}
