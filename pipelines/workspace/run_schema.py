"""Declares every table between the hops, with its columns, its order and its meaning: the one contract between hops.

Readers and writers take names and columns from here, and so do the names that a sector's own columns may not have
(`sectors.consistency`) and the tables in docs/architecture.md (`python -m docs.tables`). A test compares what a night
really wrote with it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl
from polars.datatypes import DataType, DataTypeClass

Type = DataType | DataTypeClass


class Column(NamedTuple):
    """One column of a table."""

    name: str
    meaning: str
    type: Type = pl.String


class RunTable(NamedTuple):
    """One table of a run; `<sector>` in its name stands for each sector."""

    name: str
    written_by: str
    """Name of the hop that writes it."""
    row: str
    """Meaning of one row."""
    columns: tuple[Column, ...]
    order: tuple[str, ...] = ()
    """Columns by which the rows are sorted, null last; empty: in no order that anybody may rely on."""
    sector_columns: str = ""
    """Meaning of the sector's own columns, which follow the column `before_sector`; empty: it has none."""
    before_sector: str = ""

    @property
    def schema(self) -> dict[str, Type]:
        """Column → Polars type, without the sector's own columns."""
        return {column.name: column.type for column in self.columns}


FILES, REJECTED, RAW, CORE = "files", "rejected", "raw_<sector>", "core_<sector>"
LINKS, HABITS, EXAMPLES, RESIDENCES = "links", "habits", "examples", "residences"
ISSUES, RULE_RESULTS, LIVE = "issues", "rule_results", "live_<sector>"
VERIFICATIONS, DUPLICATES, PLAN, ASKING = "verifications", "duplicates", "plan", "asking"
JUDGED, CARDS, SCORES = "judged_<sector>", "cards", "scores"
SPENT, STANDARDISED = "spent", "standardised"
TOUCHED, NEWBORNS = "touched", "newborns"

_RECORD = (
    Column("record_id", "`<sha256 of sector and file content[:12]>-<sheet number>-<row>`, unique over all sectors"),
    Column("sector", "the data set"),
    Column("source_file", "path in the sector's inbox; in an archive `lists.zip/a.csv`"),
    Column("sheet", "name of the sheet; empty where the format has none"),
    Column("source_row", "row in the sheet, counted from 1, header included", pl.Int32),
)
_IN_FILE = ("source_file", "sheet", "source_row")
_FLAGS = tuple(
    Column(f"{field}_flag", f"{words}: `M` match, `P` partial, `N` no, `U` not supplied, `X` not held")
    for field, words in {"id": "number", "name": "name", "birth": "date of birth", "sex": "sex"}.items()
)
_ASKED = (
    Column("state", "`waiting`, `answered`, `failed`"),
    Column("result", "the gateway's code; null while the question waits"),
)
_PLACE = (
    Column("province_code", "2-digit code of the 34 provinces"),
    Column("commune_code", "5-digit code of the commune"),
)
_REGISTRY_PLACE = tuple(
    Column(f"{place}_registry", f"the record's {place} beside its person's: `same`, `other`, `old` (before 01/07/2025)")
    for place in ("province", "commune", "address")
)  # fmt: skip
_STANDARDISED = (
    Column("full_name", "canonical name (NFC, title case, old-style tone marks); null if missing or a filler"),
    Column("name_key", "the name in lower-case ASCII letters, single spaces"),
    Column("name_note", "what was cut from the name (`con ông A`)"),
    Column("name_repairs", "comma-separated codes of what was mended; empty if nothing"),
    Column("date_of_birth", "`YYYY-MM-DD`, `YYYY-MM` or `YYYY`"),
    Column("birth_precision", "`day`, `month`, `year`"),
    Column("birth_year", "year of birth", pl.Int16),
    Column("birth_alternative", "another lawful reading (day and month swapped, another century), in the same form"),
    Column("birth_repairs", "codes of what was mended in the date"),
    Column("birth_why_not", "code of why there is no date"),
    Column("sex", "`Nam`, `Nữ`"),
    Column("sex_why_not", "code of why there is no sex"),
    Column("id_number", "12-digit number; null unless well-formed"),
    Column("cmnd_number", "9-digit number, where that is what stands there"),
    Column("id_kind", "`cccd cmnd bhxh bhyt passport phone filler scientific missing unknown`, or `foreign`"),
    Column("id_repairs", "codes of what was mended in the number"),
    Column("id_why_not", "code of why there is no number"),
    Column("id_province_code", "province of birth registration, by the 12 digits"),
    Column("id_sex", "sex, by the 12 digits"),
    Column("id_birth_year", "year of birth, by the 12 digits", pl.Int16),
    *_PLACE,
)
_BEHIND_CORE = (
    Column(
        "tenant",
        "`<sector>-<province_code or 00>`: who shares the cap; after a move that a change feed told, the new province",
    ),
    Column("unit", "school, employer, vaccination site: the column whose role is `unit`; null if it says nothing"),
    Column("zone", "industrial zone that the unit lies in: the column whose role is `zone`; null if it says nothing"),
    Column("content_hash", "sha256[:32] of number, name, date and sex: what a question would say"),
)
_REPAIRED_TEXT = Column("text_repairs", "which other cells were not in Unicode, as `address:tcvn3`; empty if none")
_CELLS_BEHIND = (
    "each other column, standardised by its kind; after `text_repairs` each column's own cell text as `<column>_raw`"
)

