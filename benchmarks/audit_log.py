"""How long the check of the audit log takes: `python -m benchmarks.audit_log --entries 1000000`.

Fills the log of a new SQLite database with entries of human decisions, a thousand a transaction, and has the log check
read it three times, each in a process of its own, as `sachsong audit verify` does. Prints and keeps in
benchmarks/results/audit_log.json: seconds and processor seconds of each check, seconds to append, and the bytes of the
proof that the first entry is in the log.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.link import timed
from benchmarks.processes import alone, machine
from pipelines.audit import log_check
from pipelines.config import Settings
from pipelines.workspace import audit_log, merkle, state

RESULTS = Path(__file__).parent / "results"
PART = 1_000


def main() -> None:
    """Measure and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(workspace=Path(folder))
        found = {
            "entries": entries,
            "machine": machine(),
            "append": alone(append, settings, entries),
            "checks": [alone(check, settings, entries) for _ in range(3)],
            "proof_bytes": alone(proof, settings),
        }
    text = json.dumps(found, indent=1)
    (RESULTS / "audit_log.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def append(settings: Settings, entries: int) -> dict[str, Any]:
    """Fills the log."""
    return {"seconds": timed(lambda: _fill(settings, entries))}


def _fill(settings: Settings, entries: int) -> None:
    with state.opened(settings) as engine:
        for first in range(0, entries, PART):
            details = [
                {"run_id": "2026-11-22-1", "sector": "insurance", "row": f"{each:064x}"}
                for each in range(first, min(first + PART, entries))
            ]
            with state.transaction(engine) as connection:
                audit_log.append_all(connection, "decision", details, "an.nguyen")


def check(settings: Settings, entries: int) -> dict[str, Any]:
    """One check of the whole log, which must find nothing."""
    logs: list[log_check.Log] = []
    seconds = timed(lambda: logs.append(_read(settings)))
    (log,) = logs
    if log.faults or log.size < entries:
        raise SystemExit(f"the log is not what was written: {log.size} entries, {log.faults}")
    return {"seconds": seconds}


def _read(settings: Settings) -> log_check.Log:
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return log_check.read(connection, set())


def proof(settings: Settings) -> int:
    """Bytes of the proof that the first entry is in the log."""
    with state.opened(settings) as engine, state.reading(engine) as connection:
        leaves = merkle.leaf_hashes(audit_log.line_of(each) for each in audit_log.entries(connection))
    return sum(len(each) for each in merkle.inclusion_proof(leaves, 1))


if __name__ == "__main__":
    main()
