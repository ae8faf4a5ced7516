"""How fast the review pages answer 20 people at once on a worklist of a million records.

    python -m benchmarks.review_pages [--records 1000000] [--users 20]     writes benchmarks/results/review_pages.json
    python -m benchmarks.review_pages --patterns [--night FOLDER]
                                      reviews decided by pattern: benchmarks/results/review_patterns.json

`--night` names the workspace of a finished night (`benchmarks.night --keep`), whose patterns are only counted.

The sample's night is linked as it is; its records' details are then repeated under drawn names in 34 provinces until
the worklist is as long as wanted. The pages run as `sachsong review`, a process of its own; each user is a thread that
asks for one page after the other, with a pause of THINK_S between them, and once more without any pause.
"""

import argparse
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl

from pipelines.config import Run, Settings
from pipelines.night import hops, runs
from pipelines.registry import load
from pipelines.registry import snapshot as snapshots
from pipelines.review import index, people, sessions
from pipelines.review.index import Batch
from pipelines.review.worklist import SAMPLES, Pattern, Worklist
from pipelines.synthetic.make import make
from pipelines.synthetic.requests import plan
from pipelines.workspace import run_tables, state
from vn.names import fold
from vn.provinces import provinces

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "review_pages.json"
PATTERNS = RESULTS.with_name("review_patterns.json")
SAMPLE = ROOT / "data" / "sample"
SECTORS = ("insurance", "students", "vaccination")
THINK_S = 1.0
"""Seconds that a user looks at a page before the next; nobody looks for less."""
ROUNDS = {"with_pauses_ms": 6, "without_pauses_ms": 2}
"""Pages of each kind that each user asks for."""
REQUESTS = 10
"""Requests of a round, those that are not measured too."""
PART = 50_000
NIGHT = date(2026, 11, 22)
PEOPLE, LISTS = 80_000, "insurance=20000,students=20000"
"""What `hard` is made of, where a day's reviews are decided by pattern."""
SINGLE = 3
"""Records from which on a pattern is decided at once: fewer are as quickly looked at."""
DAY_S = 8 * 3_600
"""Seconds of a working day."""
LOOK_S = 20.0
"""Seconds that a person is assumed to look at one record."""
KINDS = ("nothing", "list", "deep_list", "search", "record", "decision")
"""What is measured; `nothing` is a page that does nothing: as slow as the machine is for everybody at the moment."""


