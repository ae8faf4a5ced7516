"""Lists the records that need work, with their territory and what their department is told to mend.

A record needs work when its final status has a remedy, or a rule found an error on it. A warning alone does not put
a record on the list unless the table of issues says so, but its remedy is told when the record is there for another
reason.
"""

from collections.abc import Iterator, Mapping

import duckdb
import polars as pl

from pipelines.report import advice, labels
from pipelines.report.cleaned import sectors_tonight
from pipelines.sectors.schema import Sector
from pipelines.workspace import run_schema, run_tables

BATCH_ROWS = 50_000

MOST_REJECTED = 1_000_000
"""Most rejected rows on a sheet, which ends at 1,048,576 rows; `rejected.parquet` has all."""

NOT_A_WAY_TO_FIND = frozenset({"address", "vaccine_name"})
"""Text columns that would only widen the list: a territory has its own columns, a vaccine says nothing of a person."""

SHOWN_FIELDS = {
    "full_name": "Họ và tên", "date_of_birth": "Ngày sinh", "sex": "Giới tính", "id_number": "Số định danh",
    "province_code": "Tỉnh/thành phố", "commune_code": "Xã/phường", "address": "Địa chỉ",
}  # fmt: skip
"""Field of `links.differs`, or place that is not the registry's → its name in the list."""


def prepare(connection: duckdb.DuckDBPyConnection, sectors: Mapping[str, Sector]) -> None:
    """Fills the connection's temporary tables `outcomes` and `advice` (`pipelines.report.advice.write`).

    Shape: `outcomes` one row a record: `record_id, sector, source_file, decision, status, province_code,
    commune_code, tenant, errors (BIGINT), needs_work (BOOLEAN)`. `sectors` are all that there are, by name.
    """
    tonight = sectors_tonight(connection)
    places = " UNION ALL ".join(
        f"SELECT sector, record_id, province_code, commune_code, tenant FROM {run_schema.core_table(sector)}"
        for sector in tonight
    )
    connection.register("status_labels_frame", labels.status_frame().to_arrow())
    connection.register("issue_labels_frame", labels.issue_frame().to_arrow())
    connection.execute("CREATE OR REPLACE TEMP TABLE status_labels AS FROM status_labels_frame")
    connection.execute("CREATE OR REPLACE TEMP TABLE issue_labels AS FROM issue_labels_frame")
    connection.unregister("status_labels_frame")
    connection.unregister("issue_labels_frame")
    connection.execute(_OUTCOMES.format(places=places or _NO_PLACES))
    advice.write(connection, {name: sectors[name] for name in tonight}, SHOWN_FIELDS)


def list_sector(connection: duckdb.DuckDBPyConnection, sector: Sector) -> int:
    """Number of the sector's records that need work; fills the temporary table `listed` with them.

    Shape: one row a record: `position` (from 0, by province, commune, file and row), `source_file` (with the
    sheet, where there are sheets)`, source_row, key,
    the sector's own text columns, name, id (not masked), birth, sex, province_code, commune_code, status_vi, differs,
    remedy_vi`. Where a cell could not be understood the department's own cell text is given: it has to find it.
    """
    own = "".join(f", core.{run_schema.identifier(name)}" for name in own_columns(sector))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE listed AS "
        f"SELECT row_number() OVER ({_ORDER}) - 1 AS position, {_FILE} AS source_file, core.source_row, "
        f"coalesce(core.{sector.key}, core.{sector.key}_raw) AS key{own}, {_PERSON} "
        f"FROM advice JOIN {run_schema.core_table(sector.name)} AS core USING (sector, record_id) "
        "JOIN outcomes USING (sector, record_id) JOIN links USING (sector, record_id) "
        f"LEFT JOIN {run_schema.RESIDENCES} AS residence USING (record_id) "
        "JOIN status_labels ON status_labels.status = outcomes.status"
    )
    (row,) = run_tables.query(connection, "SELECT count(*) AS records FROM listed").to_dicts()
    return int(row["records"])


