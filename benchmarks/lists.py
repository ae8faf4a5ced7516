"""How long the lists of a finished night take: `python -m benchmarks.lists WORKSPACE`.

WORKSPACE is a night that `python -m benchmarks.night --keep FOLDER` left (the folder below FOLDER). What each record's
department is told is worked out again, and every list is written again, each of the two timed; the lists must be those
of the night, byte for byte. Prints and keeps in benchmarks/results/lists.json: rows, lists, seconds, processor seconds.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.link import timed
from benchmarks.processes import alone, machine
from pipelines.config import Settings
from pipelines.night import runs
from pipelines.report import worklist
from pipelines.report.lists import write_lists
from pipelines.sectors import schema
from pipelines.workspace import run_tables
from pipelines.workspace.checksums import sha256

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    settings = Settings(workspace=given.workspace, threads=given.threads)
    found = {"threads": given.threads, "machine": machine(), **alone(lists, settings)}
    text = json.dumps(found, indent=1)
    (RESULTS / "lists.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def lists(settings: Settings) -> dict[str, Any]:
    """The two parts' seconds, and how much was written."""
    run = runs.last_run(settings)
    run = run.model_copy(update={"settings": run.settings.model_copy(update={"threads": settings.threads})})
    before = _digests(run.reports / "lists")
    counts: dict[str, int] = {}
    with run_tables.connect(run) as connection:
        advice = timed(lambda: worklist.prepare(connection, schema.of_settings(run.settings)))
        written = timed(lambda: counts.update(write_lists(connection, run)))
    after = _digests(run.reports / "lists")
    if after != before:
        raise SystemExit("the lists are not those of the night")
    return {
        "rows": sum(counts.values()),
        "files": len(after),
        "megabytes": round(sum(path.stat().st_size for path in (run.reports / "lists").iterdir()) / 1e6),
        "advice_seconds": advice,
        "lists_seconds": written,
        "seconds": round(advice + written, 2),
    }


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}


if __name__ == "__main__":
    main()
