"""What a department is told to do about each record: every thing once, the most useful first.

Findings that ask for the same (rules/issues.toml, `action`) are one line that names what it is about. What another
finding settles is left out: with a wrong number nothing else of the registry's answer says anything of the person.
Records with the same findings are one case: a night has some thousands, whose text is worked out once.
"""

from collections.abc import Mapping, Sequence

import duckdb
import polars as pl

from pipelines.report import labels
from pipelines.sectors.schema import Sector
from pipelines.workspace import run_schema

SETTLED_BY_US = ("NOT_ASKED", "NOT_ANSWERED", "CONFIRMATION_OLD")
"""Issues that the next nights settle: told as counts, but no work for a department."""

OTHER_SECTORS = "sectors"
"""The action that is about other sectors."""


def write(connection: duckdb.DuckDBPyConnection, sectors: Mapping[str, Sector], fields: Mapping[str, str]) -> None:
    """Fill the connection's temporary table `advice`; `outcomes`, `found_kinds`, and the labels of statuses and issues
    must be there.

    Shape: one row for each record that needs work: `sector, record_id, remedy_vi` (lines, of the status first, then of
    errors, then of warnings)`, kept_by` (the findings that keep a record on the list whose status needs nothing; else
    null). `fields` says how the fields of `links.differs` are called.
    """
    _register(connection, "action_labels", labels.action_frame())
    titles = [(name, c.name, _inside(c.title_vi)) for name, sector in sectors.items() for c in sector.column]
    _register(connection, "column_titles", _frame(titles, "sector", "column", "title"))
    _register(connection, "field_titles", _frame([(n, _inside(t)) for n, t in fields.items()], "field", "title"))
    named = [(name, sector.title_vi) for name, sector in sectors.items()]
    _register(connection, "sector_titles", _frame(named, "sector", "title"))
    said = " UNION ALL ".join(
        f"SELECT sector, record_id, id_number, name_key, birth_year, sex FROM {run_schema.core_table(name)}"
        for name, sector in sectors.items()
        if not sector.foreign
    )
    connection.execute(_CASES.format(said=said or _NOTHING_SAID))
    connection.execute(_TOLD)
    connection.execute(_CASE_ADVICE)
    connection.execute(_ADVICE)


