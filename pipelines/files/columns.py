"""Maps a sheet's columns to our names: whole values, values from several columns, and all the rest as `extra`."""

from collections.abc import Callable, Mapping

import polars as pl

from pipelines.files.header.locate import Header
from pipelines.sectors.schema import Column, TableSchema
from vn import sexes

Parts = Mapping[str, pl.Expr]


_NO_MARK = r"(?i)^\s*(0|0\.0|-|không|khong|no|false)\s*$"
"""In a column for one sex: says that it is the other."""


def joined(kind: str, parts: Parts) -> pl.Expr:
    """The value of several columns as one text, as it would stand in one column; null if all parts are."""
    return parts[""] if "" in parts else _BY_KIND[kind](parts)


def sex_of_place(parts: Parts) -> pl.Expr:
    """Nam or Nữ by the column in which something stands; both of them, named as such, if something stands in both."""
    male, female = (_marked(parts[part]) if part in parts else pl.lit(False) for part in ("male", "female"))
    one = pl.when(male & female).then(pl.lit(f"{sexes.MALE}/{sexes.FEMALE}"))
    # A column for one sex only says nothing of the rows without a mark.
    return one.when(male).then(pl.lit(sexes.MALE)).when(female).then(pl.lit(sexes.FEMALE))


def _marked(cell: pl.Expr) -> pl.Expr:
    return cell.is_not_null() & ~cell.str.contains(_NO_MARK).fill_null(False)


def _name(parts: Parts) -> pl.Expr:
    words = [parts[part].str.strip_chars() for part in ("family", "middle", "given") if part in parts]
    text = pl.concat_str(words, separator=" ", ignore_nulls=True)
    return pl.when(text != "").then(text)


def _date(parts: Parts) -> pl.Expr:
    """Day, month and year with strokes between; a part that stands alone as it is, since it may be the whole."""
    if "male" in parts or "female" in parts:
        return pl.coalesce(parts[part] for part in ("male", "female") if part in parts)
    figures = {part: _figure(parts[part]) for part in ("day", "month", "year") if part in parts}
    if set(figures) == {"day", "month", "year"}:
        # Else a day without its month would be read as the month.
        is_month_lost = figures["month"].is_null() & figures["day"].is_not_null() & figures["year"].is_not_null()
        figures["month"] = pl.when(is_month_lost).then(pl.lit("?")).otherwise(figures["month"])
    text = pl.concat_str(list(figures.values()), separator="/", ignore_nulls=True)
    return pl.when(text != "").then(text)


def _figure(cell: pl.Expr) -> pl.Expr:
    bare = cell.str.strip_chars().str.replace(r"\.0+$", "")
    return pl.when(~bare.is_in(["", "0", "00", "-"])).then(bare)


_BY_KIND: dict[str, Callable[[Parts], pl.Expr]] = {"name": _name, "date": _date, "sex": sex_of_place}


def named(rows: pl.DataFrame, header: Header, schema: TableSchema) -> pl.DataFrame:
    """The rows with the columns `source_row`, those of the schema, and `extra`.

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
