"""Tells a night's hops as OpenLineage events: what each read and wrote, for catalogues that read this standard.

Source: OpenLineage specification 2-0-2, RunEvent; facets outputStatistics 1-0-2 and parent 1-0-1. No output has a clock
reading, so every event's time is the night's beginning; identifiers follow from the run.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from importlib.metadata import version
from typing import Any

import polars as pl

from pipelines.config import TIME_ZONE, Run

PRODUCER = "https://sachsong.example/pipelines"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_STATISTICS = "https://openlineage.io/spec/facets/1-0-2/OutputStatisticsOutputDatasetFacet.json"
_PARENT = "https://openlineage.io/spec/facets/1-0-1/ParentRunFacet.json"
NAMESPACE = "sachsong"

WAY: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "read": (("inbox",), ("raw", "files", "rejected")),
    "standardise": (("raw",), ("core",)),
    "check": (("core",), ("issues",)),
    "link": (("core", "registry"), ("links",)),
    "verify": (("links", "core", "registry"), ("verifications",)),
    "live": (("core", "links", "verifications"), ("issues",)),
    "report": (("core", "links", "verifications", "issues", "files", "rejected"), ("cleaned", "scores", "cards")),
}
"""Hop → names of what it reads and writes; `inbox` stands for each file, `raw`, `core`, `cleaned` for each sector."""


def events(run: Run, files: pl.DataFrame, counts: Mapping[str, int]) -> str:
    """The events as JSON, a START and a COMPLETE for each hop. `counts`: name of a Parquet file → its rows."""
    told = list(_events(run, files, counts))
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _events(run: Run, files: pl.DataFrame, counts: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    night = run.settings.night
    moment = f"{night.isoformat()}T00:00:00{_offset(run)}"
    arrived = files.filter(pl.col("arrived_sha256").is_not_null())
    seed = "|".join([run.run_id, *arrived["arrived_sha256"].sort().to_list()])
    sectors = sorted(name.removeprefix("cleaned_") for name in counts if name.startswith("cleaned_"))
    inbox = sorted(set(arrived.select(pl.concat_str("sector", "arrived_as", separator="/")).to_series()))
    parent = {
        "_producer": PRODUCER,
        "_schemaURL": _PARENT,
        "run": {"runId": _identifier(seed, "nightly")},
        "job": {"namespace": NAMESPACE, "name": "nightly"},
    }
    for hop, (reads, writes) in WAY.items():
        said: dict[str, Any] = {
            "eventTime": moment,
            "producer": f"{PRODUCER}/{version('sachsong')}",
            "schemaURL": SCHEMA,
            "run": {"runId": _identifier(seed, hop), "facets": {"parent": parent}},
            "job": {"namespace": NAMESPACE, "name": f"nightly.{hop}"},
            "inputs": [_dataset(run, name) for each in reads for name in _named(each, sectors, inbox)],
        }
        outputs = [_written(run, name, counts) for each in writes for name in _named(each, sectors, inbox)]
        yield {
            **said,
            "eventType": "START",
            "outputs": [{k: each[k] for k in ("namespace", "name")} for each in outputs],
        }
        yield {**said, "eventType": "COMPLETE", "outputs": outputs}


def _offset(run: Run) -> str:
    shown = datetime.combine(run.settings.night, time(), TIME_ZONE).strftime("%z")
    return f"{shown[:3]}:{shown[3:]}"


def _identifier(seed: str, job: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{PRODUCER}/{seed}/{job}"))


def _named(name: str, sectors: Sequence[str], inbox: Sequence[str]) -> list[str]:
    if name == "inbox":
        return [f"inbox/{file}" for file in inbox]
    if name in ("raw", "core"):
        return [f"{name}_{sector}" for sector in sectors]
    if name == "cleaned":
        return [f"cleaned/{sector}.parquet" for sector in sectors]
    return ["registry"] if name == "registry" else [f"{name}.parquet"]


def _dataset(run: Run, name: str) -> dict[str, Any]:
    is_shared = name.startswith("inbox/") or name == "registry"
    return {"namespace": NAMESPACE, "name": name if is_shared else f"{run.run_id}/{name}"}


def _written(run: Run, name: str, counts: Mapping[str, int]) -> dict[str, Any]:
    rows = counts.get(name.removesuffix(".parquet").replace("/", "_"))
    if rows is None:
        return _dataset(run, name)
    facet = {"_producer": PRODUCER, "_schemaURL": _STATISTICS, "rowCount": rows}
    return {**_dataset(run, name), "outputFacets": {"outputStatistics": facet}}