def batches(connection: duckdb.DuckDBPyConnection, first: int, rows: int) -> Iterator[pl.DataFrame]:
    """Rows of `listed`, `rows` of them from `first` on, in order, without `position`, some ten thousand at a time."""
    for start in range(first, first + rows, BATCH_ROWS):
        batch = run_tables.query(
            connection,
            "SELECT * EXCLUDE (position) FROM listed WHERE position >= $start AND position < $stop ORDER BY position",
            {"start": start, "stop": min(start + BATCH_ROWS, first + rows)},
        )
        if batch.is_empty():
            return
        yield batch


def own_columns(sector: Sector) -> list[str]:
    """The sector's own columns of plain text (school, class, employer): how a department finds the person."""
    return [c.name for c in sector.column if c.kind == "text" and c.name not in NOT_A_WAY_TO_FIND and c.role != "zone"]


def count_by_place(connection: duckdb.DuckDBPyConnection, sector: str) -> pl.DataFrame:
    """Records that need work in each commune: `province_code, commune_code, status, records`."""
    return run_tables.query(connection, _BY_PLACE, {"sector": sector})


def rejected(connection: duckdb.DuckDBPyConnection, sector: str) -> pl.DataFrame:
    """The sector's rows and files that did not become records: `source_file, sheet, source_row, code, message`."""
    return run_tables.query(
        connection,
        "SELECT source_file, sheet, source_row, code, message FROM rejected WHERE sector = $sector "
        "ORDER BY source_file, sheet, source_row NULLS FIRST, code, message LIMIT $most",
        {"sector": sector, "most": MOST_REJECTED},
    )


_NO_PLACES = "SELECT '' AS sector, '' AS record_id, '' AS province_code, '' AS commune_code, '' AS tenant WHERE false"

_FILE = "concat_ws(' · ', core.source_file, nullif(core.sheet, ''))"

_ORDER = """
ORDER BY core.province_code NULLS LAST, core.commune_code NULLS LAST, core.source_file, core.sheet,
         core.source_row, core.record_id
"""

_PERSON = """
coalesce(core.full_name, core.full_name_raw) AS name,
coalesce(core.id_number, core.cmnd_number, core.id_number_raw) AS id,
CASE WHEN core.date_of_birth IS NULL THEN core.date_of_birth_raw
     ELSE array_to_string(list_reverse(string_split(core.date_of_birth, '-')), '/') END AS birth,
coalesce(core.sex, core.sex_raw) AS sex, core.province_code, core.commune_code,
status_labels.title_vi || coalesce(', nhưng ' || advice.kept_by, '') AS status_vi,
concat_ws(',', nullif(links.differs, ''),
          CASE WHEN residence.province_registry = 'other' THEN 'province_code' END,
          CASE WHEN residence.commune_registry = 'other' THEN 'commune_code' END,
          CASE WHEN residence.address_registry = 'other' THEN 'address' END) AS differs,
advice.remedy_vi
"""

_OUTCOMES = f"""
CREATE OR REPLACE TEMP TABLE outcomes AS
WITH outcome AS ({run_schema.OUTCOMES_SQL}), place AS ({{places}}), error AS (
    SELECT sector, record_id, count(*) FILTER (severity = 'error') AS errors, bool_or(issue_labels.listed) AS listed
    FROM issues JOIN issue_labels USING (issue) GROUP BY sector, record_id
)
SELECT outcome.record_id, outcome.sector, outcome.source_file, outcome.decision, outcome.status,
       place.province_code, place.commune_code, place.tenant, coalesce(error.errors, 0) AS errors,
       status_labels.needs_work OR coalesce(error.errors, 0) > 0 OR coalesce(error.listed, false) AS needs_work
FROM outcome LEFT JOIN place USING (sector, record_id) LEFT JOIN error USING (sector, record_id)
LEFT JOIN status_labels ON status_labels.status = outcome.status
"""

_BY_PLACE = """
SELECT province_code, commune_code, status, count(*) AS records
FROM outcomes WHERE sector = $sector AND needs_work
GROUP BY ALL ORDER BY province_code NULLS LAST, commune_code NULLS LAST, status
"""
