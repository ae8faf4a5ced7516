"""A question's points: by hand, part by part; every status, sector and result has its line."""

import polars as pl
import pytest

from pipelines.report import labels
from pipelines.verify import priority

CASES = [
    # status, probability, sector, born, likely, urgent, why
    ("agreed", 1.0, "students", "2011-05-19", 100, 50, "a pupil of fifteen"),
    ("agreed", 1.0, "vaccination", "2022", 100, 60, "a child below six, only the year known"),
    ("agreed", 1.0, "vaccination", "1950-01", 100, 30, "a grown-up patient"),
    ("agreed", 0.9, "insurance", None, 90, 10, "no date, no age"),
    ("wrong_information", 0.5, "insurance", "1987-09-05", 20, 10, "half of the points"),
    ("verified", 1.0, "other", "1987-09-05", 0, 0, "a sector without a line"),
    ("agreed", None, "students", "2009-01-01", 100, 50, "seventeen in the night's year"),
    ("agreed", 1.0, "students", "2008-12-31", 100, 30, "eighteen in the night's year"),
]


@pytest.mark.parametrize(("status", "probability", "sector", "born", "likely", "urgent", "why"), CASES)
def test_points(
    status: str, probability: float | None, sector: str, born: str | None, likely: int, urgent: int, why: str
) -> None:
    row = {"link_status": status, "probability": probability, "sector": sector, "date_of_birth": born}
    schema = {"link_status": pl.String, "probability": pl.Float64, "sector": pl.String, "date_of_birth": pl.String}
    told = priority.of_records(pl.DataFrame([row], schema=schema), 2026).row(0, named=True)
    assert (told["likely"], told["urgent"]) == (likely, urgent), why


def test_points_by_the_records_that_share_the_question() -> None:
    points = pl.DataFrame({"n": [1, 2, 5, 11, 100]}).select(priority.unblocks(pl.col("n")))
    assert points.to_series().to_list() == [0, 5, 20, 50, 50]


def test_every_status_has_points() -> None:
    statuses = set(labels.status_frame()["status"].to_list())
    assert set(priority.priority().likely) == statuses
