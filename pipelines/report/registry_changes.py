"""Counts what changes of the registry did to a night's records, and the newborns that insurance lacks, for the summary.

Aggregates only: whose they are is for the owner of the data (`sachsong registry newborns`).
"""

from typing import Any

import duckdb

from pipelines.report import labels
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
SMALL = 7
"""Fewer newborns than one more are not told apart by commune: the page is read outside of the owner's office."""
SHOWN = 20
"""Communes on the page, those with most missing."""


def told(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]]:
    """Rows for the template: `events` by kind with the records that they touch and those of them with an issue;
    `newborns` by commune: born, missing in insurance. Both empty where no feed was loaded since the last whole file.
    """
    if not run_tables.has_table(connection, run_schema.TOUCHED):  # the hop link was not run: filled by hand
        return {"events": [], "newborns": []}
    counted = {row["event"]: row for row in run_tables.query(connection, _EVENTS).to_dicts()}
    places = run_tables.query(connection, _NEWBORNS, {"shown": SHOWN})
    places = places.with_columns(
        commune=labels.titles_of(places["commune_code"], labels.commune_title),
        province=labels.titles_of(places["province_code"], labels.province_title),
    )
    return {
        "events": [
            {"title_vi": vi, "title_en": en, **counted[event]} for event, (vi, en) in TITLES.items() if event in counted
        ],
        "newborns": [
            {**row, "born": _hidden(row["born"]), "missing": _hidden(row["missing"])} for row in places.to_dicts()
        ],
    }


def _hidden(count: int) -> str:
    return f"1–{SMALL}" if 0 < count <= SMALL else str(count)


_EVENTS = """
SELECT event, count(DISTINCT record_id) AS records,
       count(DISTINCT record_id) FILTER (record_id IN (
           SELECT record_id FROM issues WHERE family = 'live' OR rule_id = 'live-person-once')) AS with_issue
FROM touched GROUP BY event ORDER BY event
"""

_NEWBORNS = """
SELECT province_code, commune_code, born, missing FROM newborns WHERE missing > 0
ORDER BY missing DESC, province_code NULLS LAST, commune_code NULLS LAST LIMIT $shown
"""
