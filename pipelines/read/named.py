"""A sheet's columns under our names: whole values, values from several columns, and all the rest as `extra`."""

from collections.abc import Mapping

import polars as pl

from pipelines.read.headers import Header
from pipelines.read.joined import joined, sex_of_place
from pipelines.sectors.schema import Column, TableSchema


def named(rows: pl.DataFrame, header: Header, schema: TableSchema) -> pl.DataFrame:
    """The rows as `source_row`, the schema's columns, and `extra`.

    Shape: all text; a column that the file has not is null. `extra` is JSON of header → cell, filled cells only, of the
    columns that we do not know and of those that are parts of a value; null if there are none.
    """
    columns = [_value(column, header, schema).alias(column.name) for column in schema.column]
    return rows.select("source_row", *columns, _extra(header).alias("extra"))


def _value(column: Column, header: Header, schema: TableSchema) -> pl.Expr:
    sources = _cells(header.sources(column.name))
    if sources:
        return joined(column.kind, sources)
    if column.kind == "sex":
        for other in schema.column:
            by_sex = _cells(header.sources(other.name))
            if other.kind == "date" and other.required and {"male", "female"} & set(by_sex):
                return sex_of_place(by_sex)
    return pl.lit(None, pl.String)


def _cells(sources: Mapping[str, int]) -> dict[str, pl.Expr]:
    return {part: pl.col(f"c{at}") for part, at in sources.items()}


def _extra(header: Header) -> pl.Expr:
    kept = [at for at in range(header.width) if at not in header.meanings or header.meanings[at].part]
    if not kept:
        return pl.lit(None, pl.String)
    texts = [header.labels[at] for at in kept]
    # Two columns may share a header: the position tells them apart.
    labels = [text if texts.count(text) == 1 else f"{text} ({at + 1})" for at, text in zip(kept, texts, strict=True)]
    cells = [_as_json(f"c{at}", label) for at, label in zip(kept, labels, strict=True)]
    whole = pl.concat_str(cells, separator=",", ignore_nulls=True)
    return pl.when(whole != "").then(pl.lit("{") + whole + pl.lit("}"))


def _as_json(column: str, label: str) -> pl.Expr:
    """`"label":"cell"`, null for an empty cell."""
    pair = pl.struct(pl.col(column).alias(label)).struct.json_encode()
    return pl.when(pl.col(column).is_not_null()).then(pair.str.strip_prefix("{").str.strip_suffix("}"))
