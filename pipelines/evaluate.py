"""How right a run's links are, where the truth is known: synthetic or clerically reviewed records."""

from pathlib import Path

import polars as pl

from matching.evaluate import Figures, figures
from pipelines.errors import BadInput

_KEYS = ("sector", "source_file", "source_row")


def evaluate(links: Path, truth: Path) -> Figures:
    """Precision, recall and review with Wilson intervals: over all, by status, by planted error, by kind.

    Shape: `matching.evaluate.figures`; `unjudged` are the links that the truth does not know, `unlinked` the true rows
    (rejected ones) that have no link; the latter count as `none`, with status `rejected`.
    Errors: BadInput if a file or column is missing or no record stands in both files.
    """
    answers = _read(links, (*_KEYS, "person_id", "decision", "status"))
    known = _read(truth, (*_KEYS, "person_id", "errors", "kind")).select(
        *_KEYS,
        "kind",
        truth=pl.when(pl.col("person_id") != "").then("person_id"),
        errors=pl.col("errors").fill_null("").str.split(";").list.eval(pl.element().filter(pl.element() != "")),
    )
    known = known.filter(pl.col("sector").is_in(answers["sector"].unique().implode()))
    both = known.join(answers, on=_KEYS, how="inner", maintain_order="left")
    if both.is_empty():
        raise BadInput(
            "truth_of_others",
            f"«{truth.name}» không nói về bản ghi nào trong «{links.name}»; hãy chọn tệp sự thật của đúng các tệp đã "
            "đối chiếu / the truth file is about other records.",
        )
    unlinked = known.join(answers, on=_KEYS, how="anti").with_columns(
        person_id=pl.lit(None, dtype=pl.String), decision=pl.lit("none"), status=pl.lit("rejected")
    )
    unjudged = answers.height - both.height
    judged = pl.concat([both, unlinked.select(both.columns)])
    return {**figures(judged), "unjudged": unjudged, "unlinked": unlinked.height}


def _read(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    try:
        parquet = path.suffix == ".parquet"
        frame = pl.read_parquet(path) if parquet else pl.read_csv(path, infer_schema=False, encoding="utf8")
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise BadInput("unreadable", f"Không đọc được «{path.name}» / cannot read the file.") from fault
    if lacking := [name for name in columns if name not in frame.columns]:
        raise BadInput(
            "missing_column", f"«{path.name}» thiếu cột {', '.join(lacking)} / the file lacks these columns."
        )
    return frame.select(pl.col(name).cast(pl.String) for name in columns).with_columns(
        pl.col("source_row").cast(pl.Int32, strict=False)
    )
