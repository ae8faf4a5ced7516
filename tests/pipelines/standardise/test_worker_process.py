"""The process answers each line once its file is replaced, and ends with its input."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.config import Settings
from pipelines.sectors import schema
from pipelines.standardise.core_rows import core_rows, no_rows


def test_a_line_is_answered_when_its_file_is_standardised(tmp_path: Path) -> None:
    students = schema.load("students")
    name = pl.DataFrame({"record_id": ["r"], "full_name": ["LÊ VĂN AN"], "date_of_birth": ["2012"]})
    rows = pl.concat([no_rows(students), name], how="diagonal")
    rows.write_ipc(tmp_path / "1.arrow")
    settings = Settings(workspace=tmp_path, night=date(2026, 11, 22))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pipelines.standardise.worker_process", settings.model_dump_json()],
        input=json.dumps({"sector": "students", "path": str(tmp_path / "1.arrow")}) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "done\n"
    assert pl.scan_ipc(tmp_path / "1.arrow", glob=False).collect().equals(core_rows(rows, students, settings.night))
