"""Whether twins and siblings are kept apart: `python -m benchmarks.twins --people 200000 --cases 14000`.

Plants cases into a registry (benchmarks/planted), writes them as sector files, reads, standardises and links them,
and counts by kind what was linked rightly, wrongly, reviewed or left. Nobody may be linked to a relative.
Prints JSON and keeps it in benchmarks/results/twins-<people>-<cases>-<seed>.json.
"""

import argparse
import json
import tempfile
from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.planted.families import Planted, plant
from benchmarks.planted.relatives import CASE
from matching.evaluation.intervals import wilson
from pipelines.config import Run, Settings
from pipelines.link import hop as link
from pipelines.read import hop as read
from pipelines.registry import load
from pipelines.registry import snapshot as snapshots
from pipelines.sectors import schema
from pipelines.standardise import hop as standardise
from pipelines.synthetic.make import make
from pipelines.workspace import run_tables
from vn import territories

RESULTS = Path(__file__).parent / "results"
NIGHT = date(2026, 11, 22)
CELLS = {
    "full_name": "full_name", "date_of_birth": "date_of_birth", "sex": "sex", "id_number": "id_number",
    "province_code": "province", "commune_code": "commune", "father_name": "father_name", "mother_name": "mother_name",
}  # fmt: skip
"""Column of the sectors' files → column of the planted records; a sector without the column lacks the cell."""

OUTCOMES = ("right", "wrong", "review", "none")


def main() -> None:
    """Measure once and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--cases", type=int, default=14_000)
    parser.add_argument("--controls", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="write the judged cases here (Parquet)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        judged = linked(Path(folder), arguments.people, arguments.cases, arguments.controls, arguments.seed)
    if arguments.keep:
        judged.write_parquet(arguments.keep)
    settings = {name: value for name, value in vars(arguments).items() if name != "keep"}
    text = json.dumps({"settings": settings, **counted(judged)}, ensure_ascii=False, indent=1)
    RESULTS.mkdir(exist_ok=True)
    name = f"twins-{arguments.people}-{arguments.cases}-{arguments.seed}.json"
    (RESULTS / name).write_text(text + "\n", encoding="utf-8")
    print(text)


def linked(folder: Path, people: int, cases: int, controls: int, seed: int) -> pl.DataFrame:
    """The planted cases, each with its link: `outcome` and the columns of the links.

    Shape: a row a case; they go to the sectors in turn.
    """
    background = pl.read_parquet(make(folder, people, seed, night=NIGHT).registry)
    planted = plant(background, cases, controls, seed)
    truth = _write(folder, planted)
    settings = Settings(workspace=folder, night=NIGHT, threads=2)
    run = Run(settings=settings, run_id=f"{NIGHT}-1")
    load.load(settings, folder / "planted.parquet")
    read.read(run)
    standardise.standardise(run)
    snapshot = snapshots.current(settings).path
    with run_tables.connect(run) as connection:
        links = [
            link.link_sector(link.core_of(connection, each), each, snapshot, settings).links
            for each in schema.load_all().values()
        ]
    found = truth.join(pl.concat(links), on=["sector", "source_row"], how="left", maintain_order="left")
    return found.with_columns(outcome=_outcome())


def counted(judged: pl.DataFrame) -> dict[str, object]:
    """How many cases of each kind came to what.

    `wrong` and the breakdowns `by_…` are of the cases that have neither the other's own number nor very name
    (`likeness`); `by_evidence` and `by_kind` of all.
    """
    cases = judged.filter(~pl.col("control"))
    alike = cases.filter(evidence="likeness")
    views = {"by_relation": ["relation"], "by_variant": ["variant"], "by_number": ["number"], "by_spoil": ["spoil"]}
    return {
        "wrong": wilson(int((alike["outcome"] == "wrong").sum()), alike.height),
        "by_evidence": _by(cases, ["evidence"]),
        "all": _counts(cases),
        "absent": _counts(cases.filter(~pl.col("registered"))),
        "present": _counts(cases.filter("registered")),
        "controls": _counts(judged.filter("control")),
        **{name: _by(alike, columns) for name, columns in views.items()},
        "by_kind": _by(cases, ["evidence", "relation", "variant", "number", "spoil", "registered"]),
        "controls_by_kind": _by(judged.filter("control"), ["variant", "number"]),
        "wrong_status": dict(sorted(cases.filter(outcome="wrong")["status"].value_counts().iter_rows())),
    }


def _write(folder: Path, planted: Planted) -> pl.DataFrame:
    """Registry and sector files; what is true of each row of them."""
    planted.registry.write_parquet(folder / "planted.parquet")
    names = schema.known()
    records = planted.records.with_columns(
        province=pl.col("province").replace(
            {code: territories.province_name(code) for code in set(planted.records["province"])}
        ),
        sector=pl.Series(names).gather(pl.int_range(planted.records.height, eager=True) % len(names)),
    ).with_columns(source_row=(pl.int_range(pl.len()).over("sector") + 2).cast(pl.Int32))
    for name in names:
        columns = schema.load(name)
        held = {each.name: each.title_vi for each in columns.column if each.name in CELLS}
        cells = records.filter(sector=name).select(pl.col(CELLS[ours]).alias(title) for ours, title in held.items())
        path = folder / "inbox" / name / "planted.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        cells.write_csv(path)
    return records.select("sector", "source_row", *CASE, "evidence", "truth")


def _outcome() -> pl.Expr:
    right = (pl.col("person_id") == pl.col("truth")).fill_null(False)
    return (
        pl.when((pl.col("decision") == "link") & right).then(pl.lit("right"))
        .when(pl.col("decision") == "link").then(pl.lit("wrong"))
        .when(pl.col("decision") == "review").then(pl.lit("review"))
        .when(pl.col("decision") == "none").then(pl.lit("none"))
        .otherwise(pl.lit("lost"))
    )  # fmt: skip


def _by(judged: pl.DataFrame, columns: list[str]) -> dict[str, dict[str, int]]:
    named = judged.with_columns(registered=pl.when("registered").then(pl.lit("present")).otherwise(pl.lit("absent")))
    kinds = named.with_columns(kind=pl.concat_str(columns, separator=" ").str.replace_all("  ", " ").str.strip_chars())
    return {str(kind[0]): _counts(rows) for kind, rows in sorted(kinds.partition_by("kind", as_dict=True).items())}


def _counts(judged: pl.DataFrame) -> dict[str, int]:
    found = dict(judged["outcome"].value_counts().iter_rows())
    return {"cases": judged.height, **{name: int(found.get(name, 0)) for name in OUTCOMES}}


if __name__ == "__main__":
    main()
