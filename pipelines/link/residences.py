"""Compares a linked record's place with the person's residence: the same, another, or one of before the mergers. What
the registry holds is not kept; only what follows for the record's own cells is.
"""

from pathlib import Path

import duckdb
import polars as pl

from matching import duckdb_path
from pipelines.workspace import run_schema, run_tables
from vn import encodings, territories

_DECLARED = run_schema.BY_NAME[run_schema.RESIDENCES].schema
SCHEMA = {name: _DECLARED[name] for name in _DECLARED if name != "record_id"}
"""Columns `same`, `other`, `old` (the same place by its name or code before 01/07/2025), null where nothing can be
compared.
"""


def keep(connection: duckdb.DuckDBPyConnection, sectors: list[str], snapshot: Path) -> None:
    """Writes `residences`: `record_id` and the columns of SCHEMA, a row for each record linked to somebody alive.

    The province is compared where a cell of its own says it, else where the address ends with it; the commune where
    the province does not already differ. An old commune that was split is none but those that it went into.
    """
    parts = " UNION ALL ".join(_cells(connection, run_schema.core_table(sector)) for sector in sectors)
    connection.execute(_COMPARED.format(cells=parts, people=duckdb_path.rows(connection, snapshot)))
    distinct = run_tables.query(connection, "SELECT DISTINCT * EXCLUDE (record_id) FROM compared")
    judged = pl.concat([distinct, judge(distinct)], how="horizontal").to_arrow()
    connection.register("judged", judged)
    same = " AND ".join(f"compared.{name} IS NOT DISTINCT FROM judged.{name}" for name in distinct.columns)
    connection.execute(
        f"CREATE OR REPLACE TABLE {run_schema.RESIDENCES} AS SELECT record_id, {', '.join(SCHEMA)} "
        f"FROM compared JOIN judged ON {same} ORDER BY record_id"
    )
    connection.unregister("judged")
    connection.execute("DROP TABLE compared")


def judge(cells: pl.DataFrame) -> pl.DataFrame:
    """The columns of SCHEMA for each row of cells and codes.

    Shape: `province_cell, commune_cell, address_end` (as the department wrote them)`, province_code, commune_code` (as
    they were read)`, province, commune` (the person's); same rows, same order.
    """
    text = {name: encodings.repair(cells[name])["text"] for name in ("province_cell", "commune_cell", "address_end")}
    own = territories.standardise_provinces(text["province_cell"])
    frame = cells.with_columns(
        own=own,
        province=pl.coalesce("province", _province_of("commune")),
        own_is_former=territories.former_provinces(text["province_cell"]),
        end_is_former=territories.former_provinces(text["address_end"]),
        **_meant(text["commune_cell"], own),
    )
    province = _compared("own", "own_is_former")
    end = pl.when(pl.col("own").is_null() & pl.col("commune_code").is_null()).then("province_code")
    return frame.with_columns(province_registry=province, end=end).select(
        "province_registry",
        pl.when((pl.col("province_registry") != "other").fill_null(True)).then(_commune()).alias("commune_registry"),
        _compared("end", "end_is_former").alias("address_registry"),
    )


def _meant(cells: pl.Series, own: pl.Series) -> dict[str, pl.Series]:
    """The communes that each cell means today and meant before, the province known."""
    asked = pl.DataFrame({"cell": cells, "own": own})
    pairs = asked.unique()
    meant = [territories.communes_meant(cell, province) for cell, province in pairs.iter_rows()]
    names, kind = ("today", "before"), pl.List(pl.String)
    told = pairs.with_columns(
        pl.Series(name, [each[at] for each in meant], dtype=kind) for at, name in enumerate(names)
    )
    found = asked.join(told, on=["cell", "own"], how="left", nulls_equal=True, maintain_order="left")
    return {name: found[name] for name in names}


def _compared(said: str, former: str) -> pl.Expr:
    """What the record's province is beside the person's."""
    return (
        pl.when(pl.col(said).is_null() | pl.col("province").is_null()).then(None)
        .when(pl.col(said) != pl.col("province")).then(pl.lit("other"))
        .when(former).then(pl.lit("old"))
        .otherwise(pl.lit("same"))
    )  # fmt: skip


def _commune() -> pl.Expr:
    """What the record's commune is beside the person's; of a person without one its province is asked."""
    code, theirs = pl.col("commune_code"), pl.col("commune")
    elsewhere = code.is_not_null() & (_province_of("commune_code") != pl.col("province"))
    return (
        pl.when(theirs.is_null()).then(pl.when(elsewhere).then(pl.lit("other")))
        .when(pl.col("today").list.contains(theirs)).then(pl.lit("same"))
        .when(pl.col("before").list.contains(theirs)).then(pl.lit("old"))
        .when(code == theirs).then(pl.lit("same"))
        .when(code.is_not_null()).then(pl.lit("other"))
    )  # fmt: skip


def _province_of(commune: str) -> pl.Expr:
    today = territories.communes().filter(pl.col("valid_to").is_null())
    return pl.col(commune).replace_strict(today["code"], today["parent"], default=None, return_dtype=pl.String)


def _cells(connection: duckdb.DuckDBPyConnection, core: str) -> str:
    """The query of what a sector's records say of their place; a cell that the sector does not have is null."""
    held = run_tables.query(connection, f"SELECT * FROM {core} LIMIT 0").columns
    said = {
        name: f"nullif(trim({name}_raw), '')" if f"{name}_raw" in held else "NULL::VARCHAR"
        for name in ("province_code", "commune_code", "address")
    }
    return _CELLS.format(core=core, **said)


_CELLS = """
SELECT record_id, {province_code} AS province_cell, {commune_code} AS commune_cell,
       CASE WHEN {province_code} IS NULL AND {commune_code} IS NULL
            THEN string_split({address}, ',')[-1] END AS address_end,
       province_code, commune_code
FROM {core} WHERE province_code IS NOT NULL OR {commune_code} IS NOT NULL
"""

_COMPARED = """
CREATE OR REPLACE TEMP TABLE compared AS
WITH cells AS ({cells}), linked AS (
    SELECT record_id, person_id FROM links WHERE decision = 'link'
), people AS (
    SELECT person_id, province_code AS province, commune_code AS commune
    FROM {people} SEMI JOIN linked USING (person_id) WHERE status = 'alive'
)
SELECT cells.*, people.province, people.commune
FROM cells JOIN linked USING (record_id) JOIN people USING (person_id)
"""
