"""Counts what changes of the registry did to a night's records, and the newborns that insurance lacks, for the summary.

Aggregates only: whose they are is for the owner of the data (`sachsong registry newborns`).
"""

from typing import Any

import duckdb
import polars as pl

from pipelines.report import labels
from pipelines.report.small_counts import of_count
from pipelines.workspace import run_schema, run_tables

TITLES = {
    "birth": ("Khai sinh", "birth"),
    "death": ("Khai tử", "death"),
    "move": ("Chuyển nơi ở", "move"),
    "new_number": ("Cấp số mới", "new number"),
    "correction": ("Cải chính", "correction"),
    "merge": ("Gộp", "merge"),
    "cancelled": ("Hủy số", "cancelled"),
}
SHOWN = 20
"""Communes on the page, those with most missing."""


def told(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]]:
    """Rows for the template: `events` by kind with the records that they touch and those of them with an issue;
    `newborns` by commune: born, missing in insurance, as they are published (`small_counts`): the page is read outside
    of the office whose data they are. Both empty where no feed was loaded since the last whole file.
    """
    if not run_tables.has_table(connection, run_schema.TOUCHED):  # the hop link was not run: filled by hand
        return {"events": [], "newborns": []}
    counted = {row["event"]: row for row in run_tables.query(connection, _EVENTS).to_dicts()}
    return {
        "events": [
            {"title_vi": vi, "title_en": en, **counted[event]} for event, (vi, en) in TITLES.items() if event in counted
        ],
        "newborns": _newborns(run_tables.query(connection, _NEWBORNS)),
    }


def _newborns(places: pl.DataFrame) -> list[dict[str, Any]]:
    """The communes with most missing, in the order of what is shown: the exact one would tell small counts apart."""
    shown = [(of_count(row["born"]), of_count(row["missing"]), row) for row in places.to_dicts()]
    most = sorted(shown, key=lambda each: -each[1].known.low)[:SHOWN]
    return [
        {
            "commune": labels.commune_title(row["commune_code"]) if row["commune_code"] else None,
            "province": labels.province_title(row["province_code"]) if row["province_code"] else None,
            "born": born.text,
            "missing": missing.text,
        }
        for born, missing, row in most
    ]


_EVENTS = """
SELECT event, count(DISTINCT record_id) AS records,
       count(DISTINCT record_id) FILTER (record_id IN (
           SELECT record_id FROM issues WHERE family = 'live' OR rule_id = 'live-person-once')) AS with_issue
FROM touched GROUP BY event ORDER BY event
"""

_NEWBORNS = """
SELECT province_code, commune_code, born, missing FROM newborns WHERE missing > 0
ORDER BY province_code NULLS LAST, commune_code NULLS LAST
"""
