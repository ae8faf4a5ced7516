"""`sachsong nightly` on PostgreSQL whose server is killed in the middle: same bytes, same charges, nothing left."""

import os
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from tests.crash import sample_night
from tests.pipelines.verify import postgres

MOMENTS = ("gateway.sqlite", "gateway.sqlite-wal", "runs/*/verifications.parquet", "work/*.duckdb.wal")


@pytest.mark.long
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("away_s", [0.0, 40.0])
def test_a_night_whose_server_is_killed(tmp_path: Path, moment: str, away_s: float) -> None:
    """Back at once, the night goes on by itself; after its retries it says what to do, and the same command goes on."""
    if postgres.PROGRAMS is None:
        pytest.skip("PostgreSQL is not installed")
    whole, workspace = sample_night.undisturbed(tmp_path / "undisturbed"), tmp_path / "killed"
    with postgres.server() as server:
        url = postgres.database(server, "night")
        environment = os.environ | {"SACHSONG_STATE_URL": url}
        night = subprocess.Popen(
            sample_night.night(workspace), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        while night.poll() is None and not list(workspace.glob(moment)):
            time.sleep(0.002)
        postgres.crash(server)
        time.sleep(away_s)
        postgres.start(server)
        _, said = night.communicate(timeout=300)
        assert "Traceback" not in said
        assert night.returncode in (0, 3), said
        assert night.returncode == 0 or "SACHSONG_STATE_URL" in said, said
        if night.returncode:
            done = subprocess.run(
                sample_night.night(workspace), env=environment, capture_output=True, text=True, timeout=300, check=False
            )
            assert (done.returncode, done.stderr) == (0, "")
        with psycopg.connect(url) as connection:
            used = connection.execute("SELECT reserved, charged FROM quota_days").fetchall()
            book = connection.execute("SELECT sum(reserved), sum(charged) FROM ledger").fetchall()
    assert used == book == [(sample_night.CAP, sample_night.CAP)]
    assert sample_night.rows(workspace / "gateway.sqlite", "SELECT accepted FROM days") == [(sample_night.CAP,)]
    assert sample_night.files(workspace) == sample_night.files(whole)
