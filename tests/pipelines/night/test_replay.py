"""Repeating a night: other questions than were asked stop it (the whole way: test_reproduce.py)."""

import polars as pl
import pytest

from pipelines.errors import Terminal
from pipelines.night import replay

ASKED = pl.DataFrame({"record_id": ["a", "b"], "request_id": ["q", "r"], "person_id": ["1", "2"]})


def test_the_same_questions_in_any_order() -> None:
    replay._require_same(ASKED.reverse(), ASKED)


@pytest.mark.parametrize(
    ("asks", "told"),
    [
        (ASKED.head(1), "1 thay vì 2"),
        (ASKED.with_columns(request_id=pl.lit("q")), "1 yêu cầu xác thực khác"),
        (ASKED.with_columns(person_id=pl.lit("2")), "1 yêu cầu xác thực khác"),
    ],
)
def test_other_questions_are_told(asks: pl.DataFrame, told: str) -> None:
    with pytest.raises(Terminal, match=told):
        replay._require_same(asks, ASKED)