TABLES: tuple[RunTable, ...] = (
    RunTable(
        FILES, "read", "one file and sheet, a file of an archive too",
        (
            *_RECORD[1:4],
            Column("arrived_as", "the file in the inbox; of a file in an archive the archive"),
            Column("arrived_sha256", "checksum of the file in the inbox; null if it was not opened"),
            Column("sha256", "checksum of the file itself; null if it was not opened"),
            Column("bytes", "size as it arrived", pl.Int64),
            Column("format", "what the file really is"),
            Column("encoding", "of its text; null where the format has none of its own"),
            Column("header_row", "the header's last row, counted from 1", pl.Int32),
            Column("rows_counted", "data rows, by the second reader", pl.Int64),
            Column("refused", "code of why the file was not read; null if it was"),
            Column("message", "one sentence for the officer"),
            Column("mapping", "JSON: header, column, part, how it was recognised, how sure"),
            Column("unknown_columns", "JSON: headers that are no column of the sector"),
            Column("notes", "JSON: code and message of what the officer should know"),
            Column("rows_read", "rows that became records", pl.Int64),
            Column("rows_rejected", "rows that did not", pl.Int64),
        ),
        ("sector", "source_file", "sheet"),
    ),
    RunTable(
        REJECTED, "read", "one row that became no record, or a file without countable rows (`source_row` null)",
        (*_RECORD[1:], Column("code", "why, for a script"), Column("message", "why, and what to do")),
        ("sector", "source_file", "sheet", "source_row", "code"),
    ),
    RunTable(
        RAW, "read", "one record, every cell as text; a column that the file lacks is null",
        (*_RECORD, Column("extra", "JSON: header → cell of unknown columns and of parts of a value; null if none")),
        _IN_FILE, "each column of the sector, as text", "source_row",
    ),
    RunTable(
        CORE, "standardise", "the same records, in the same order, as typed values",
        (*_RECORD, *_STANDARDISED, _REPAIRED_TEXT, *_BEHIND_CORE), _IN_FILE, _CELLS_BEHIND, "commune_code",
    ),
    RunTable(
        ISSUES, "check", "one rule that one record fails; the hop `live` adds the family live",
        (
            *(column for column in _RECORD if column.name != "sheet"),
            Column("family", "`correct`, `complete`, `clean`, `live`"),
            Column("rule_id", "the rule (rules/*.toml)"),
            Column("issue", "the kind of issue (rules/issues.toml)"),
            Column("column", "the column that the rule is about"),
            Column("value", "the value that fails; masked where it is personal"),
            Column("severity", "`error`, `warning`"),
        ),
        ("sector", "source_file", "source_row", "rule_id"),
    ),
    RunTable(
        RULE_RESULTS, "check", "one rule of one sector",
        (
            _RECORD[1],
            Column("family", "as in `issues`"),
            Column("rule_id", "as in `issues`"),
            Column("issue", "as in `issues`"),
            Column("applicable", "records to which the rule applies", pl.Int64),
            Column("failing", "of these, records that fail it", pl.Int64),
            Column("share", "of the applicable records those that pass, 0–1", pl.Float64),
        ),
        ("sector", "family", "rule_id"),
    ),
    RunTable(
        JUDGED, "check", "one record and what every rule says of it; the hop `live` adds the rules of the family live",
        (_RECORD[0],), (),
        "each rule that is run for the sector, by its id (BOOLEAN): true follows, false breaks, null does not apply",
        "record_id",
    ),
    RunTable(
        LINKS, "link", "one record and its person",
        (
            *_RECORD,
            Column("person_id", "the best candidate, also in review; null for none"),
            Column("decision", "`link`, `review`, `none`"),
            Column("status", "the record's status before the gateway's answer"),
            Column("weight", "evidence for this person, in bits", pl.Float64),
            Column("probability", "calibrated probability that this is the person, 0–1", pl.Float64),
            Column("margin", "bits to the second candidate", pl.Float64),
            Column("reason", "one sentence"),
            Column("differs", "comma-separated fields of the record that disagree with the person; empty if none"),
            Column(
                "held",
                "why a human is asked: a bar of matching/comparisons.toml, or `unsearchable several_fit improbable "
                "person_taken`; after the human's word still why; null where the model decided alone",
            ),
            Column("askable", "a review that the registry's confirmation of this person would settle", pl.Boolean),
        ),
    ),
    RunTable(
        HABITS, "link", "one sector",
        (
            _RECORD[1],
            Column("habits", "JSON of `matching.train.Habits`: by how many bits its records differ from weights.json"),
        ),
    ),
    RunTable(
        EXAMPLES, "link", "one status with its commonest case, which the report draws",
        (
            Column("status", "the status in `links`"),
            Column("records", "records in it", pl.Int64),
            Column("alike", "of these, records with the example's very reason", pl.Int64),
            Column("explanation", "JSON of `matching.explanation.model.Explanation`, without a value of the record"),
        ),
    ),
    RunTable(
        RESIDENCES, "link", "one record linked to somebody alive: does it say where its person lives?",
        (_RECORD[0], *_REGISTRY_PLACE),
    ),
    RunTable(
        TOUCHED, "link", "one record and one change of the registry that touches it, of all feeds since a whole file",
        (
            *_RECORD[:2],
            Column("feed", "the feed's place since the last whole file, from 1", pl.Int32),
            Column("feed_number", "the number that it bears; null if none", pl.Int64),
            Column("event", "`birth death move new_number correction merge cancelled` (docs/events.md)"),
        ),
        ("record_id", "feed", "event"),
    ),
    RunTable(
        NEWBORNS, "link", "one commune with children under 6 whose birth a change feed told; counts only",
        (
            Column("province_code", "where the children live; null if unknown"),
            Column("commune_code", "their commune; null if unknown"),
            Column("born", "such children who live", pl.Int64),
            Column("missing", "of these, linked to no record of insurance; no row where there is none", pl.Int64),
        ),
        ("province_code", "commune_code"),
    ),
    RunTable(
        VERIFICATIONS, "verify", "one record with a question",
        (
            *_RECORD[:2],
            _BEHIND_CORE[0],
            _RECORD[2],
            _RECORD[4],
            Column("person_id", "the person that was asked about"),
            Column("request_id", "the question; records that ask the same share it"),
            *_ASKED,
            *_FLAGS,
            Column("asked_on", "`YYYY-MM-DD`, the quota day it was charged to"),
            Column("asked_tonight", "whether this night sent it first, before or after midnight", pl.Boolean),
            Column("reused", "whether it is answered and another night sent it", pl.Boolean),
            Column("status", "the record's status after the answer; null if the answer changes nothing"),
            Column("decision", "`link` where the answer settled what was a human's to decide; null otherwise"),
        ),
        ("sector", "source_file", "source_row", "record_id"),
    ),
    RunTable(
        DUPLICATES, "verify", "one record that says once more a person whom another record of the sector is to keep",
        (
            _RECORD[1],
            _RECORD[0],
            Column("kept_record_id", "the record to keep"),
            Column(
                "why",
                "the kept one is `verified` by the registry, `agrees` in more fields, is the `completest` or the "
                "`latest`; `assigned` with others in view",
            ),
        ),
        ("sector", "record_id"),
    ),
    RunTable(
        PLAN, "verify", "the night's plan: one row",
        (Column("plan", "JSON as `sachsong queue plan --json` says it: when what still waits will be answered"),),
    ),
    RunTable(
        ASKING, "verify", "how the night's asking ended: one row",
        (
            Column("cap", "of a day, as it was in force", pl.Int64),
            Column("stopped_by", "`empty cap outage refused paused past taken_over`"),
            Column("since", "from when nothing could be asked, an ISO moment; null where all or the cap was asked"),
            Column("error", "the gateway's or the order's own words; null if there were none"),
        ),
    ),
    RunTable(
        LIVE, "live", "one record beside its link, its final status, its answer and its person's place (a view)",
        (
            *_RECORD,
            *_STANDARDISED,
            _REPAIRED_TEXT,
            *_BEHIND_CORE,
            Column("person_id", "as in `links`"),
            Column("decision", "as in `links`"),
            Column("status", "the final status"),
            *_ASKED,
            Column("asked_on", "as in `verifications`"),
            *_FLAGS,
            *_REGISTRY_PLACE,
        ),
        (), _CELLS_BEHIND, "commune_code",
    ),
    RunTable(
        CARDS, "report", "one record's card: each of the four words",
        (
            *_RECORD[:2],
            *(
                Column(family, "`pass`, `fail` (breaks a rule of severity error), `not_known` (breaks none, but nobody "
                               "has answered), `not_applicable` (no rule applies)")
                for family in ("correct", "complete", "clean", "live")
            ),
        ),
    ),
    RunTable(
        SCORES, "report", "one family, or one of its rules, of one group of records; families are never blended",
        (
            Column("night", "`YYYY-MM-DD`"),
            Column("level", "what the group is: `night` (all sectors), `sector`, `province`, `commune`, `unit`"),
            Column("sector", "the data set; null at level night"),
            Column("province_code", "the records' province; null if unknown, and above level province"),
            Column("commune_code", "their commune; null if unknown, and but for level commune"),
            Column("unit", "their unit, within a province; null but for level unit"),
            Column("family", "as in `issues`"),
            Column("rule_id", "the rule; null for the family as a whole, as always at level unit"),
            Column("records", "records in the group", pl.Int64),
            Column("applicable", "the denominator: of these, those to which the rule, or a rule of the family, applies",
                   pl.Int64),
            Column("passing", "of the applicable, records that pass; with a warning they do", pl.Int64),
            Column("failing", "of the applicable, records that fail: a family by a rule of severity error", pl.Int64),
            Column("not_known", "of the applicable, records of which nobody has answered; 0 for a rule", pl.Int64),
            Column("warned", "of the passing, records with a warning; 0 for a rule", pl.Int64),
            Column("share", "passing / applicable, 0–1; null where nothing is applicable", pl.Float64),
            Column("low", "lower end of its 95 % Wilson interval", pl.Float64),
            Column("high", "upper end", pl.Float64),
        ),
        ("level", "sector", "province_code", "commune_code", "unit", "family", "rule_id"),
    ),
    RunTable(
        STANDARDISED, "standardise", "by what the rows were standardised: one row",
        (
            Column("night", "`YYYY-MM-DD`"),
            Column("made_by", "digest of the code and tables that decide on a row's values"),
        ),
    ),
    RunTable(
        SPENT, "night", "one hop: what doing it cost on this machine (it reaches the manifest's `execution` only)",
        (
            Column("hop", "the hop's name"),
            Column("seconds", "by the clock", pl.Float64),
            Column("cpu_seconds", "of all processors, child processes included", pl.Float64),
            Column("peak_mb", "the process's largest resident size so far", pl.Int64),
        ),
    ),
)  # fmt: skip
BY_NAME: Mapping[str, RunTable] = {table.name: table for table in TABLES}

