"""The auditor's folder: tables that add up to the run's sums, lineage of the published shape, a page, a sample."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest

from pipelines.config import Run
from pipelines.report.auditor import sample
from pipelines.report.hop import report
from pipelines.workspace import run_tables
from tests.pipelines.filled_run import SECRET_ID, SECRET_NAME, change, make_run

FACET = {
    "type": "object",
    "required": ["_producer", "_schemaURL"],
    "properties": {name: {"type": "string", "format": "uri"} for name in ("_producer", "_schemaURL")},
}
NAMED = {"namespace": {"type": "string"}, "name": {"type": "string"}}


def of_facets(name: str) -> dict[str, Any]:
    return {name: {"type": "object", "additionalProperties": FACET}}


DATASETS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["namespace", "name"],
        "properties": NAMED | of_facets("facets") | of_facets("inputFacets") | of_facets("outputFacets"),
    },
}
RUN_EVENT = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job"],
    "properties": {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "eventTime": {"type": "string", "format": "date-time"},
        "producer": {"type": "string", "format": "uri"},
        "schemaURL": {"type": "string", "format": "uri"},
        "run": {
            "type": "object",
            "required": ["runId"],
            "properties": {"runId": {"type": "string", "format": "uuid"}} | of_facets("facets"),
        },
        "job": {"type": "object", "required": ["namespace", "name"], "properties": NAMED | of_facets("facets")},
        "inputs": DATASETS,
        "outputs": DATASETS,
    },
}
"""What OpenLineage 2-0-2 asks of a RunEvent, in our words."""


def table(run: Run, name: str) -> pl.DataFrame:
    return pl.read_csv(run.directory / "audit" / name, infer_schema_length=None)


def test_the_tables_add_up_to_what_the_run_says(written: Run) -> None:
    counts = json.loads((written.directory / "manifest.json").read_bytes())["counts"]
    account, statuses = table(written, "account.csv"), table(written, "statuses.csv")
    assert account.select(pl.sum("rows_counted", "links", "rejected", "difference")).row(0) == (
        counts["rows"], counts["records"], counts["rejected"], 0,
    )  # fmt: skip
    assert statuses["records"].sum() == counts["records"]
    assert table(written, "rejections.csv")["rows"].sum() == counts["rejected"]
    scores = table(written, "scores.csv").filter(pl.col("rule_id").is_null(), pl.col("family") == "correct")
    for level in ("sector", "province", "commune"):
        assert scores.filter(level=level)["records"].sum() == counts["records"]
    assert not {"share", "low", "high"} & set(scores.columns), "whole numbers only"


def test_every_event_has_the_published_shape(written: Run) -> None:
    events = json.loads((written.directory / "audit" / "openlineage.json").read_bytes())
    checker = jsonschema.FormatChecker()
    for event in events:
        jsonschema.validate(event, RUN_EVENT, format_checker=checker)
    by_run: dict[str, list[str]] = {}
    for event in events:
        by_run.setdefault(event["run"]["runId"], []).append(event["eventType"])
    assert list(by_run.values()) == [["START", "COMPLETE"]] * 7
    outputs = {each["name"]: each for event in events for each in event["outputs"]}
    links = outputs["2026-11-22-1/links.parquet"]
    assert links["outputFacets"]["outputStatistics"]["rowCount"] == 61
    assert {event["eventTime"] for event in events} == {"2026-11-22T00:00:00+07:00"}


def test_the_page_stands_alone_and_names_nobody(written: Run) -> None:
    page = (written.directory / "audit" / "audit.html").read_text(encoding="utf-8")
    assert (
        page.index('id="account"') < page.index('id="scores"') < page.index('id="changes"') < page.index('id="orders"')
    )
    assert page.index('id="signatures"') < page.index('id="head"')
    assert "<script" not in page
    assert not re.search(r'(?:src|href|url)\s*[=(]\s*["\']?(?:https?:)?//', page)
    for secret in (SECRET_NAME, SECRET_ID):
        assert secret not in page
        assert secret not in (written.directory / "audit" / "sample.csv").read_text(encoding="utf-8")
    for linked in re.findall(r'href="([^"]+)"', page):
        assert (written.directory / "audit" / linked).is_file(), linked


def test_a_second_night_says_what_has_changed(tmp_path: Path) -> None:
    report(make_run(tmp_path))
    later = make_run(tmp_path, night=date(2026, 11, 23))
    change(later, 'UPDATE judged_students SET "correct-id-sex" = true, "correct-id-birth" = true')
    report(later)
    page = (later.directory / "audit" / "audit.html").read_text(encoding="utf-8")
    assert "So với lượt 2026-11-22-1" in page
    assert "Học sinh · Đúng" in page
    assert "Lượt chạy trước chưa ai ký" in page


@pytest.mark.parametrize("size", [1, 20, 40, 61, 500])
def test_a_sample_has_its_size_and_each_status(written: Run, size: int) -> None:
    with run_tables.connect(written) as connection:
        drawn = sample.draw(connection, "a", size)
        again = sample.draw(connection, "a", size)
        other = sample.draw(connection, "b", size)
    strata = drawn.select("sector", "status").unique().height
    assert drawn.height == max(min(size, 61), strata)
    assert drawn.equals(again)
    assert size >= 61 or not drawn.equals(other)
    assert drawn["record_id"].is_unique().all()
    counted = drawn.group_by("sector", "status").agg(pl.len(), pl.col("stratum_drawn").first())
    assert (counted["len"] == counted["stratum_drawn"]).all()
