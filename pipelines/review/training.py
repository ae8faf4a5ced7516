"""Proposes another weights.json from what humans decided, with its effect on the last night; changes nothing."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from matching import LinkOptions, model, snapshot
from matching.learn import Learned, learn
from matching.model import Model
from matching.records import prepare
from matching.stages import find_candidates
from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.link import hop as link
from pipelines.link import human_decisions
from pipelines.night import runs
from pipelines.registry import snapshot as snapshots
from pipelines.review import preview
from pipelines.sectors import schema
from pipelines.workspace import atomic_files, run_schema, run_tables


class Trained(NamedTuple):
    """What humans taught."""

    decisions: int
    """Number of records of the last night about which humans said who it is."""
    changes: pl.DataFrame
    """As `matching.learn.Learned.changes`."""
    effects: list[dict[str, Any]]
    """Decisions of the last night's records before and after: `sector, before, after, records`; empty unless asked."""
    tables: dict[str, Any]
    """Content of the proposed weights.json."""


def train(settings: Settings, *, effects: bool) -> Trained:
    """The model that follows from humans' decisions in force about the last night's records; nothing is stored.

    `effects`: also link the night anew with it, which takes as long as a link.
    Errors: BadInput if there is no night with its tables, or no decision that names a person.
    """
    held = runs.with_tables(settings)
    if not held:
        raise BadInput("no_night", "Chưa có đêm nào còn bảng dữ liệu / no night has its tables.")
    run, known = held[0], model.load()
    confirmed = _confirmed(run, known)
    if confirmed is None:
        raise BadInput(
            "nothing_decided",
            "Chưa có quyết định nào «là người này» cho hồ sơ của đêm gần nhất; hãy quyết định bằng sachsong decide "
            "/ nobody has decided who a record of the last night is.",
        )
    learned = learn(confirmed, known)
    instead = known.model_copy(update={"weights": known.weights.model_copy(update={"m": learned.m})})
    told = preview.link_effects(run, instead) if effects else []
    return Trained(confirmed.height, learned.changes, told, _proposed(learned, confirmed.height, run))


def write(trained: Trained, path: Path) -> None:
    """Writes the proposed weights.json; it comes into force in its place, once approved (`sachsong rules propose`)."""
    with atomic_files.atomic(path) as temporary:
        temporary.write_text(json.dumps(trained.tables, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _confirmed(run: Run, known: Model) -> pl.DataFrame | None:
    """Pairs of a record and the person whom a human named, over all sectors with the default model."""
    registry = snapshots.current(run.settings).path
    held = human_decisions.in_force(run.settings)
    found = []
    with run_tables.connect(run, read_only=True) as connection:
        for sector in schema.of_settings(run.settings).values():
            has_records = run_tables.has_table(connection, run_schema.core_table(sector.name))
            if sector.model is None and has_records:
                core = link.core_of(connection, sector)
                verdicts = human_decisions.applied(held, sector.name, core, registry, run.settings).verdicts
                named = verdicts.filter(pl.col("verdict") == "same")
                if named.height:
                    found.append(_pairs(core, named, registry, run.settings, known))
    return pl.concat(found) if found else None


def _pairs(core: pl.DataFrame, named: pl.DataFrame, registry: Path, settings: Settings, known: Model) -> pl.DataFrame:
    rows = named["r"].unique().sort()
    told = named.select(pl.lit(rows).search_sorted(pl.col("r")).cast(pl.Int32).alias("r"), "person_id")
    options = LinkOptions(
        one_record_per_person=False, model=known, threads=settings.threads, memory_mb=settings.memory_mb
    )
    with snapshot.connect(registry, settings.threads, settings.memory_mb, known) as connection:
        looked = find_candidates(connection, prepare(core[rows]), known, options, step=1, also=told)
    columns = [name for field in known.comparison for name in (field.field, f"kind_{field.field}")]
    pairs = pl.concat([looked.pairs, looked.sure]).join(told, on=["r", "person_id"], how="semi")
    return pairs.unique(["r", "p"], keep="first", maintain_order=True).select(columns)


def _proposed(learned: Learned, decisions: int, run: Run) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((model.DIRECTORY / "weights.json").read_text(encoding="utf-8"))
    said = f"{decisions} decisions of humans about records of {run.settings.night}: how wrong values divide"
    return {**tables, "provenance": {**tables["provenance"], "trained_on": said}, "m": learned.m}
