"""The same input gives the same bytes in every output, whatever the machine's threads, locale, zone or hash seed."""

import json
import os
import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).parent.parent / "data" / "sample"

NIGHT = """
import sys
from datetime import date
from pathlib import Path
from pipelines import hops, registry, runs
from pipelines.config import Settings

workspace, sample, threads = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
settings = Settings(workspace=workspace, inbox=sample / "inbox", night=date(2026, 11, 22), threads=threads)
registry.load(settings, sample / "registry.csv")
run = runs.open_run(settings)
for hop in hops.HOPS:
    hops.run_hop(run, hop)
"""


def night(workspace: Path, threads: int, **environment: str) -> dict[str, bytes]:
    """Every file of the run by its path; of the manifest, all but what it says of the execution."""
    command = [sys.executable, "-c", NIGHT, str(workspace), str(SAMPLE), str(threads)]
    subprocess.run(command, check=True, env=os.environ | environment, capture_output=True)
    folder = workspace / "runs" / "2026-11-22-1"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    manifest = json.loads(files["manifest.json"])
    del manifest["execution"]
    return files | {"manifest.json": json.dumps(manifest, sort_keys=True).encode()}


def test_two_workspaces_hold_the_same_bytes(tmp_path: Path) -> None:
    one = night(tmp_path / "one", 1, PYTHONHASHSEED="1", LC_ALL="C", TZ="UTC", POLARS_MAX_THREADS="1")
    two = night(tmp_path / "two", 4, PYTHONHASHSEED="2", LC_ALL="C.UTF-8", TZ="America/New_York")
    assert sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []
    assert len(one) > 10
