"""Us and Splink 5 on the same records: `python -m benchmarks.splink_peer --people 1000000 --records 200000`.

Makes a registry and sector files, runs `sachsong match` on each, from the files to the links, gives Splink our own
cleaned tables, and judges both by the truth in one way (benchmarks/peers/ranking.py). Splink runs in three ways:
trained with its documentation's pairs for u (`documented`, which is judged), trained with few (`few`), and with the
weights of the first, untrained (`given`). Needs `make peers`. Prints a table and keeps the figures in
benchmarks/results/splink-<preset>-<people>-<seed>.json: the same each time apart from seconds and memory.

What favours Splink: its clock starts at cleaned inputs in Parquet (names, dates, numbers and places standardised,
marks folded, parts split) and stops when its links are written; ours runs from the sector and registry files, and
checks the records by all rules besides. Process starts and our cleaning for Splink are on nobody's clock. Of its two
answers, the best candidate of each record and its one-to-one clustering, the better counts; of our two rankings
likewise.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.link import timed
from benchmarks.peers import cleaned, ranking
from benchmarks.processes import alone, machine
from pipelines.config import Run, Settings
from pipelines.link import hop as link
from pipelines.night import one_shot
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
WAYS = ("documented", "few", "given")


def main() -> None:
    """Measure once and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=200_000, help="of each sector")
    parser.add_argument("--preset", default="hard")
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sectors", nargs="+", default=list(schema.known()), choices=schema.known())
    parser.add_argument("--documented", default="1e8", help="Splink's pairs for u by its documentation")
    parser.add_argument("--few", default="2e6", help="Splink's pairs for u, trained with few")
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
    cores, people = cleaned_tables(Settings(workspace=folder, night=NIGHT, threads=arguments.threads), made.registry)
    sectors: dict[str, Any] = {}
    judged: dict[str, list[pl.DataFrame]] = {"ours": [], "splink": []}
    versions: dict[str, str] = {}
    for name in arguments.sectors:
        truth = ranking.truth_of(made.truth, name)
        (file,) = (folder / "inbox" / name).iterdir()
        cost = alone(match, made.registry, name, file, folder / f"ours-{name}", arguments.threads)
        (given := folder / f"splink-{name}").mkdir()
        cleaned.write(people, cores[name], given)
        answers = run_splink_in_all_ways(given, name, arguments)
        versions = answers["documented"].pop("versions")
        ours = ours_of(pl.read_parquet(folder / f"ours-{name}" / "links.parquet"), truth)
        splink = {way: splink_of(cores[name], truth, answer) for way, answer in answers.items()}
        judged["ours"].append(ours.pop("judged"))
        peers = {way: each.pop("judged") for way, each in splink.items()}
        judged["splink"].append(peers["documented"])
        sectors[name] = {
            "ours": {**cost, **ours},
            "splink": splink,
            "times_faster": faster(splink, cost["seconds"]),
            "error_share": share(ours["best"]["error"], splink["documented"]["best"]["error"]),
            "only_splink_right": kinds(judged["splink"][-1], judged["ours"][-1]),
            "only_ours_right": kinds(judged["ours"][-1], judged["splink"][-1]),
        }
    return {
        "settings": vars(arguments),
        "machine": machine(),
        "versions": {**versions, "python": sys.version.split()[0], "polars": pl.__version__},
        "all": together(sectors, judged),
        "sectors": sectors,
    }


def cleaned_tables(settings: Settings, people: Path) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Core tables by sector, and the registry's people: what Splink is given is made of them."""
    run = Run(settings=settings, run_id=f"{NIGHT}-1")
    load.load(settings, people)
    read.read(run)
    standardise.standardise(run)
    with run_tables.connect(run) as connection:
        cores = {name: link.core_of(connection, schema.load(name)) for name in schema.known()}
    return cores, pl.read_parquet(snapshots.current(settings).path)


def match(registry: Path, sector: str, file: Path, out: Path, threads: int) -> dict[str, Any]:
    """Seconds of `sachsong match`, from the two files to the links."""
    settings = Settings(workspace=out, night=NIGHT, threads=threads)
    return {"seconds": timed(lambda: one_shot.match(settings, registry, sector, file, out))}


def run_splink_in_all_ways(folder: Path, sector: str, arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """What Splink said in each of WAYS."""
    weights = str(folder / "weights.json")
    options = {
        "documented": ["--max-pairs", arguments.documented, "--save", weights],
        "few": ["--max-pairs", arguments.few],
        "given": ["--model", weights],
    }
    return {way: run_splink(folder, sector, arguments.threads, options[way]) for way in WAYS}


def run_splink(folder: Path, sector: str, threads: int, options: list[str]) -> dict[str, Any]:
    """What Splink's process said, with `best` and `one_to_one` as frames. Errors: SystemExit with its last lines."""
    parents = ["--parents"] if sector == "students" else []
    script = str(HERE / "peers" / "splink_link.py")
    command = [str(INTERPRETER), script, str(folder), "--threads", str(threads), *parents, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
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
    return {
        "seconds": seconds,
        "seconds_total": round(sum(seconds.values()), 2),
        **said,
        "by": figures,
        "better": better,
        "best": figures[better],
        "judged": ranking.within_best(answers[better], ["weight"]),
    }


def together(sectors: dict[str, Any], judged: dict[str, list[pl.DataFrame]]) -> dict[str, Any]:
    """All sectors in one ranking, and all seconds."""
    columns = ["person_id", "truth", "right", "probability", "weight"]
    whole = {name: pl.concat(frame.select(columns) for frame in frames) for name, frames in judged.items()}
    mine = min((ranking.rank(whole["ours"], by) for by in OURS.values()), key=lambda figures: float(figures["error"]))
    peer = ranking.rank(whole["splink"], ["weight"])
    ours = round(sum(sector["ours"]["seconds"] for sector in sectors.values()), 2)
    splink = {
        way: {"seconds_total": round(sum(sector["splink"][way]["seconds_total"] for sector in sectors.values()), 2)}
        for way in WAYS
    }
    return {
        "ours": {"seconds": ours, **mine},
        "splink": splink | {"documented": splink["documented"] | peer},
        "times_faster": faster(splink, ours),
        "error_share": share(mine["error"], peer["error"]),
    }


def faster(splink: dict[str, Any], ours: float) -> dict[str, float]:
    """How many times as long Splink takes, in each of WAYS."""
    return {way: round(splink[way]["seconds_total"] / ours, 1) for way in WAYS}


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
    names = ["best_f1", "error", *(f"recall_at_{wanted}" for wanted in ranking.PRECISIONS)]
    table = Table("", "", "seconds", "× ours", *names, "p≥.99 P", "p≥.99 R")
    for name, each in {**found["sectors"], "all": found["all"]}.items():
        figures = each["ours"].get("best", each["ours"])
        judged = [figures[key] for key in (*names, "sure_precision", "sure_recall")]
        table.add_row(name, "ours", *map(str, [each["ours"]["seconds"], "", *judged]))
        for way, splink in each["splink"].items():
            peer = splink.get("best", splink)
            judged = [peer.get(key, "") for key in (*names, "sure_precision", "sure_recall")]
            table.add_row("", way, *map(str, [splink["seconds_total"], each["times_faster"][way], *judged]))
    Console(width=180).print(table)


def share(part: float, whole: float) -> float | None:
    """Our error as a share of the peer's; null if the peer has none."""
    return round(part / whole, 3) if whole else None


if __name__ == "__main__":
    main()
