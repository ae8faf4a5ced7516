"""Progress: scores beside those of the night before, groups ranked by their rise, the last run of each night."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.audit import progress
from pipelines.config import Settings
from pipelines.workspace import run_schema

SCHEMA = run_schema.BY_NAME[run_schema.SCORES].schema


def scored(folder: Path, shares: dict[str | None, float | None], level: str = "province") -> Path:
    """A run's scores of live in students: province → share of ten."""
    rows = [
        {
            "night": folder.name[:10], "level": level, "sector": "students", "province_code": code, "family": "live",
            "records": 10, "applicable": 10 if share is not None else 0, "passing": int(10 * (share or 0)),
            "failing": 0, "not_known": 0, "warned": 0, "share": share, "low": share, "high": share,
        }
        for code, share in shares.items()
    ]  # fmt: skip
    folder.mkdir(parents=True)
    pl.DataFrame(rows, schema=SCHEMA).write_parquet(folder / "scores.parquet")
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    return folder


def test_groups_are_ranked_by_their_rise(tmp_path: Path) -> None:
    before = scored(tmp_path / "2026-11-21-1", {"79": 0.5, "01": 0.9, "48": 0.7, None: 0.1})
    now = scored(tmp_path / "2026-11-22-1", {"79": 0.6, "01": 0.8, "33": 0.9, None: 0.5, "48": None})
    told = progress.compared(now, before)
    ranked = progress.ranked(told, "province", "live", "students")
    assert ranked.select("province_code", "change").rows() == [
        (None, 0.4), ("79", 0.1), ("01", -0.1), ("33", None), ("48", None),
    ]  # fmt: skip
    assert ranked["before_passing"].to_list()[:3] == [1, 5, 9]
    assert progress.ranked(told, "province", "correct").is_empty()


def test_a_first_night_has_nothing_to_compare(tmp_path: Path) -> None:
    told = progress.compared(scored(tmp_path / "2026-11-22-1", {"79": 0.5}), None)
    assert told["change"].to_list() == [None]


def test_the_trend_has_the_last_run_of_each_night(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path)
    assert progress.trend(settings).is_empty()
    for name, share in (("2026-11-21-1", 0.1), ("2026-11-22-9", 0.2), ("2026-11-22-10", 0.3)):
        scored(settings.runs_directory / name, {None: share}, level="sector")
    assert progress.trend(settings).select("night", "share").rows() == [("2026-11-21", 0.1), ("2026-11-22", 0.3)]
    assert progress.trend(settings, nights=1).height == 1


@pytest.mark.parametrize("night", ["2026-11-20", "2026-11-21"])
def test_only_earlier_nights_are_before(tmp_path: Path, night: str) -> None:
    from datetime import date

    from pipelines.audit import scores
    from pipelines.config import Run

    settings = Settings(workspace=tmp_path, night=date.fromisoformat(night))
    for name in ("2026-11-20-1", "2026-11-20-2", "2026-11-22-1"):
        scored(settings.runs_directory / name, {"79": 0.1})
    found = scores.run_before(Run(settings=settings, run_id=f"{night}-1"))
    assert (found and found.name) == ("2026-11-20-2" if night == "2026-11-21" else None)
