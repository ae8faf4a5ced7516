"""Checks that no row was lost: each file's data rows are its links and its rejected rows. For every file: data rows
counted by the second reader = links + rejected.
"""

import duckdb
import polars as pl

from pipelines.config import Run
from pipelines.errors import Unbalanced
from pipelines.workspace import run_schema, run_tables

BALANCE_SQL = f"""
WITH counted AS (
    SELECT sector, source_file, min(sha256) AS sha256, sum(coalesce(rows_counted, 0))::BIGINT AS rows_counted,
           max(refused) AS refused
    FROM files GROUP BY sector, source_file
), linked AS (
    SELECT sector, source_file, count(*) AS links FROM ({run_schema.OUTCOMES_SQL}) GROUP BY sector, source_file
), dropped AS (
    SELECT sector, source_file, count(source_row) AS rejected FROM rejected GROUP BY sector, source_file
)
SELECT sector, source_file, sha256, coalesce(rows_counted, 0) AS rows_counted, coalesce(links, 0) AS links,
       coalesce(rejected, 0) AS rejected,
       coalesce(rows_counted, 0) - coalesce(links, 0) - coalesce(rejected, 0) AS difference, refused
FROM counted FULL JOIN linked USING (sector, source_file) FULL JOIN dropped USING (sector, source_file)
ORDER BY sector, source_file
"""


def balance(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The account of each file: data rows, linked rows, rejected rows, and whether they balance.

    Shape: one row a file (also one that only `links` or `rejected` know of): `sector, source_file, sha256,
    rows_counted, links, rejected, difference, refused`. A file that was refused before its rows could be counted
    has one rejected line without a row number, which is no data row and is not counted.
    """
    return run_tables.query(connection, BALANCE_SQL)


def check_conservation(run: Run) -> pl.DataFrame:
    """The run's account; refused if a file does not balance. Errors: Unbalanced names the files and their three
    numbers.
    """
    with run_tables.connect(run) as connection:
        return require_balanced(balance(connection))


def require_balanced(account: pl.DataFrame) -> pl.DataFrame:
    """The account unchanged; refused if a file does not balance. Errors: Unbalanced if the difference of any file is
    not 0.
    """
    wrong = account.filter(pl.col("difference") != 0)
    if wrong.is_empty():
        return account
    lines = wrong.select(
        pl.format(
            "«{}» ({}): đếm được {} dòng dữ liệu, nhưng liên kết {} + bị loại {} = {} / "
            "{} rows counted, but {} links + {} rejected",
            "source_file",
            "sector",
            "rows_counted",
            "links",
            "rejected",
            pl.col("links") + pl.col("rejected"),
            "rows_counted",
            "links",
            "rejected",
        )
    ).to_series()
    raise Unbalanced("Có dòng bị mất hoặc thừa / rows lost or invented: " + "; ".join(lines))