def main() -> None:
    """Measures, prints and writes the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--patterns", action="store_true")
    parser.add_argument("--night", type=Path)
    arguments = parser.parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="review_pages-"))
    try:
        if arguments.patterns:
            walked = {"sample": by_pattern(folder / "sample", SAMPLE)}
            make(folder / "made", PEOPLE, 31, plan(LISTS), "hard", NIGHT)
            walked["hard"] = by_pattern(folder / "hard", folder / "made")
            if arguments.night:
                walked["night"] = counted(_waiting(runs.last_run(Settings(workspace=arguments.night))))
            print(json.dumps(walked, indent=2))
            PATTERNS.write_text(json.dumps(walked, indent=2) + "\n", encoding="utf-8")
            return
        result = measured(folder, arguments.records, arguments.users)
    finally:
        if arguments.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result, indent=2))
    if arguments.records == parser.get_default("records"):
        RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def measured(folder: Path, records: int, users: int) -> dict[str, Any]:
    """Milliseconds of each kind of page."""
    run = _night(folder, SAMPLE)
    settings = run.settings
    began = time.perf_counter()
    index.build(run)
    built_s = time.perf_counter() - began
    began = time.perf_counter()
    print(f"{records} records", file=sys.stderr, flush=True)
    _lengthen(run, records)
    lengthened_s = time.perf_counter() - began
    tokens = _accounts(settings, users)
    with _served(folder) as pages:
        port = pages.port
        _warm(port, tokens[0])
        before = pages.cpu_s()
        told = {}
        for name, rounds in ROUNDS.items():
            print(name, file=sys.stderr, flush=True)
            told[name] = _loaded(port, tokens, THINK_S if name == "with_pauses_ms" else 0.0, records, rounds)
        asked = users * sum(ROUNDS.values()) * REQUESTS
        return {
            "records": records,
            "users": users,
            "sample_index_s": round(built_s, 2),
            "index_s": round(lengthened_s, 1),
            "index_mb": round(index.path_of(run).stat().st_size / 1e6),
            "think_s": THINK_S,
            "load_of_the_machine": round(os.getloadavg()[1], 1),
            "cpu_ms_a_request": round(1_000 * (pages.cpu_s() - before) / asked, 1),
            **told,
        }


def by_pattern(folder: Path, source: Path) -> dict[str, Any]:
    """How many decisions the reviews of a night of these files take by pattern, and how long the pages take over them.

    A pattern of SINGLE records and more is decided at once after its samples; of the rest each record by itself.
    """
    run = _night(folder, source)
    waiting = _waiting(run)
    large = _large(waiting)
    together, records = sum(each.records for each in large), sum(each.records for each in waiting)
    (token,) = _accounts(run.settings, 1)
    with _served(folder) as pages:
        user = _User(pages.port, token)
        began = time.perf_counter()
        for each in large:
            assert user.get(f"/patterns/{each.pattern}")[0].status == 200
            answer, text = user.post(f"/patterns/{each.pattern}", said="same", note="đã xem các mẫu", seen="on")
            assert answer.status == 303, text
        took_s = time.perf_counter() - began
        user.post("/filters", decision="review", show="open")
        assert (user.get("/next")[0].getheader("location") == "/") == (records == together)
    return counted(waiting) | {"seconds_of_the_pages": round(took_s, 1)}


def _waiting(run: Run) -> list[Pattern]:
    """The patterns of the records that wait for a human, the largest first."""
    found = Worklist(index.build(run)).patterns(lambda sector, province: True)
    return [each for each in found if each.decision == "review"]


def _large(waiting: list[Pattern]) -> list[Pattern]:
    return [each for each in waiting if each.levels and each.records >= SINGLE]


def counted(waiting: list[Pattern]) -> dict[str, Any]:
    """How many decisions these patterns take, and how long, with LOOK_S for each record that somebody looks at.

    `a_day`: the largest patterns that hold as many records as one person looks at in a working day.
    """
    large = _large(waiting)
    together, records = sum(each.records for each in large), sum(each.records for each in waiting)
    looked_at = sum(min(SAMPLES, each.records) for each in large) + records - together
    day = list(accumulate((each.records for each in large), initial=0))
    patterns = next((at for at, held in enumerate(day) if held >= DAY_S / LOOK_S), None)
    return {
        "records": records,
        "patterns": len(waiting),
        "patterns_decided_at_once": len(large),
        "records_in_them": together,
        "records_in_the_ten_largest": sum(each.records for each in large[:10]),
        "records_one_by_one": records - together,
        "decisions": len(large) + records - together,
        "records_looked_at": looked_at,
        "hours_one_by_one": round(records * LOOK_S / 3_600, 1),
        "minutes_by_pattern": round(looked_at * LOOK_S / 60, 1),
        "a_day": patterns
        and {
            "patterns": patterns,
            "records": day[patterns],
            "minutes": round(sum(min(SAMPLES, each.records) for each in large[:patterns]) * LOOK_S / 60, 1),
        },
        "seconds_a_record_assumed": LOOK_S,
    }


def _night(folder: Path, source: Path) -> Run:
    """A night of the folder's registry and inbox, done."""
    settings = Settings(workspace=folder, inbox=source / "inbox", night=NIGHT, asks=False)
    (registry,) = source.glob("registry.[cp]*")
    load.load(settings, registry, replace=True)
    run = runs.open_run(settings)
    for hop in hops.HOPS:
        hops.run_hop(run, hop)
    return run


def _lengthen(run: Run, records: int) -> None:
    """Puts a worklist of so many records in the place of the run's own."""
    snapshot = snapshots.current(run.settings).path
    with run_tables.connect(run) as connection:
        kept = list(index.batches(connection, snapshot, run))
    items = pl.concat([batch.items for batch in kept])
    details = pl.concat([batch.details for batch in kept])
    patterns = pl.concat([batch.patterns for batch in kept]).unique("pattern", maintain_order=True)
    index.path_of(run).unlink()
    index.write(index.path_of(run), run.run_id, _drawn(items, details, patterns, records), snapshot, run.settings)


def _drawn(items: pl.DataFrame, details: pl.DataFrame, patterns: pl.DataFrame, records: int) -> Iterator[Batch]:
    """Batches of the records again and again, under other names, ids, numbers and provinces."""
    draw = random.Random(1)
    words = [name.split() for name in items["name"].drop_nulls() if len(name.split()) > 2]
    codes = provinces().filter(pl.col("valid_to").is_null())["code"].unique().sort().to_list()
    for start in range(0, records, PART):
        size = min(PART, records - start)
        place = pl.int_range(start, start + size, eager=True)
        chosen = items[(place % items.height)]
        names = [f"{draw.choice(words)[0]} {draw.choice(words)[1]} {draw.choice(words)[-1]}" for _ in range(size)]
        chosen = chosen.with_columns(
            position=place + 1,
            record_id=pl.format("{}-1-{}", pl.lit("0" * 12), place.cast(pl.String).str.zfill(7)),
            content=pl.format("{}", place.cast(pl.String).str.zfill(64)),
            province=pl.Series([draw.choice(codes) for _ in range(size)]),
            name=pl.Series(names),
            number=pl.format("001099{}", (place % 1_000_000).cast(pl.String).str.zfill(6)),
        )
        keys = pl.Series([fold(name) for name in names])
        told = index.terms(chosen, keys, place.cast(pl.String))
        rows = details[(place % items.height)].with_columns(position=place + 1)
        yield Batch(chosen.with_columns(terms=told), rows, patterns)


