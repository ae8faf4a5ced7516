"""Writes the week's letters: to each department and unit with something to mend, in the style of an official letter."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl
from jinja2 import Environment

from pipelines.config import Run
from pipelines.report import glance, templating, worklist
from pipelines.report.cleaned import sectors_tonight
from pipelines.report.progress import Progress, progress, title_of
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector
from pipelines.workspace import atomic_files, run_schema, run_tables

ANSWER_DAYS = 7
"""Days that a department has for its answer."""
SHOWN_CAUSES = 5
SUMMARY = "tong-hop.txt"
BETWEEN = f"\n\n{'=' * 72}\n\n"
"""What stands between two letters of one file."""
OFFICE = "(TÊN CƠ QUAN)"


class Letters(NamedTuple):
    """The letters of one department: its own and its units', as they stand in one file."""

    name: str
    """`<sector>-<province, or 00>`."""
    text: str
    letters: int


def write(run: Run, folder: Path) -> dict[str, int]:
    """Counts of departments and letters written to `folder`: `tong-hop.txt`, and a file for each department.

    What another digest left there is replaced. The run's tables must still be there.
    """
    sectors = schema.of_settings(run.settings)
    with run_tables.connect(run, read_only=True) as connection:
        worklist.prepare(connection, sectors)
        moved = progress(connection, run, sectors)
        made = _letters(connection, run, moved, sectors)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.txt"):
        old.unlink()
    for each in made:
        _write(folder / f"{each.name}.txt", each.text)
    _write(folder / SUMMARY, _summary(run, moved, sectors, made))
    return {"departments": len(made), "letters": sum(each.letters for each in made)}


def _write(path: Path, text: str) -> None:
    with atomic_files.atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _letters(
    connection: duckdb.DuckDBPyConnection, run: Run, moved: Progress, sectors: Mapping[str, Sector]
) -> list[Letters]:
    """The letters of each department with something to mend, by its name."""
    causes = _causes(connection)
    template = _environment().get_template("letter.txt")
    owed = moved.places.filter(pl.col("level").is_in(["department", "unit"]), pl.col("needs_work") > 0)
    texts: dict[str, list[str]] = {}
    # The department's letter stands before its units'.
    for place in owed.sort("sector", "province_code", "level", "unit", nulls_last=True).to_dicts():
        name = f"{place['sector']}-{place['province_code'] or '00'}"
        text = template.render(
            **_common(run, moved),
            place=place,
            sector=sectors[place["sector"]],
            to=_addressee(place, sectors),
            list_file=_list_file(run, name, place["sector"]),
            causes=causes.get(_key(place), [])[:SHOWN_CAUSES],
        )
        texts.setdefault(name, []).append(text)
    return [Letters(name, BETWEEN.join(many), len(many)) for name, many in texts.items()]


def _common(run: Run, moved: Progress) -> dict[str, Any]:
    night = run.settings.night
    return {
        "office": run.settings.office or OFFICE,
        "night": night,
        "since": moved.since,
        "answer_by": night + timedelta(days=ANSWER_DAYS),
    }


def _addressee(place: Mapping[str, Any], sectors: Mapping[str, Sector]) -> str:
    if place["level"] == "unit":
        return title_of(place, sectors)
    return f"Đơn vị phụ trách dữ liệu ngành {title_of(place, sectors).replace(' · ', ', ')}"


def _list_file(run: Run, name: str, sector: str) -> str | None:
    """The list that goes with the letter, as it lies in the reports; None if there is none of that name."""
    lists = [f"{name}.xlsx", f"{sector}.xlsx"]
    return next((each for each in lists if (run.reports / "lists" / each).is_file()), None)


def _key(place: Mapping[str, Any]) -> tuple[str | None, ...]:
    return place["sector"], place["province_code"], place["unit"]


def _causes(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str | None, ...], list[dict[str, Any]]]:
    """Place → why its records need work, commonest first: `title, remedy, records`."""
    units = " UNION ALL ".join(
        f"SELECT sector, record_id, unit FROM {run_schema.core_table(sector)}" for sector in sectors_tonight(connection)
    )
    if not units:
        return {}
    found: dict[tuple[str | None, ...], list[dict[str, Any]]] = {}
    for row in run_tables.query(connection, _CAUSES.format(units=units)).to_dicts():
        found.setdefault(_key(row), []).append(row)
    return found


def _summary(run: Run, moved: Progress, sectors: Mapping[str, Sector], made: list[Letters]) -> str:
    departments = moved.places.filter(pl.col("level") == "department")
    by_sector = departments.group_by("sector").agg(pl.sum("records", "verified", "needs_work", "before")).sort("sector")
    return (
        _environment()
        .get_template("digest.txt")
        .render(
            **_common(run, moved),
            told=glance.read(run),
            by_sector=[{**row, "title": sectors[row["sector"]].title_vi} for row in by_sector.to_dicts()],
            total=moved.total,
            rankings=moved.rankings,
            made=made,
        )
    )


def _environment() -> Environment:
    return templating.environment(is_html=False, long_day=_long_day)


def _long_day(value: date) -> str:
    """As an official letter is dated: days below ten and the first two months have two digits."""
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return f"ngày {value.day:02d} tháng {month} năm {value.year}"


_CAUSES = """
WITH named AS ({units}), finding AS (
    SELECT sector, record_id, min_by(issue, place) AS issue
    FROM issues JOIN issue_labels USING (issue) WHERE severity = 'error' OR listed GROUP BY sector, record_id
), owed AS (
    SELECT outcomes.sector, province_code, named.unit,
           CASE WHEN status_labels.needs_work THEN status_labels.title_vi ELSE issue_labels.title_vi END AS title,
           CASE WHEN status_labels.needs_work THEN status_labels.remedy_vi ELSE issue_labels.remedy_vi END AS remedy
    FROM outcomes JOIN status_labels USING (status) LEFT JOIN named USING (sector, record_id)
    LEFT JOIN finding USING (sector, record_id) LEFT JOIN issue_labels ON issue_labels.issue = finding.issue
    WHERE outcomes.needs_work
)
SELECT sector, province_code, NULL::VARCHAR AS unit, title, min(remedy) AS remedy, count(*) AS records
FROM owed GROUP BY sector, province_code, title
UNION ALL
SELECT sector, province_code, unit, title, min(remedy), count(*)
FROM owed WHERE unit IS NOT NULL GROUP BY sector, province_code, unit, title
ORDER BY records DESC, title
"""