FILES_SCHEMA = {name: BY_NAME[FILES].schema[name] for name in BY_NAME[FILES].schema if not name.startswith("rows_r")}
"""Columns of `files` that are known before a file's rows are counted."""
REJECTED_SCHEMA = BY_NAME[REJECTED].schema

OUTCOMES_SQL = """
SELECT links.* REPLACE (coalesce(verifications.status, links.status) AS status,
                        coalesce(verifications.decision, links.decision) AS decision),
       verifications.state, verifications.result, verifications.asked_on
FROM links LEFT JOIN verifications USING (record_id)
"""
"""Query of each record's link with its final status, after the gateway's answer; in no order."""


def raw_table(sector: str) -> str:
    """Name of the table of a sector's cells as text."""
    return identifier(f"raw_{sector}")


def core_table(sector: str) -> str:
    """Name of the table of a sector's standardised values."""
    return identifier(f"core_{sector}")


def judged_table(sector: str) -> str:
    """Name of the table of what the rules say of a sector's records."""
    return identifier(f"judged_{sector}")


def filled_cells(columns: Sequence[str]) -> str:
    """SQL of the number of these columns that a row has a value in."""
    return " + ".join(["0", *(f"({identifier(name)} IS NOT NULL)::SMALLINT" for name in columns)])


def identifier(name: str) -> str:
    """The name unchanged, if it is safe to put in SQL unquoted; ValueError otherwise."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a table or column name: {name!r}")
    return name


def beside_sector_columns() -> frozenset[str]:
    """Names that stand beside a sector's own columns in some table: no sector's column may have one of them."""
    of_every_sector = {"full_name", "date_of_birth", "sex", "id_number", *(column.name for column in _PLACE)}
    beside = {column.name for table in TABLES if table.sector_columns for column in table.columns}
    return frozenset(beside - of_every_sector)


def columns_of(table: RunTable, sector_columns: Sequence[str]) -> list[str]:
    """The table's columns in order, for a sector with these columns (the identity fields among them; of JUDGED its
    rules).
    """
    names = [column.name for column in table.columns]
    if not table.sector_columns:
        return names
    at = names.index(table.before_sector) + 1
    own = [name for name in sector_columns if name not in names]
    if table.name in (RAW, JUDGED):
        return [*names[:at], *sector_columns, *names[at:]]
    cells = [f"{name}_raw" for name in sector_columns]
    behind = names[at:]
    return [*names[:at], *own, behind[0], *cells, *behind[1:]]
