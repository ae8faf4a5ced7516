"""Us and Splink 5 on the same records: `python -m benchmarks.splink_peer --people 1000000 --records 200000`.

Makes a registry and sector files, runs us from the files to the links, gives Splink our own cleaned tables, and judges
both by the truth in one way (benchmarks/peers/ranking.py). Needs `make peers`. Prints a table and keeps the figures in
benchmarks/results/splink-<preset>-<people>-<seed>.json: the same each time apart from seconds and memory.

What favours Splink: its clock starts at cleaned inputs in Parquet (names, dates, numbers and places standardised,
marks folded, parts split) and stops when its links are written; ours runs from the sector and registry files. Its
process starts, imports and our cleaning are on nobody's clock. Of its two answers, the best candidate of each record
and its one-to-one clustering, the better counts; of our two rankings likewise.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.peers import cleaned, ranking
from pipelines.config import Run, Settings
from pipelines.link import hop as link
from pipelines.read import hop as read
from pipelines.registry import load
from pipelines.registry import snapshot as snapshots
from pipelines.sectors import schema
from pipelines.standardise import hop as standardise
from pipelines.synthetic.make import make
from pipelines.synthetic.requests import plan
from pipelines.workspace import run_tables

HERE = Path(__file__).parent
RESULTS = HERE / "results"
INTERPRETER = HERE.parent / ".venv-peers" / "bin" / "python"
NIGHT = date(2026, 11, 22)
OURS = {"weight": ["weight"], "probability": ["probability", "weight"]}
"""Our rankings."""
PLACE = ["source_file", "source_row"]
SHARED = ("registry_load", "read", "standardise")


def main() -> None:
    """Measure once and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=200_000, help="of each sector")
    parser.add_argument("--preset", default="hard")
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sectors", nargs="+", default=list(schema.known()), choices=schema.known())
    parser.add_argument("--max-pairs", nargs="+", default=["1e7", "1e8"], help="Splink's u; the last is the headline")
    arguments = parser.parse_args()
    if not INTERPRETER.is_file():
        raise SystemExit("Chưa có Splink; hãy chạy: make peers / Splink is not installed: make peers")
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), arguments)
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (RESULTS / f"splink-{arguments.preset}-{arguments.people}-{arguments.seed}.json").write_text(text + "\n", "utf-8")
    show(found)