def _inside(title: str) -> str:
    """A title within a sentence: «Số định danh» is «số định danh», «CCCD» stays."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _frame(rows: Sequence[tuple[str, ...]], *names: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _register(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    connection.register(f"{name}_frame", frame.to_arrow())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM {name}_frame")
    connection.unregister(f"{name}_frame")


_NOTHING_SAID = (
    "SELECT '' AS sector, '' AS record_id, '' AS id_number, '' AS name_key, 0 AS birth_year, '' AS sex WHERE false"
)

# The listed records, together where all that advice depends on is the same. `titles`: which sectors say otherwise of
# the same number, each through the least value it has, as the rule has it.
_CASES = f"""
CREATE OR REPLACE TEMP TABLE cases AS
WITH asked AS (
    SELECT sector, record_id FROM issues JOIN issue_labels USING (issue) WHERE action = '{OTHER_SECTORS}'
), said AS ({{said}}), mine AS (
    SELECT sector, record_id, id_number FROM asked JOIN said USING (sector, record_id)
), by_sector AS (
    SELECT sector, id_number, min(name_key) AS name_key, min(birth_year) AS birth_year, min(sex) AS sex
    FROM said WHERE id_number IN (SELECT id_number FROM mine) GROUP BY ALL
), other_sectors AS (
    SELECT mine.sector, mine.record_id, list(DISTINCT sector_titles.title ORDER BY sector_titles.title) AS titles
    FROM mine JOIN by_sector AS own USING (sector, id_number)
    JOIN by_sector AS other ON other.id_number = mine.id_number
    JOIN sector_titles ON sector_titles.sector = other.sector
    WHERE other.sector <> mine.sector
      AND (other.name_key <> own.name_key OR other.birth_year <> own.birth_year OR other.sex <> own.sex)
    GROUP BY ALL
), alike AS (
    SELECT sector, status, differs, kinds, titles, list(record_id) AS record_ids
    FROM outcomes LEFT JOIN other_sectors USING (sector, record_id) WHERE needs_work GROUP BY ALL
)
SELECT row_number() OVER () AS case_id, * FROM alike
"""

# Each finding of each case, without those that another one settles. `urgency`: 0 status, 1 error, 2 warning.
_TOLD = f"""
CREATE OR REPLACE TEMP TABLE told AS
WITH found AS (
    SELECT case_id, status AS code, 0 AS urgency, 0 AS place, NULL AS "column", action, "of", settles, remedy_vi
    FROM cases JOIN status_labels USING (status) WHERE status_labels.needs_work
    UNION ALL
    SELECT case_id, issue, CASE severity WHEN 'error' THEN 1 ELSE 2 END, place, "column", action, "of", settles,
           remedy_vi
    FROM cases JOIN found_kinds ON get_bit(cases.kinds, found_kinds.kind) = 1 JOIN issue_labels USING (issue)
    WHERE issue NOT IN {SETTLED_BY_US}
), settled AS (
    SELECT DISTINCT case_id, code, unnest(settles) AS other FROM found WHERE len(settles) > 0
)
SELECT * FROM found WHERE NOT EXISTS (
    SELECT 1 FROM settled WHERE settled.case_id = found.case_id
    AND settled.code <> found.code AND settled.other IN (found.code, '*')
)
"""

_CASE_ADVICE = f"""
CREATE OR REPLACE TEMP TABLE case_advice AS
WITH differing AS (
    SELECT case_id, list(field_titles.title ORDER BY nth) AS phrases
    FROM (SELECT case_id, unnest(string_split(differs, ',')) AS field,
                 generate_subscripts(string_split(differs, ','), 1) AS nth FROM cases)
    JOIN field_titles USING (field) GROUP BY case_id
), about AS (
    SELECT told.*, CASE WHEN len(told."of") > 0 THEN told."of"
                        WHEN told.action = '{OTHER_SECTORS}' THEN cases.titles
                        WHEN told."column" IS NULL THEN differing.phrases
                        WHEN column_titles.title IS NOT NULL THEN [column_titles.title] END AS phrases
    FROM told JOIN cases USING (case_id) LEFT JOIN differing USING (case_id)
    LEFT JOIN column_titles ON column_titles.sector = cases.sector AND column_titles."column" = told."column"
), named AS (
    SELECT case_id, urgency, place, action, unnest(phrases) AS phrase, generate_subscripts(phrases, 1) AS nth
    FROM about WHERE action IS NOT NULL AND len(phrases) > 0
), named_once AS (
    SELECT * FROM named
    QUALIFY row_number() OVER (PARTITION BY case_id, phrase ORDER BY urgency, place, nth, action) = 1
), line AS (
    SELECT case_id, min(urgency * 1000 + place) AS rank,
           replace(min(text), '{{}}', string_agg(phrase, ', ' ORDER BY urgency, place, nth, phrase)) AS remedy_vi
    FROM named_once JOIN action_labels USING (action) GROUP BY case_id, action
    UNION ALL
    SELECT case_id, min(urgency * 1000 + place), remedy_vi
    FROM about WHERE action IS NULL OR phrases IS NULL OR len(phrases) = 0 GROUP BY case_id, remedy_vi
), remedies AS (
    SELECT case_id, string_agg('• ' || remedy_vi, chr(10) ORDER BY rank, remedy_vi) AS remedy_vi
    FROM line GROUP BY case_id
), kept AS (
    SELECT case_id, string_agg(DISTINCT lower(title_vi[1]) || title_vi[2:], '; '
                               ORDER BY lower(title_vi[1]) || title_vi[2:]) AS kept_by
    FROM cases JOIN found_kinds ON get_bit(cases.kinds, found_kinds.kind) = 1
    JOIN (SELECT issue, title_vi, listed FROM issue_labels) USING (issue)
    JOIN (SELECT status, needs_work FROM status_labels) USING (status)
    WHERE NOT needs_work AND (severity = 'error' OR listed) GROUP BY case_id
)
SELECT case_id, remedy_vi, kept_by FROM cases LEFT JOIN remedies USING (case_id) LEFT JOIN kept USING (case_id)
"""

# No view: DuckDB 2.0.0 fails in a join with one («dict-surviving join: narrowed column»).
_ADVICE = """
CREATE OR REPLACE TEMP TABLE advice AS
SELECT sector, unnest(record_ids) AS record_id, remedy_vi, kept_by FROM cases JOIN case_advice USING (case_id)
"""
