"""Estimates from a sample that was checked by hand how many of the night's decisions are right, with an interval."""

from pathlib import Path
from typing import Any

import polars as pl

from matching.evaluation.intervals import wilson
from pipelines.errors import BadInput

NEEDED = ("sector", "status", "stratum_records", "stratum_drawn", "decision", "dung_sai")
RIGHT, WRONG, UNKNOWN = (
    ("đúng", "dung", "1", "x", "right"),
    ("sai", "0", "wrong"),
    ("không rõ", "khong ro", "?", "unknown"),
)


def estimate(file: Path) -> dict[str, Any]:
    """The share of right decisions, over all records and for each decision.

    Shape: `checked, unknown, empty` (rows), `all` and `by_decision`, each with `share, low, high` (95 %), `checked`,
    `right` and `effective`, the number of equally weighted records that would tell as much.
    Source: weights are stratum_records / checked of the stratum; the interval is Wilson's with Kish's effective number.
    Errors: BadInput if it is no such table, or an answer is none; each row is named.
    """
    rows = _answered(file)
    checked = rows.filter(pl.col("is_right").is_not_null())
    if checked.is_empty():
        raise BadInput(
            "nothing_checked", f"«{file.name}»: chưa dòng nào có kết quả ở cột dung_sai / nothing is filled in."
        )
    strata = ["sector", "status"]
    weighed = checked.with_columns((pl.col("stratum_records") / pl.len().over(strata)).alias("weight"))
    return {
        "checked": checked.height,
        "unknown": rows.filter(pl.col("is_unknown")).height,
        "empty": rows.height - checked.height - rows.filter(pl.col("is_unknown")).height,
        "all": _share(weighed),
        "by_decision": {
            decision: _share(weighed.filter(pl.col("decision") == decision))
            for decision in weighed["decision"].unique().sort()
        },
    }


def _share(weighed: pl.DataFrame) -> dict[str, float | int | None]:
    weights, right = weighed["weight"], weighed["is_right"].cast(pl.Float64)
    share = float((weights * right).sum()) / float(weights.sum())
    effective = float(weights.sum()) ** 2 / float((weights**2).sum())
    # Whole numbers in, since Wilson's interval counts: the effective number is rounded down, which only widens it.
    of = max(1, int(effective))
    interval = wilson(round(share * of), of)
    return {
        "share": round(share, 6),
        "low": min(interval["low"] or 0.0, round(share, 6)),
        "high": max(interval["high"] or 0.0, round(share, 6)),
        "checked": weighed.height,
        "right": int(right.sum()),
        "effective": of,
    }


def _answered(file: Path) -> pl.DataFrame:
    try:
        rows = pl.read_csv(file.read_bytes(), infer_schema=False, separator=_separator(file))
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise BadInput("bad_file", f"Không đọc được «{file}» (CSV, UTF-8) / cannot be read as CSV.") from fault
    if lacking := [name for name in NEEDED if name not in rows.columns]:
        raise BadInput("bad_file", f"«{file}» thiếu cột {', '.join(lacking)} / the table lacks columns.")
    said = pl.col("dung_sai").fill_null("").str.strip_chars().str.to_lowercase()
    told = rows.with_row_index("row", offset=2).with_columns(
        pl.when(said.is_in(RIGHT)).then(True).when(said.is_in(WRONG)).then(False).alias("is_right"),
        said.is_in(UNKNOWN).alias("is_unknown"),
        pl.col("stratum_records").cast(pl.Int64, strict=False),
        (said == "").alias("is_empty"),
    )
    odd = told.filter(
        pl.col("stratum_records").is_null()
        | ~(pl.col("is_right").is_not_null() | pl.col("is_unknown") | pl.col("is_empty"))
    )["row"]
    if odd.len():
        rows_at_fault = ", ".join(map(str, odd.head(20)))
        raise BadInput(
            "bad_answers",
            f"«{file.name}»: cột dung_sai chỉ ghi đúng, sai hoặc không rõ; xem dòng {rows_at_fault} "
            "/ only these three answers are known.",
        )
    return told


def _separator(file: Path) -> str:
    """A spreadsheet of a country with decimal commas writes semicolons."""
    with file.open(encoding="utf-8-sig", errors="replace") as opened:
        first = opened.readline()
    return max(",;\t", key=first.count)
