"""How fast the gateway answers, over HTTP and embedded, with every charge on disk.

    python -m benchmarks.gateway [--people 1000000] [--seconds 10] [--workspace DIR]

The service is a process of its own (`sachsong gateway`) on this machine; one sender asks batches of 1,000 and of 100,
each signed and checked. Writes benchmarks/results/gateway.json.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.gateway.client.client import Gateway
from pipelines.gateway.client.embedded import embedded
from pipelines.gateway.client.http import Http
from pipelines.gateway.client.signed import Sender, SignedTransport
from pipelines.gateway.protocol import clock, secret
from pipelines.gateway.protocol.answers import QUESTION

RESULTS = Path(__file__).parent / "results" / "gateway.json"
SECRET = b"a benchmark's secret"
CAP = 10**9
LOAD = round(os.getloadavg()[0], 1)


def registry(people: int, path: Path) -> Path:
    """A snapshot of that many people, every fiftieth with an earlier number."""
    place = pl.int_range(people, eager=True)
    nobody: list[str] = []
    earlier = pl.concat_list(_number(place * 80 + 1_000_000_001))
    frame = pl.DataFrame({"place": place}).select(
        person_id=_number(pl.col("place") * 80 + 1_000_000_000),
        full_name=pl.format("Nguyễn Thị Minh Khai {}", pl.col("place") % 977),
        date_of_birth=pl.format("19{}-0{}-1{}", place % 89 + 10, place % 9 + 1, place % 10),
        sex=pl.when(place % 2 == 0).then(pl.lit("Nam")).otherwise(pl.lit("Nữ")),
        old_ids=pl.when(place % 50 == 0).then(earlier).otherwise(pl.lit(nobody, dtype=pl.List(pl.String))),
        other_names=pl.lit(nobody, dtype=pl.List(pl.String)),
        status=pl.when(place % 70 == 0).then(pl.lit("deceased")).otherwise(pl.lit("alive")),
    )
    frame.write_parquet(path)
    return path


def _number(value: pl.Expr | pl.Series) -> pl.Expr:
    whole = pl.lit(value) if isinstance(value, pl.Series) else value
    return whole.cast(pl.String).str.zfill(12)


def batches(snapshot: Path, rows: int, name: str) -> Iterator[pl.DataFrame]:
    """Batches of questions about people all over the registry, no request code twice."""
    people = pl.read_parquet(snapshot, columns=["person_id", "full_name", "date_of_birth", "sex"])
    number = 0
    while True:
        chosen = people.sample(rows, seed=number).rename({"person_id": "id_number"}).with_row_index("n")
        code = pl.format("{}-{}-{}", pl.lit(name), pl.lit(number), "n")
        asked = {"request_id": code, "unit": pl.lit("students-79"), "purpose": pl.lit("students")}
        yield chosen.with_columns(**asked).select(list(QUESTION))
        number += 1


def rate(gateway: Gateway, questions: Iterator[pl.DataFrame], seconds: float) -> dict[str, float]:
    """Answers a second, and how long a message takes; only the exchange is timed."""
    took: list[float] = []
    answered = 0
    while sum(took) < seconds:
        batch = next(questions)
        begun = time.perf_counter()
        answers = gateway.ask(batch)
        took.append(time.perf_counter() - begun)
        assert answers["result"].null_count() == 0
        assert answers.height == batch.height
        answered += batch.height
    ordered = sorted(took)
    return {
        "answers_per_s": round(answered / sum(took)),
        "message_median_ms": round(ordered[len(ordered) // 2] * 1e3, 1),
        "message_p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1e3, 1),
        "messages": len(took),
    }


@contextmanager
def service(snapshot: Path, workspace: Path) -> Iterator[str]:
    """`sachsong gateway` in a process of its own; its address."""
    command = [sys.executable, "-m", "pipelines.cli", "gateway", "--registry", str(snapshot), "--port", "0", "--json"]
    command += ["--workspace", str(workspace), "--cap", str(CAP)]
    child = subprocess.Popen(
        command, env=os.environ | {secret.VARIABLE: SECRET.decode()}, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert child.stdout is not None
    try:
        told = ""
        while not told.rstrip().endswith("}"):
            told += child.stdout.readline() or "}"
        yield json.loads(told)["url"]
    finally:
        child.terminate()
        child.wait(30)


def measure(people: int, seconds: float, workspace: Path) -> dict[str, object]:
    """Rates over both transports."""
    snapshot = registry(people, workspace / "registry.parquet")
    figures: dict[str, object] = {"people": people}
    with service(snapshot, workspace / "http") as url, Http(url, 30.0) as carrier:
        gateway = Gateway(SignedTransport(carrier, SECRET, Sender(), clock.real))
        gateway.ask(next(batches(snapshot, 1_000, "warm")))
        for rows in (1_000, 100):
            figures[f"http_{rows}"] = rate(gateway, batches(snapshot, rows, f"h{rows}"), seconds)
    memory = workspace / "embedded" / "gateway.sqlite"
    with embedded(snapshot, memory, day=date(2026, 11, 22), daily_cap=CAP) as line:
        figures["embedded_1000"] = rate(Gateway(line), batches(snapshot, 1_000, "e"), seconds)
    machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
    return figures | {"synchronous": "FULL", "machine": machine, "load_1m_at_start": LOAD}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--people", type=int, default=1_000_000)
    arguments.add_argument("--seconds", type=float, default=10.0)
    arguments.add_argument("--workspace", type=Path, help="on the disk to be measured; default a temporary folder")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=given.workspace) as folder:
        figures = measure(given.people, given.seconds, Path(folder))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
