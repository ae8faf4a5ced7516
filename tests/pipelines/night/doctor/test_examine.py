"""Everything that is examined, in its order."""

from pathlib import Path

from pipelines.night.doctor.examine import examine
from pipelines.night.doctor.finding import TITLES


def test_every_title_has_one_finding(tmp_path: Path) -> None:
    assert [each.check for each in examine(tmp_path)] == list(TITLES)
