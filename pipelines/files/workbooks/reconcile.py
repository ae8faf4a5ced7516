"""Reconciles what the two readers found: compares their cells, and puts back what one of them lost."""

from collections.abc import Callable, Collection

import polars as pl

from pipelines.files.workbooks.survey import LAST_COLUMN, Places, Survey

ROW_LIMIT_BYTES = 1_000_000
"""Most bytes of a row; a longer one is rejected, as in text files."""

_ROW = pl.col("source_row")


def agreed(seen: pl.DataFrame, before: int, survey: Survey, look: Callable[[Collection[int]], Places]) -> pl.DataFrame:
    """The sheet's rows that hold something, as both readers see them.

    `seen`: the first reader's cells from row 1 on, blank ones null; `before` columns of the sheet stand before them.
    `look`: what the second reader finds in rows where the two differ.
    Shape: `source_row`, `fault` (null, `cells_disagree` or `row_too_long`: then no cells), `c0 …` from column A on.
    """
    cells = _from_column_a(seen, before, survey)
    if cells.width == 1:
        return cells.clear().with_columns(pl.lit(None, pl.String).alias("fault"))
    differing = _differing(cells, survey)
    puts = pl.DataFrame({"at": list(survey.shown_at), "text": survey.shown}, schema={"at": pl.Int64, "text": pl.String})
    faulty = pl.Series([], dtype=pl.Int32)
    if len(differing):
        lost, faulty = _looked_up(cells, differing, look(frozenset(differing.to_list())))
        puts = pl.concat([puts, lost])
    return _marked(_put(cells, puts), faulty)


def _from_column_a(seen: pl.DataFrame, before: int, survey: Survey) -> pl.DataFrame:
    """With the columns that the first reader left out before its first and behind its last, and the rows below."""
    width = max([before + seen.width if seen.width else 0, *survey.columns])
    rows = pl.int_range(1, max([seen.height, *survey.rows]) + 1, dtype=pl.Int32, eager=True).alias("source_row")
    named = seen.rename({name: f"c{before + at}" for at, name in enumerate(seen.columns)})
    if rows.len() > seen.height:
        named = pl.concat([named, named.clear(rows.len() - seen.height)])
    known = set(named.columns)
    nothing = pl.lit(None, pl.String)
    names = [f"c{at}" for at in range(width)]
    return named.select(rows, *(pl.col(name) if name in known else nothing.alias(name) for name in names))


def _differing(cells: pl.DataFrame, survey: Survey) -> pl.Series:
    """Rows in which the two readers do not see equally many cells; all rows, if only the columns differ."""
    texts = cells.drop("source_row")
    surveyed = (
        pl.DataFrame(
            {"source_row": list(survey.rows), "surveyed": list(survey.counts)},
            schema_overrides={"source_row": pl.Int32},
        )
        .group_by("source_row")
        .agg(pl.col("surveyed").sum())
    )
    counted = cells.select(_ROW, pl.sum_horizontal(pl.col(texts.columns).is_not_null()).alias("counted"))
    rows = counted.join(surveyed, on="source_row", how="left", maintain_order="left")
    differing = rows.filter(pl.col("counted") != pl.col("surveyed").fill_null(0))["source_row"]
    columns = texts.select(pl.all().count()).row(0) if texts.width else ()
    if differing.is_empty() and any(survey.columns.get(at, 0) != count for at, count in enumerate(columns, start=1)):
        return rows.filter(pl.col("counted") > 0)["source_row"]
    return differing


def _looked_up(cells: pl.DataFrame, differing: pl.Series, places: Places) -> tuple[pl.DataFrame, pl.Series]:
    """Texts that the first reader lost, by place; and the rows in which the readers cannot be reconciled."""
    found = pl.DataFrame(
        {"at": list(places), "text": [texts[0] for texts in places.values()], "times": list(map(len, places.values()))},
        schema={"at": pl.Int64, "text": pl.String, "times": pl.Int64},
    )
    seen = (
        cells.filter(_ROW.is_in(differing.implode()))
        .unpivot(index="source_row")
        .drop_nulls("value")
        .select(_ROW.cast(pl.Int64) * LAST_COLUMN + pl.col("variable").str.slice(1).cast(pl.Int64).alias("column"))
        .to_series()
        .alias("at")
        .to_frame()
    )
    lost = found.join(seen, on="at", how="anti", maintain_order="left")
    faulty = pl.concat(
        [
            found.filter(pl.col("times") > 1)["at"],
            lost.filter(pl.col("text").is_null())["at"],
            seen.join(found, on="at", how="anti", maintain_order="left")["at"],
        ]
    )
    return lost.select("at", "text").drop_nulls(), (faulty // LAST_COLUMN).cast(pl.Int32).unique().sort()


def _put(cells: pl.DataFrame, puts: pl.DataFrame) -> pl.DataFrame:
    """The cells with these texts in their places."""
    by_column = puts.with_columns(
        (pl.col("at") // LAST_COLUMN - 1).alias("index"), (pl.col("at") % LAST_COLUMN).alias("column")
    ).partition_by("column", as_dict=True, maintain_order=True)
    changed = [
        cells[f"c{column}"].scatter(texts["index"], texts["text"]) for (column,), texts in sorted(by_column.items())
    ]
    return cells.with_columns(changed)


def _marked(cells: pl.DataFrame, faulty: pl.Series) -> pl.DataFrame:
    texts = pl.col(cells.columns[1:])
    rows = cells.with_columns(
        pl.when(_ROW.is_in(faulty.implode()))
        .then(pl.lit("cells_disagree"))
        .when(pl.sum_horizontal(texts.str.len_bytes()) > ROW_LIMIT_BYTES)
        .then(pl.lit("row_too_long"))
        .alias("fault")
    )
    filled = pl.any_horizontal(pl.col("fault").is_not_null(), texts.is_not_null())
    return rows.filter(filled).select(_ROW, "fault", pl.when(pl.col("fault").is_null()).then(texts))
