"""`sachsong nightly` killed (SIGKILL) anywhere, then the same command: same bytes, same charges, nothing left over.

The default run kills one night in the registry and in the report (the asking has tests of its own, step by step, in
tests/pipelines/verify/test_crash.py); the long one kills at many random moments.
"""

import random
from pathlib import Path

import pytest

from tests.crash.sample_night import check, is_closed, kill, undisturbed

REGISTRY_LOAD = "registry/*.building"
REPORT = "runs/*/reports"
MOMENTS = [
    *(REGISTRY_LOAD, "gateway.sqlite", REPORT, "registry/current.json", "work/prefect/server.log", "state.sqlite"),
    *("work/*.duckdb.wal", "runs/*/data_docs", "runs/*/links.parquet", "runs/*/reports/summary.html"),
    *("runs/*/verifications.parquet", "runs/*/.*.part", "runs/*/manifest.json"),
]
"""What appears in the workspace as the night goes on."""


def test_a_night_killed_in_the_registry_and_in_the_report(tmp_path: Path) -> None:
    whole = undisturbed(tmp_path / "undisturbed")
    killed = tmp_path / "killed"
    for moment in (REGISTRY_LOAD, REPORT):
        kill(killed, moment)
    check(killed, whole)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_a_night_killed_at_random_moments(tmp_path: Path, seed: int) -> None:
    whole = undisturbed(tmp_path / "undisturbed")
    chance, killed = random.Random(seed), tmp_path / "killed"
    for moment in sorted(chance.sample(MOMENTS, k=chance.randint(1, 4)), key=MOMENTS.index):
        if not is_closed(killed):
            kill(killed, moment, chance.choice([0.0, 0.005, 0.05, 0.3, 1.0]))
    check(killed, whole)