def measure(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Seconds and figures of both sides: each sector and all."""
    wanted = plan(",".join(f"{name}={arguments.records}" for name in arguments.sectors))
    made = make(folder, arguments.people, arguments.seed, wanted, arguments.preset, NIGHT)
    assert made.truth is not None
    settings = Settings(workspace=folder, night=NIGHT, threads=arguments.threads)
    cores, links, seconds = run_us(settings, made.registry, arguments.sectors)
    people = pl.read_parquet(snapshots.current(settings).path)
    sectors: dict[str, Any] = {}
    judged: dict[str, list[pl.DataFrame]] = {"ours": [], "splink": []}
    versions: dict[str, str] = {}
    for name in arguments.sectors:
        truth = ranking.truth_of(made.truth, name)
        cleaned.write(people, cores[name], folder)
        answers = {pairs: run_splink(folder, name, pairs, arguments.threads) for pairs in arguments.max_pairs}
        versions = answers[arguments.max_pairs[-1]].pop("versions")
        ours = ours_of(links[name], truth)
        splink = {pairs: splink_of(cores[name], truth, answer) for pairs, answer in answers.items()}
        headline = splink[arguments.max_pairs[-1]]
        judged["ours"].append(ours.pop("judged"))
        judged["splink"].append([each.pop("judged") for each in splink.values()][-1])
        mine = seconds["registry_load"] + (seconds["read"] + seconds["standardise"]) / len(arguments.sectors)
        sectors[name] = {
            "ours": {"seconds": round(mine + seconds[f"link_{name}"], 2), **ours},
            "splink": splink,
            "times_faster": round(headline["seconds_total"] / (mine + seconds[f"link_{name}"]), 1),
            "error_share": share(ours["best"]["error"], headline["best"]["error"]),
            "only_splink_right": kinds(judged["splink"][-1], judged["ours"][-1]),
            "only_ours_right": kinds(judged["ours"][-1], judged["splink"][-1]),
        }
    return {
        "settings": {**vars(arguments), "headline_max_pairs": arguments.max_pairs[-1]},
        "versions": {**versions, "python": sys.version.split()[0], "polars": pl.__version__},
        "ours_seconds": seconds,
        "all": together(sectors, judged, seconds, arguments.max_pairs[-1]),
        "sectors": sectors,
    }


def run_us(settings: Settings, people: Path, sectors: list[str]) -> tuple[Any, Any, dict[str, float]]:
    """Core tables, links (dicts by sector) and seconds of our run from the files to the links."""
    run = Run(settings=settings, run_id=f"{NIGHT}-1")
    seconds = {
        "registry_load": timed(lambda: load.load(settings, people)),
        "read": timed(lambda: read.read(run)),
        "standardise": timed(lambda: standardise.standardise(run)),
    }
    cores, links = {}, {}
    snapshot = snapshots.current(settings).path
    with run_tables.connect(run) as connection:
        for name in sectors:
            started = time.perf_counter()
            cores[name] = link.core_of(connection, schema.load(name))
            links[name] = link.link_sector(cores[name], schema.load(name), snapshot, settings).links
            seconds[f"link_{name}"] = round(time.perf_counter() - started, 2)
    return cores, links, seconds


def run_splink(folder: Path, sector: str, max_pairs: str, threads: int) -> dict[str, Any]:
    """What Splink's process said, with `best` and `one_to_one` as frames. Errors: SystemExit with its last lines."""
    parents = ["--parents"] if sector == "students" else []
    command = [
        str(INTERPRETER),
        str(HERE / "peers" / "splink_link.py"),
        str(folder),
        "--threads",
        str(threads),
        *parents,
    ]
    done = subprocess.run([*command, "--max-pairs", max_pairs], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Splink: {done.stderr[-2000:]}")
    said: dict[str, Any] = json.loads((folder / "splink.json").read_text(encoding="utf-8"))
    return {**said, **{name: pl.read_parquet(folder / f"{name}.parquet") for name in ("best", "one_to_one")}}


def ours_of(links: pl.DataFrame, truth: pl.DataFrame) -> dict[str, Any]:
    """Our figures by each ranking, the better as `best`; `judged` with the better one's `accepted`."""
    proposals = links.select(*PLACE, "person_id", "decision", "status", "weight", "probability")
    judged = ranking.judge(proposals, truth)
    figures = {name: ranking.rank(judged, by) for name, by in OURS.items()}
    better = min(figures, key=lambda name: figures[name]["error"])
    return {
        "by": figures,
        "better": better,
        "best": figures[better],
        "judged": ranking.within_best(judged, OURS[better]),
    }


def splink_of(core: pl.DataFrame, truth: pl.DataFrame, said: dict[str, Any]) -> dict[str, Any]:
    """Splink's figures by each of its answers, the better as `best`; `judged` with the better one's `accepted`."""
    places = core.select(*PLACE).with_row_index("row").select(*PLACE, unique_id=pl.col("row").cast(pl.String))
    answers = {
        name: ranking.judge(said.pop(name).join(places, on="unique_id").drop("unique_id"), truth)
        for name in ("best", "one_to_one")
    }
    figures = {name: ranking.rank(judged, ["weight"]) for name, judged in answers.items()}
    better = min(figures, key=lambda name: figures[name]["error"])
    unused = "one_to_one" if better == "best" else "best"
    seconds = {name: value for name, value in said.pop("seconds").items() if name != unused}
    trained = sum(value for name, value in seconds.items() if name in ("prior", "u") or name.startswith("em_"))
    return {
        "seconds": seconds,
        "seconds_total": round(sum(seconds.values()), 2),
        "seconds_without_training": round(sum(seconds.values()) - trained, 2),
        **said,
        "by": figures,
        "better": better,
        "best": figures[better],
        "judged": ranking.within_best(answers[better], ["weight"]),
    }


def together(
    sectors: dict[str, Any], judged: dict[str, list[pl.DataFrame]], seconds: dict[str, float], pairs: str
) -> dict[str, Any]:
    """All sectors in one ranking, and all seconds."""
    columns = ["person_id", "truth", "right", "probability", "weight"]
    whole = {name: pl.concat(frame.select(columns) for frame in frames) for name, frames in judged.items()}
    mine = min((ranking.rank(whole["ours"], by) for by in OURS.values()), key=lambda figures: float(figures["error"]))
    peer = ranking.rank(whole["splink"], ["weight"])
    splink = [sector["splink"][pairs] for sector in sectors.values()]
    ours = round(sum(seconds.values()), 2)
    total = round(sum(each["seconds_total"] for each in splink), 2)
    return {
        "ours": {"seconds": ours, **mine},
        "splink": {
            "seconds": total,
            "seconds_without_training": round(sum(each["seconds_without_training"] for each in splink), 2),
            **peer,
        },
        "times_faster": round(total / ours, 1),
        "error_share": share(mine["error"], peer["error"]),
    }


def kinds(winner: pl.DataFrame, loser: pl.DataFrame, most: int = 20) -> dict[str, Any]:
    """Findable records that one side's best cut has right and the other's has not, by kind and by planted errors."""
    right = pl.col("right") & pl.col("accepted")
    both = winner.select(*PLACE, "kind", "errors", won=right).join(loser.select(*PLACE, lost=~right), on=PLACE)
    found = both.filter(pl.col("won") & pl.col("lost"))
    return {"records": found.height} | {
        column: dict(
            found.group_by(column).len().sort(["len", column], descending=[True, False]).head(most).iter_rows()
        )
        for column in ("kind", "errors")
    }


def show(found: dict[str, Any]) -> None:
    """The figures as a table."""
    pairs = found["settings"]["headline_max_pairs"]
    names = ["seconds", "best_f1", "error", *(f"recall_at_{wanted}" for wanted in ranking.PRECISIONS)]
    table = Table("", "", *names, "p≥.99 P", "p≥.99 R", "× faster", "error share")
    for name, each in {**found["sectors"], "all": found["all"]}.items():
        whole = name == "all"
        ours = each["ours"] if whole else {**each["ours"]["best"], "seconds": each["ours"]["seconds"]}
        peer = each["splink"] if whole else each["splink"][pairs]
        peer = peer if whole else {**peer["best"], "seconds": peer["seconds_total"]}
        for side, figures in (("ours", ours), ("splink", peer)):
            cells = [figures[key] for key in (*names, "sure_precision", "sure_recall")]
            ratios = [each["times_faster"], each["error_share"]] if side == "ours" else ["", ""]
            table.add_row(name if side == "ours" else "", side, *map(str, [*cells, *ratios]))
    Console(width=180).print(table)


def share(part: float, whole: float) -> float | None:
    """Our error as a share of the peer's; null if the peer has none."""
    return round(part / whole, 3) if whole else None


def timed(step: Callable[[], object]) -> float:
    """How many seconds the step takes."""
    started = time.perf_counter()
    step()
    return round(time.perf_counter() - started, 2)


if __name__ == "__main__":
    main()
