"""Draws the night's small random sample for the reviewers, and estimates precision and recall of the links from what
they said of earlier samples.
"""

from typing import Any, TypedDict

import duckdb
import polars as pl

from matching.evaluation.intervals import Share, wilson
from pipelines.config import Run, Settings
from pipelines.report.cleaned import sectors_tonight
from pipelines.workspace import fingerprints, review_samples, run_schema, run_tables

SAMPLE = {"link": 20, "review": 10, "none": 10}
"""Decision of the night → records of it that are drawn: what was linked says how precise the links are, the others what
was missed.
"""
SPARE = 3
"""So many times as many are looked at: what a human has decided already is no sample of the night's own decisions."""


class Estimate(TypedDict):
    """Precision and recall of links made without a human, by a random sample."""

    precision: Share
    """Share of the links that are right, with its 95 % Wilson interval."""
    recall: dict[str, float | None]
    """`share, low, high` of the records whose person is in the registry: those that are linked rightly. The interval is
    conservative: every part of it at its worst and at its best. Null until each part has an answer.
    """
    answered: dict[str, int]
    """Decision of the night → records of its samples that a reviewer has settled."""
    drawn: int
    """Records of tonight's sample."""


def nightly(connection: duckdb.DuckDBPyConnection, run: Run) -> Estimate:
    """The estimate as of this night, once its own sample is drawn; the same when the report is written again."""
    until = review_samples.known_decisions(run.settings, run.run_id)
    drawn = draw(connection, run)
    return estimate(run.settings, weights(connection), drawn, until)


def draw(connection: duckdb.DuckDBPyConnection, run: Run) -> int:
    """The number of records in the run's sample, which is stored; the same tables draw the same records.

    The order is that of a hash of run and record: as good as random, and repeatable.
    """
    until = review_samples.known_decisions(run.settings, run.run_id)
    found = _candidates(connection, run)
    known = review_samples.decided(run.settings, found["content"].to_list(), until)
    fresh = found.filter(~pl.col("content").is_in(sorted(known))).unique(
        ["sector", "content"], keep="first", maintain_order=True
    )
    parts = [fresh.filter(decision=decision).head(size) for decision, size in SAMPLE.items()]
    sample = pl.concat(parts).sort("place").select(list(review_samples.SCHEMA))
    review_samples.record(run.settings, run.run_id, sample, until)
    return sample.height


def estimate(settings: Settings, by_decision: dict[str, int], drawn: int, until: int | None = None) -> Estimate:
    """The estimate from what reviewers said of the last nights' samples.

    `by_decision` weighs what was missed: tonight's records of each decision, duplicates left out. With `until` only
    decisions up to that number count, so that a report that is written again is the same.
    """
    said = review_samples.answered(settings, until)
    counts = {decision: _counts(said, decision) for decision in SAMPLE}
    linked = counts["link"]
    return {
        "precision": wilson(linked["right"], linked["of"]),
        "recall": _recall(counts, by_decision),
        "answered": {decision: each["of"] for decision, each in counts.items()},
        "drawn": drawn,
    }


def weights(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Decision of the night → its records, duplicates left out. `worklist.prepare` must have run."""
    return dict(run_tables.query(connection, _WEIGHTS).iter_rows())


def _counts(said: pl.DataFrame, decision: str) -> dict[str, int]:
    """`of` records that were settled, of them `right` links, and those whose person `exists` in the registry though the
    night did not link it.
    """
    ours = said.filter(decision=decision)
    is_same, is_theirs = pl.col("verdict") == "same", pl.col("said_of").eq_missing(pl.col("person_id"))
    if decision == "link":
        right = ours.filter(is_same & is_theirs).height
        exists = ours.filter(is_same & ~is_theirs).height
        return {"of": ours.height, "right": right, "exists": exists}
    settled = ours.filter(pl.col("verdict").is_in(["same", "nobody"]))
    return {"of": settled.height, "right": 0, "exists": settled.filter(is_same).height}


def _recall(counts: dict[str, dict[str, int]], by_decision: dict[str, int]) -> dict[str, float | None]:
    parts = {decision: records for decision, records in by_decision.items() if records and decision in counts}
    if not parts.get("link") or any(not counts[decision]["of"] for decision in parts):
        return {"share": None, "low": None, "high": None}
    right = wilson(counts["link"]["right"], counts["link"]["of"])
    missed = {decision: wilson(counts[decision]["exists"], counts[decision]["of"]) for decision in parts}
    ends = {"share": ("share", "share"), "low": ("low", "high"), "high": ("high", "low")}
    return {name: _share_found(parts, right[ours], {d: m[theirs] for d, m in missed.items()})
            for name, (ours, theirs) in ends.items()}  # fmt: skip


def _share_found(parts: dict[str, int], right: Any, missed: dict[str, Any]) -> float | None:
    found = parts["link"] * right
    there = found + sum(records * missed[decision] for decision, records in parts.items())
    return round(found / there, 6) if there else None


def _candidates(connection: duckdb.DuckDBPyConnection, run: Run) -> pl.DataFrame:
    """Shape: columns of `review_samples.SCHEMA` and `place`: more of each decision than are drawn, in their order."""
    sizes = pl.DataFrame({"decision": list(SAMPLE), "most": [SPARE * size for size in SAMPLE.values()]})
    connection.register("sample_sizes", sizes.to_arrow())
    connection.execute(_CHOSEN, {"run_id": run.run_id})
    connection.unregister("sample_sizes")
    parts = [
        run_tables.query(
            connection,
            f"SELECT chosen.*, {_content(connection, sector)} AS content "
            f"FROM chosen JOIN {run_schema.core_table(sector)} AS core USING (record_id) WHERE chosen.sector = $sector",
            {"sector": sector},
        )
        for sector in sectors_tonight(connection)
    ]
    empty = pl.DataFrame(schema={**review_samples.SCHEMA, "place": pl.String})
    return pl.concat([empty, *(part.select(empty.columns) for part in parts)]).sort("place")


def _content(connection: duckdb.DuckDBPyConnection, sector: str) -> str:
    there = run_tables.query(connection, f"SELECT * FROM {run_schema.core_table(sector)} LIMIT 0").columns
    return fingerprints.record_sql(there, "core")


_CHOSEN = """
CREATE OR REPLACE TEMP TABLE chosen AS
SELECT links.record_id, links.sector, links.decision, links.person_id,
       md5($run_id || ' ' || links.record_id) AS place
FROM links JOIN sample_sizes USING (decision) WHERE status <> 'duplicate'
QUALIFY row_number() OVER (PARTITION BY decision ORDER BY place, links.record_id) <= most
"""

_WEIGHTS = """
SELECT decision, count(*) AS records FROM links WHERE status <> 'duplicate' GROUP BY decision ORDER BY decision
"""
