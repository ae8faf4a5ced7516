"""Lists the records that need work, each for its recipient: where it belongs, what is wrong, what to mend.

A record needs work when its final status has a remedy, or a rule found an error on it. A warning alone does not put
a record on the list unless the table of issues says so, but its remedy is told when the record is there for another
reason.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from matching import duckdb_path
from pipelines.report import advice, labels
from pipelines.report.cleaned import sectors_tonight
from pipelines.report.proposals import REGISTRY_SQL, one_fix_sql, own_sql
from pipelines.sectors.schema import Sector
from pipelines.workspace import fingerprints, run_schema, run_tables

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

    Shape: `outcomes` one row a record: `record_id, sector, source_file, decision, status, differs, province_code,
    commune_code, tenant, zone, unit, kinds (BIT), needs_work (BOOLEAN)`. A bit of `kinds` is set where an issue of the
    row with that number in the table `found_kinds` (`kind, issue, column, severity`) was found; null where none was.
    `sectors` are all that there are, by name.
    """
    tonight = sectors_tonight(connection)
    places = " UNION ALL ".join(
        "SELECT sector, record_id, province_code, commune_code, tenant, zone, unit "
        f"FROM {run_schema.core_table(sector)}"
        for sector in tonight
    )
    connection.register("status_labels_frame", labels.status_frame().to_arrow())
    connection.register("issue_labels_frame", labels.issue_frame().to_arrow())
    connection.execute("CREATE OR REPLACE TEMP TABLE status_labels AS FROM status_labels_frame")
    connection.execute("CREATE OR REPLACE TEMP TABLE issue_labels AS FROM issue_labels_frame")
    connection.unregister("status_labels_frame")
    connection.unregister("issue_labels_frame")
    connection.execute(_FOUND_KINDS)
    last = max(run_tables.query(connection, "SELECT count(*) AS kinds FROM found_kinds").item() - 1, 0)
    connection.execute(_OUTCOMES.format(places=places or _NO_PLACES, last=last))
    advice.write(connection, {name: sectors[name] for name in tonight}, SHOWN_FIELDS)


def list_sector(
    connection: duckdb.DuckDBPyConnection, sector: Sector, seeing: Sequence[str] = (), registry: Path | None = None
) -> pl.DataFrame:
    """The recipients who get something of the sector: `recipient, records`; fills the temporary table `listed`.

    Shape: `listed` has one row a record: `position` (from 0, by recipient, province, commune, unit, file and row)`,
    recipient, record_id, content` (fingerprint)`, province_code, commune_code, unit, zone, place_in_file, key,` the
    sector's own text columns`, name, id` (not masked)`, birth, sex, status_vi, differs, reason_vi, proposed_vi,
    one_fix, remedy_vi`. Where a cell could not be understood the department's own cell text is given: it has to find
    it. `proposed_vi` says what the registry holds (from the snapshot `registry`) for the recipients `seeing` only. The
    temporary tables `recipient_of` and `answered` must be there.
    """
    own = "".join(f", core.{run_schema.identifier(name)}" for name in own_columns(sector))
    people = "SELECT '' AS person_id, '' AS full_name, '' AS date_of_birth, '' AS sex WHERE false"
    if seeing and registry is not None:
        people = f"SELECT person_id, full_name, date_of_birth, sex FROM {duckdb_path.rows(connection, registry)}"
    columns = run_tables.query(connection, f"DESCRIBE {run_schema.core_table(sector.name)}")["column_name"]
    connection.execute(_PLACED.format(core=run_schema.core_table(sector.name)))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE listed AS WITH person AS ({people}), said AS ("
        f"SELECT core.*, position, recipient, {fingerprints.record_sql(columns, 'core')} AS content "
        f"FROM {run_schema.core_table(sector.name)} AS core JOIN placed USING (record_id)) "
        "SELECT core.position, core.recipient, core.record_id, core.content, "
        f"core.province_code, core.commune_code, core.unit, core.zone, {_FILE} AS place_in_file, "
        f"coalesce(core.{sector.key}, core.{sector.key}_raw) AS key{own}, {_PERSON} "
        "FROM said AS core JOIN advice USING (record_id) "
        "LEFT JOIN answered ON answered.sector = core.sector AND answered.content = core.content "
        f"LEFT JOIN ({_KEPT}) AS kept USING (record_id) JOIN outcomes USING (record_id) JOIN links USING (record_id) "
        f"LEFT JOIN {run_schema.RESIDENCES} AS residence USING (record_id) "
        "LEFT JOIN person ON person.person_id = links.person_id AND links.decision = 'link' "
        "AND core.recipient IN (SELECT unnest($seeing)) "
        "JOIN status_labels ON status_labels.status = outcomes.status ORDER BY position",
        {"seeing": list(seeing)},
    )
    return run_tables.query(
        connection, "SELECT recipient, count(*)::BIGINT AS records FROM listed GROUP BY recipient ORDER BY recipient"
    )


