"""Judged records as a person would say them."""

import polars as pl

SCHEMA = {
    "sector": pl.String, "decision": pl.String, "status": pl.String, "person_id": pl.String, "truth": pl.String,
    "errors": pl.List(pl.String), "kind": pl.String, "probability": pl.Float64, "weight": pl.Float64, "held": pl.String,
}  # fmt: skip


def record(
    decision: str, person_id: str | None, truth: str | None, probability: float | None = 1.0, **more: object
) -> dict[str, object]:
    """One record; a student with no planted error unless `more` says so."""
    row: dict[str, object] = {
        "sector": "students",
        "status": "agreed",
        "errors": [],
        "kind": "exact",
        "weight": 20.0,
        "held": None,
    }
    return row | {"decision": decision, "person_id": person_id, "truth": truth, "probability": probability} | more


def judged(*records: dict[str, object]) -> pl.DataFrame:
    """The records with `right`, as `evaluate.figures` hands them on."""
    right = (pl.col("person_id") == pl.col("truth")).fill_null(False)
    return pl.DataFrame(list(records), schema=SCHEMA).with_columns(right=right)
