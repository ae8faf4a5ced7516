"""Turns a registry file's rows into people: every value standardised, rows that describe nobody rejected."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial

import polars as pl

from pipelines.files.sheet import refused_rows
from pipelines.sectors import foreign
from pipelines.sectors.kinds import names_of
from pipelines.sectors.schema import TableSchema
from vn import dates, ids, names, sexes, territories
from vn.cells import numbered

STATUSES = {
    "alive": "alive",
    "con song": "alive",
    "song": "alive",
    "deceased": "deceased",
    "da mat": "deceased",
    "da chet": "deceased",
    "mat": "deceased",
    "emigrated": "emigrated",
    "thoi quoc tich": "emigrated",
    "xuat canh": "emigrated",
    "dinh cu nuoc ngoai": "emigrated",
    "cancelled": "cancelled",
    "da huy": "cancelled",
    "huy": "cancelled",
}
"""Folded text of the status column → our status."""


def people_of(rows: pl.DataFrame, table: TableSchema, night: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The people that the rows describe, and the rows that describe nobody.

    Shape: a row a person, in the order of `rows`, `source_row` and the columns of a snapshot (docs/architecture.md);
    rejected rows as `pipelines.files.sheet.refused_rows` has them.
    """
    name, father, mother = _names(rows, table)
    born, died = _together(rows, ("date_of_birth", "death_date"), partial(dates.standardise, night=night))
    statuses = _statuses(rows["status"])
    provinces = territories.standardise_provinces(rows["province"])
    is_foreign = _is_foreign(table)
    people = pl.DataFrame(
        {
            "source_row": rows["source_row"],
            "person_id": numbers_of(rows["person_id"], table),
            "full_name": name["full_name"],
            "name_key": name["name_key"],
            "date_of_birth": born["date_of_birth"],
            "birth_year": born["birth_year"].cast(pl.Int16),
            "sex": sexes.standardise(rows["sex"])["sex"],
            "old_ids": _listed(rows["old_ids"], _number if is_foreign else str),
            "other_names": _listed(rows["other_names"], str.title if is_foreign else names.normalise),
            "province_code": provinces,
            "commune_code": territories.standardise_communes(rows["commune"], provinces),
            "status": statuses,
            "death_date": died["date_of_birth"],
            "father_name": father["full_name"],
            "mother_name": mother["full_name"],
            "updated_at": rows["updated_at"],
        }
    )
    faults = {
        no_number(table)[0]: (pl.col("person_id").is_null(), no_number(table)[1]),
        "no_name": (pl.lit(not is_foreign) & pl.col("full_name").is_null(), "Thiếu họ tên / no name."),
        "unknown_status": (pl.col("status").is_null(), "Tình trạng không hiểu được / unknown status."),
    }
    fault = pl.coalesce(pl.when(test).then(pl.lit(code)) for code, (test, _) in faults.items())
    people = people.with_columns(fault.alias("fault"))
    bad = [
        refused_rows(people.filter(pl.col("fault") == code)["source_row"], code, message)
        for code, (_, message) in faults.items()
    ]
    return people.filter(pl.col("fault").is_null()).drop("fault"), pl.concat(bad)


def numbers_of(column: pl.Series, table: TableSchema) -> pl.Series:
    """The persons' numbers; null where there is none."""
    return (foreign.numbers if _is_foreign(table) else ids.standardise)(column)["id_number"].alias(column.name)


def no_number(table: TableSchema) -> tuple[str, str]:
    """Code and message of the rejection of rows without a number."""
    lacking = (
        "Thiếu số / no number." if _is_foreign(table) else "Số định danh không đủ 12 chữ số / not a 12-digit number."
    )
    return "bad_person_id", lacking


def _is_foreign(table: TableSchema) -> bool:
    return table.find("person_id").kind == "foreign_id"


def _names(rows: pl.DataFrame, table: TableSchema) -> Iterable[pl.DataFrame]:
    """Of the person, the father and the mother."""
    columns = [table.find(name) for name in ("full_name", "father_name", "mother_name")]
    if any(column.kind == "foreign_name" for column in columns):
        return [names_of(rows, column) for column in columns]
    return _together(rows, [column.name for column in columns], names.standardise)


def _number(text: str) -> str | None:
    return (foreign.key(text) or "").upper() or None


def _together(
    rows: pl.DataFrame, columns: Sequence[str], standardise: Callable[[pl.Series], pl.DataFrame]
) -> Iterator[pl.DataFrame]:
    """What `standardise` says of each column; asked once for each value, as columns of one kind share them."""
    distinct, places = numbered(pl.concat([rows[column].alias("value") for column in columns]))
    answers = standardise(distinct)
    each = (places.slice(part * rows.height, rows.height) for part in range(len(columns)))
    return (answers.select(pl.all().gather(place)) for place in each)


def _statuses(column: pl.Series) -> pl.Series:
    """Our status words; alive where the file says nothing, null where it says something unknown."""
    distinct = column.drop_nulls().unique()
    known = {text: STATUSES.get(names.fold(text)) for text in distinct}
    return column.fill_null("alive").replace_strict({**known, "alive": "alive"}, return_dtype=pl.String)


def _listed(column: pl.Series, normalise: Callable[[str], str | None]) -> pl.Series:
    """`a;b` → [a, b]; an empty list where there is nothing."""
    filled = column.is_not_null().arg_true()
    split = column.gather(filled).str.split(";")
    cleaned = {text: normalise(text.strip()) or "" for text in split.explode().drop_nulls().unique()}
    listed = split.to_frame("each").select(
        pl.col("each")
        .list.eval(pl.element().replace_strict(cleaned, default="", return_dtype=pl.String))
        .list.eval(pl.element().filter(pl.element() != ""))
    )
    nothing = pl.Series([[]], dtype=pl.List(pl.String))
    places = pl.repeat(filled.len(), column.len(), dtype=pl.UInt32, eager=True).scatter(
        filled, pl.int_range(filled.len(), dtype=pl.UInt32, eager=True)
    )
    return pl.concat([listed.to_series(), nothing]).gather(places)