def rows_of(connection: duckdb.DuckDBPyConnection, first: int, rows: int) -> pl.DataFrame:
    """So many rows of `listed` from the position `first` on, in order: it lies in this order, so only they are read."""
    return run_tables.query(
        connection,
        "SELECT * EXCLUDE (position) FROM listed WHERE position >= $first AND position < $end ORDER BY position",
        {"first": first, "end": first + rows},
    )


def own_columns(sector: Sector) -> list[str]:
    """The sector's own columns of plain text besides its unit (class, post): how a department finds the person."""
    return [c.name for c in sector.column if c.kind == "text" and c.name not in NOT_A_WAY_TO_FIND and c.role is None]


def count_by_unit(connection: duckdb.DuckDBPyConnection, sector: str) -> pl.DataFrame:
    """Records of each recipient and unit: `recipient, province_code, commune_code, zone, unit, status, records`, in the
    lists' order.
    """
    return run_tables.query(connection, _BY_UNIT, {"sector": sector})


def unmatched_by_zone(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Records of industrial zones whose person was not found, by employer, most first within each province and zone.

    Shape: `sector, province_code, zone, unit, records` (all of the unit's)`, unmatched` (no link: nobody found, or a
    human must decide)`.
    """
    return run_tables.query(connection, _BY_ZONE)


def rejected(connection: duckdb.DuckDBPyConnection, sector: str) -> pl.DataFrame:
    """The sector's rows and files that did not become records: `source_file, sheet, source_row, code, message`."""
    return run_tables.query(
        connection,
        "SELECT source_file, sheet, source_row, code, message FROM rejected WHERE sector = $sector "
        "ORDER BY source_file, sheet, source_row NULLS FIRST, code, message LIMIT $most",
        {"sector": sector, "most": MOST_REJECTED},
    )


_NO_PLACES = (
    "SELECT '' AS sector, '' AS record_id, '' AS province_code, '' AS commune_code, '' AS tenant, "
    "'' AS zone, '' AS unit WHERE false"
)

_FILE = "concat_ws(' · ', core.source_file, nullif(core.sheet, ''), core.source_row)"

# By itself: sorted with all that a list shows, each row would be moved once more.
_PLACED = """
CREATE OR REPLACE TEMP TABLE placed AS
SELECT record_id, recipient, row_number() OVER (
    ORDER BY recipient, core.province_code NULLS LAST, core.commune_code NULLS LAST, core.unit NULLS LAST,
             core.source_file, core.sheet, core.source_row, record_id
) - 1 AS position
FROM {core} AS core JOIN recipient_of USING (record_id)
"""

_PERSON = f"""
coalesce(core.full_name, core.full_name_raw) AS name,
coalesce(core.id_number, core.cmnd_number, core.id_number_raw) AS id,
CASE WHEN core.date_of_birth IS NULL THEN core.date_of_birth_raw
     ELSE array_to_string(list_reverse(string_split(core.date_of_birth, '-')), '/') END AS birth,
coalesce(core.sex, core.sex_raw) AS sex,
status_labels.title_vi || coalesce(', nhưng ' || advice.kept_by, '') AS status_vi,
concat_ws(',', nullif(CASE WHEN outcomes.status = 'wrong_information' THEN links.differs
                           ELSE trim(replace(links.differs, 'id_number', ''), ',') END, ''),
          CASE WHEN residence.province_registry = 'other' THEN 'province_code' END,
          CASE WHEN residence.commune_registry = 'other' THEN 'commune_code' END,
          CASE WHEN residence.address_registry = 'other' THEN 'address' END) AS differs,
links.reason AS reason_vi,
concat_ws(chr(10), nullif({REGISTRY_SQL}, ''), nullif({own_sql(SHOWN_FIELDS)}, '')) AS proposed_vi,
{one_fix_sql(SHOWN_FIELDS)} AS one_fix,
concat_ws(chr(10), answered.told, kept.told, advice.remedy_vi) AS remedy_vi
"""

_KEPT = """
SELECT duplicates.record_id,
       '• Nên giữ hồ sơ ở ' || concat_ws(' · ', other.source_file, nullif(other.sheet, ''), 'dòng ' || other.source_row)
       || ', vì ' || CASE why WHEN 'verified' THEN 'đã xác thực đúng' WHEN 'agrees' THEN 'khớp nhiều thông tin hơn'
                              WHEN 'completest' THEN 'đầy đủ hơn' WHEN 'latest' THEN 'mới hơn'
                              ELSE 'đã xét cùng các hồ sơ khác' END || '.' AS told
FROM duplicates JOIN links AS other ON other.record_id = duplicates.kept_record_id
"""
"""Query of what each duplicate's department is told about the record to keep."""

_FOUND_KINDS = """
CREATE OR REPLACE TEMP TABLE found_kinds AS
SELECT (row_number() OVER (ORDER BY issue, "column", severity) - 1)::INT AS kind, issue, "column", severity
FROM (SELECT DISTINCT issue, "column", severity FROM issues) WHERE issue IN (SELECT issue FROM issue_labels)
"""

_OUTCOMES = f"""
CREATE OR REPLACE TEMP TABLE outcomes AS
WITH outcome AS ({run_schema.OUTCOMES_SQL}), place AS ({{places}}), found AS (
    SELECT sector, record_id, bitstring_agg(kind, 0, {{last}}) AS kinds,
           bool_or(severity = 'error' OR listed) AS needs_work
    FROM issues JOIN found_kinds USING (issue, "column", severity)
    JOIN (SELECT issue, listed FROM issue_labels) USING (issue) GROUP BY sector, record_id
)
SELECT outcome.record_id, outcome.sector, outcome.source_file, outcome.decision, outcome.status, outcome.differs,
       place.province_code, place.commune_code, place.tenant, place.zone, place.unit, found.kinds,
       status_labels.needs_work OR coalesce(found.needs_work, false) AS needs_work
FROM outcome LEFT JOIN place USING (sector, record_id) LEFT JOIN found USING (sector, record_id)
LEFT JOIN status_labels ON status_labels.status = outcome.status
"""

_BY_UNIT = """
SELECT recipient, province_code, commune_code, zone, unit, status, count(*)::BIGINT AS records
FROM outcomes JOIN recipient_of USING (sector, record_id) WHERE sector = $sector
GROUP BY ALL
ORDER BY recipient, province_code NULLS LAST, commune_code NULLS LAST, zone NULLS LAST, unit NULLS LAST, status
"""

_BY_ZONE = """
SELECT sector, province_code, zone, unit, count(*) AS records, count(*) FILTER (decision <> 'link') AS unmatched
FROM outcomes WHERE zone IS NOT NULL GROUP BY ALL HAVING count(*) FILTER (decision <> 'link') > 0
ORDER BY sector, province_code NULLS LAST, zone, unmatched DESC, unit NULLS LAST
"""
