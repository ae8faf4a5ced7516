"""Explains a few records: why each was linked, sent to review, or found nobody."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from matching.explanation.corrections import NEAREST, corrections
from matching.explanation.model import Explanation, Second, Sentence, Step, Value
from matching.explanation.rules import rules
from matching.explanation.values import values
from matching.explanation.words import of_level, percent, sentence, size, title, words
from matching.model import Model
from matching.records import prepare
from matching.stages import LinkOptions, candidates

Row = Mapping[str, Any]

TOLD_FROM = 0.001
"""Least probability of a relative that is worth a sentence."""


def explain(
    records: pl.DataFrame, links: pl.DataFrame, registry: Path, options: LinkOptions, *, correct: bool = True
) -> list[Explanation]:
    """One explanation a record, in the order of `records`.

    Shape: `records` are rows of a core table, `links` what the night said of them (matched by `record_id`);
    `options.habits` are the night's.
    `correct` also asks which single correction would have linked those that were not: a second link, of a dozen trials
    a record.
    """
    scored = candidates(records, registry, options)
    people = _people(registry, scored)
    said = {row["record_id"]: row for row in links.to_dicts()}
    asked = [said[record_id] for record_id in records["record_id"]]
    found = [_own_first(part, link) for part, link in zip(_by_record(scored, records.height), asked, strict=True)]
    nearest = {
        link["record_id"]: [people[row["person_id"]] for row in rows[:NEAREST]]
        for link, rows in zip(asked, found, strict=True)
        if rows and link["decision"] != "link"
    }
    mends = corrections(records, nearest, registry, options) if correct else {}
    own = prepare(records).to_dicts()
    return [
        explained(
            link, rows, values(row, people[rows[0]["person_id"]] if rows else None), mends.get(key), options.model
        )
        for key, link, rows, row in zip(records["record_id"], asked, found, own, strict=True)
    ]


def explained(
    link: Row, rows: Sequence[Row], shown: tuple[Value, ...], mends: tuple[str, ...] | None, model: Model
) -> Explanation:
    """The explanation of a record's link from its rows of `matching.stages.candidates`, the proposed person first."""
    first, second = (rows[0] if rows else None), (rows[1] if len(rows) > 1 else None)
    margin = first["weight"] - (second["weight"] if second else 0.0) if first else 0.0
    told = [*_standing(rows, margin), *rules(link, rows, margin, model), *_mending(mends)]
    return Explanation(
        **{name: link[name] for name in ("record_id", "sector", "source_file", "sheet", "source_row")},
        **{name: link[name] for name in ("decision", "status", "reason")},
        candidates=len(rows),
        values=shown,
        steps=steps(first, model) if first else (),
        weight=first["weight"] if first else None,
        probability=first["probability"] if first else None,
        relatives=_relatives(rows),
        nobody=_nobody(rows),
        second=Second(weight=second["weight"], probability=second["probability"]) if second else None,
        others=tuple(Second(weight=row["weight"], probability=row["probability"]) for row in rows[1:]),
        margin=round(margin, 6) if first else None,
        recorded_weight=link["weight"],
        corrections=mends,
        sentences=tuple(told),
    )


def steps(row: Row, model: Model) -> tuple[Step, ...]:
    """The waterfall of one candidate: the prior, then each field's weight; the last total is the candidate's weight."""
    fields = {comparison.field: row[f"bits_{comparison.field}"] for comparison in model.comparison}
    prior = words().label["prior"]
    said = [("prior", row["weight"] - math.fsum(fields.values()), prior.vi, prior.en)]
    for comparison in model.comparison:
        level = comparison.level[row[comparison.field]]
        phrase = of_level(comparison.field, level)
        said.append((comparison.field, fields[comparison.field], phrase.vi, phrase.en))
    whole = sum(abs(bits) for _, bits, _, _ in said) or 1.0
    waterfall, total = [], 0.0
    for field, bits, vi, en in said:
        total += bits
        called = title(field)
        waterfall.append(
            Step(
                field=field,
                title_vi=called.vi,
                title_en=called.en,
                said_vi=vi,
                said_en=en,
                bits=round(bits, 6),
                total=round(total, 6),
                share=round(abs(bits) / whole, 6),
            )
        )
    return tuple(waterfall)


def _standing(rows: Sequence[Row], margin: float) -> list[Sentence]:
    """How the nearest candidate stands against the others and against nobody."""
    if not rows:
        return []
    told = [
        sentence(
            "compared",
            count=str(len(rows)),
            weight=size(rows[0]["weight"]),
            probability=percent(rows[0]["probability"]),
            nobody=percent(_nobody(rows)),
        )
    ]
    if _relatives(rows) >= TOLD_FROM:
        told.append(sentence("relatives", probability=percent(_relatives(rows))))
    if len(rows) == 1:
        return [*told, sentence("alone", margin=size(margin))]
    return [
        *told,
        sentence(
            "second" if margin >= 0 else "second_ahead",
            weight=size(rows[1]["weight"]),
            probability=percent(rows[1]["probability"]),
            margin=size(abs(margin)),
        ),
    ]


def _mending(mends: tuple[str, ...] | None) -> list[Sentence]:
    if mends is None:
        return []
    titles = [title(field) for field in mends]
    vi, en = ", ".join(said.vi.lower() for said in titles), ", ".join(said.en for said in titles)
    said = sentence("one_correction", holds=bool(mends), fields=vi, fields_en=en)
    return [said.model_copy(update={"holds": None})]


def _relatives(rows: Sequence[Row]) -> float:
    believed = [value for row in rows for name, value in row.items() if name.startswith("belief_")]
    return round(float(sum(believed)), 6)


def _nobody(rows: Sequence[Row]) -> float:
    known = float(sum(row["probability"] for row in rows))
    return round(max(0.0, 1.0 - known - _relatives(rows)), 6)


def _by_record(scored: pl.DataFrame, count: int) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = [[] for _ in range(count)]
    for row in scored.to_dicts():
        found[row["r"]].append(row)
    return found


def _own_first(rows: list[dict[str, Any]], link: Row) -> list[dict[str, Any]]:
    """The candidates with the person of the link first: a rule may have preferred them to a heavier one."""
    return sorted(rows, key=lambda row: row["person_id"] != link["person_id"]) if link["person_id"] else rows


def _people(registry: Path, scored: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """The nearest candidates as the snapshot has them, by person_id."""
    wanted = scored["person_id"].unique().sort()
    # As a list: Polars then reads other columns only of rows that fit.
    found = pl.scan_parquet(registry, glob=False).filter(pl.col("person_id").is_in(wanted.to_list())).collect()
    return {row["person_id"]: row for row in found.to_dicts()}
