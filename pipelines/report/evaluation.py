"""Evaluates a run's links where the truth is known: synthetic or clerically reviewed records."""

from pathlib import Path

import polars as pl

from matching.evaluation.calibration import Calibration
from matching.evaluation.figures import Figures, figures
from pipelines.errors import BadInput
from pipelines.report.charts.calibration import chart
from pipelines.workspace import atomic_files

_ROW = ("sector", "source_file", "source_row")
_ANSWER = ("person_id", "decision", "status", "probability", "weight")
_TYPES = {"source_row": pl.Int32, "probability": pl.Float64, "weight": pl.Float64}
"""Of the columns that are not text."""


def evaluate(links: Path, truth: Path) -> Figures:
    """Precision, recall, calibration and ranking with Wilson intervals: over all, by sector, status, error, kind.

    A true row is found by sector, file and row, and by `sheet` where the truth names one.
    Shape: `matching.evaluation.figures.figures`; `unjudged` are the links that the truth does not know, `unlinked` the
    true rows (rejected ones) that have no link; the latter count as `none`, with status `rejected`.
    Errors: BadInput if a file or column is missing, no record stands in both files, or a row meets several.
    """
    answers = _answers(links)
    known = _truth(truth).filter(pl.col("sector").is_in(answers["sector"].unique().implode()))
    both = _joined(known, answers)
    if both.is_empty():
        raise BadInput(
            "truth_of_others",
            f"«{truth.name}» không nói về hồ sơ nào trong «{links.name}»; hãy chọn tệp đáp án của đúng các tệp đã "
            "đối chiếu / the truth file is about other records.",
        )
    _refuse_doubles(both, truth)
    unlinked = known.join(both, on="fact", how="anti").with_columns(decision=pl.lit("none"), status=pl.lit("rejected"))
    judged = pl.concat([both, unlinked], how="diagonal")
    return {**figures(judged), "unjudged": answers.height - both.height, "unlinked": unlinked.height}


def _answers(links: Path) -> pl.DataFrame:
    """The links; `held` says why a human is asked, where `reviews.parquet` lies beside them."""
    answers = _read(links, (*_ROW, *_ANSWER), optional=("sheet", "record_id"))
    reviews = links.with_name("reviews.parquet")
    if not reviews.is_file():
        return answers.drop("record_id").with_columns(held=pl.lit(None, dtype=pl.String))
    return answers.join(
        _read(reviews, ("sector", "record_id", "held")), on=("sector", "record_id"), how="left", maintain_order="left"
    ).drop("record_id")


def draw(measured: Calibration, path: Path) -> None:
    """Writes the calibration as a picture. Errors: BadInput if the file's name does not end in .svg."""
    if path.suffix.lower() != ".svg":
        raise BadInput("bad_chart", f"«{path.name}» phải có đuôi .svg / the chart is an SVG file.")
    with atomic_files.atomic(path) as temporary:
        temporary.write_text(chart(measured), encoding="utf-8")


def _truth(path: Path) -> pl.DataFrame:
    """The true rows, numbered (`fact`); `in_sheet` is null where the truth does not say which sheet."""
    known = _read(path, (*_ROW, "person_id", "errors", "kind"), optional=("sheet",))
    return known.with_row_index("fact").select(
        "fact",
        *_ROW,
        "kind",
        in_sheet=pl.when(pl.col("sheet") != "").then("sheet"),
        truth=pl.when(pl.col("person_id") != "").then("person_id"),
        errors=pl.col("errors").fill_null("").str.split(";").list.eval(pl.element().filter(pl.element() != "")),
    )


def _joined(known: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """The true rows with their answers, in the truth's order."""
    answers = answers.with_row_index("answer")
    together = known.join(answers, on=_ROW, how="inner", maintain_order="left_right")
    same_sheet = pl.col("in_sheet").is_null() | (pl.col("in_sheet") == pl.col("sheet"))
    return together.filter(same_sheet).drop("sheet")


def _refuse_doubles(both: pl.DataFrame, truth: Path) -> None:
    """A row of several sheets, or one that the truth names twice, would be counted more than once."""
    if both["fact"].is_duplicated().any():
        raise BadInput(
            "truth_without_sheet",
            f"«{truth.name}» không nói rõ trang tính của tệp có nhiều trang; hãy thêm cột «sheet» "
            "/ rows of several sheets meet one row of the truth: add the column «sheet».",
        )
    if both["answer"].is_duplicated().any():
        raise BadInput(
            "truth_twice", f"«{truth.name}» nói hai lần về cùng một dòng / the truth names a row more than once."
        )


def _read(path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> pl.DataFrame:
    if not path.is_file():
        raise BadInput("no_such_file", f"Không có tệp «{path}» / no such file.")
    try:
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path.absolute(), glob=False)
        else:
            frame = pl.read_csv(path.absolute(), infer_schema=False, encoding="utf8", glob=False)
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise BadInput("unreadable", f"Không đọc được «{path.name}» / cannot read the file.") from fault
    if lacking := [name for name in columns if name not in frame.columns]:
        raise BadInput(
            "missing_column", f"«{path.name}» thiếu cột {', '.join(lacking)} / the file lacks these columns."
        )
    frame = frame.with_columns(
        pl.lit(None, dtype=pl.String).alias(name) for name in optional if name not in frame.columns
    )
    return frame.select(pl.col(name).cast(_TYPES.get(name, pl.String), strict=False) for name in (*columns, *optional))