def _accounts(settings: Settings, users: int) -> list[str]:
    """The session of each user, a reviewer of every tenant."""
    tokens = []
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        for number in range(users):
            name = f"user{number:02}"
            made = people.add(connection, name, people.Role.reviewer, ["*-*"], "benchmark")
            people.change_password(connection, people.find(connection, name), made, f"mot cau dai va de nho {number}")
            tokens.append(sessions.begin(connection, name, {}))
    return tokens


class _served:
    """The pages of a workspace, served by a process of their own meanwhile."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "pipelines.cli", "review", "--workspace", str(folder), "--port", "0", "--json"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.port = 0

    def cpu_s(self) -> float:
        """Processor seconds that the server has used: what a loaded machine does not change."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self) -> "_served":
        assert self._process.stdout is not None
        text = ""
        while "}" not in text:
            text += self._process.stdout.readline()
        self.port = int(re.findall(r":(\d+)\"", text)[0])
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


class _User:
    """One browser: a connection that is kept, a session, and the form's token."""

    def __init__(self, port: int, token: str) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": f"sachsong={token}", "Host": f"127.0.0.1:{port}"}
        self._origin = f"http://127.0.0.1:{port}"
        self._csrf = re.findall(r'name="csrf" value="([^"]+)"', self.get("/account")[1])[0]

    def get(self, path: str) -> tuple[http.client.HTTPResponse, str]:
        self._line.request("GET", path, headers=self._headers)
        answer = self._line.getresponse()
        return answer, answer.read().decode()

    def post(self, path: str, **form: str) -> tuple[http.client.HTTPResponse, str]:
        headers = {"Origin": self._origin, "Content-Type": "application/x-www-form-urlencoded", **self._headers}
        self._line.request("POST", path, urlencode({"csrf": self._csrf, **form}), headers)
        answer = self._line.getresponse()
        return answer, answer.read().decode()


def _loaded(port: int, tokens: list[str], think_s: float, records: int, rounds: int) -> dict[str, dict[str, float]]:
    """Percentiles of each kind of page while all users ask."""
    took: dict[str, list[float]] = {name: [] for name in KINDS}
    threads = [
        threading.Thread(target=_work, args=(_User(port, token), number, took, think_s, records, rounds))
        for number, token in enumerate(tokens)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {name: _percentiles(each) for name, each in took.items()}


def _work(user: _User, number: int, took: dict[str, list[float]], think_s: float, records: int, rounds: int) -> None:
    draw = random.Random(number)

    def timed(kind: str, ask: Callable[[], tuple[http.client.HTTPResponse, str]], expected: int) -> str:
        time.sleep(think_s * (0.5 + draw.random()))
        began = time.perf_counter()
        answer, text = ask()
        took[kind].append(time.perf_counter() - began)
        assert answer.status == expected, (kind, answer.status, text[:300])
        return answer.getheader("location") or text

    for at in range(rounds):
        user.post("/filters", decision="", show="open")
        timed("nothing", lambda: user.get("/health"), 200)
        timed("list", lambda: user.get("/"), 200)
        timed("deep_list", lambda: user.get(f"/?after={draw.randrange(records)}"), 200)
        words = draw.choice(["nguyen", "tran thi", "le van an", "pham hoa", "001099123456", "nguyen van minh"])
        user.post("/filters", decision=draw.choice(["", "review"]), text=words, sector=draw.choice(["", *SECTORS]))
        timed("search", partial(user.get, f"/?after={draw.randrange(records) * (at % 2)}"), 200)
        user.post("/filters", decision="", province=draw.choice(["01", "79", "48"]))
        path = user.get("/next")[0].getheader("location") or "/"
        timed("record", partial(user.get, path), 200)
        timed("decision", partial(user.post, path, said="nobody", note="đo"), 303)


def _percentiles(took: list[float]) -> dict[str, float]:
    ordered = sorted(1_000 * each for each in took)
    return {
        "p50": round(ordered[len(ordered) // 2], 1),
        "p95": round(ordered[len(ordered) * 95 // 100], 1),
        "most": round(ordered[-1], 1),
        "pages": len(ordered),
    }


def _warm(port: int, token: str) -> None:
    user = _User(port, token)
    for _ in range(3):
        user.get("/")


if __name__ == "__main__":
    main()
