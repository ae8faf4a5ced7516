"""Writes the auditor's folder of a run: the page, the tables beside it, the lineage, the sample."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from sqlalchemy import select

from pipelines.audit import progress, scores
from pipelines.audit.manifest import MANIFEST
from pipelines.config import Run
from pipelines.report import anchor, findings, labels, numbers, templating
from pipelines.report.auditor import openlineage, sample
from pipelines.report.figures import Figures
from pipelines.sectors import schema
from pipelines.workspace import atomic_files, audit_log, provenance, run_schema, run_tables, state
from pipelines.workspace.state_tables import orders

FOLDER = "audit"
SHOWN = 10
"""Provinces at each end of a ranking that the page shows; the table beside it has all."""

_TO_ADD_UP = pl.col("level").is_in(["night", "sector", "province"]) | (
    pl.col("rule_id").is_null() & (pl.col("level") != "unit")
)
"""The scores of families down to communes, of rules down to provinces. `scores.parquet` has all, units too."""


def write(
    connection: duckdb.DuckDBPyConnection, run: Run, night: Figures, account: pl.DataFrame, counts: Mapping[str, int]
) -> dict[str, int]:
    """Rows of each table of the folder. `counts` are the rows of the run's Parquet files, which are written already."""
    folder = run.directory / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    before = scores.run_before(run)
    told = progress.compared(run.directory, before, _TO_ADD_UP)
    tables = {
        "account": account,
        "statuses": findings.statuses_by_sector(connection),
        "rejections": _rejections(connection),
        "scores": told.drop("unit", "share", "low", "high", "before_share", "change"),
        "issues": _issues(connection),
    }
    for name, table in tables.items():
        _csv(table, folder / f"{name}.csv")
    drawn = sample.write(connection, run, folder / "sample.csv")
    files = run_tables.read_table(connection, run_schema.FILES)
    _text(openlineage.events(run, files, counts), folder / "openlineage.json")
    _text(_page(run, night, account, told, before, drawn), folder / "audit.html")
    return {f"audit_{name}": table.height for name, table in tables.items()} | {"audit_sample": drawn}


def _csv(table: pl.DataFrame, path: Path) -> None:
    """Whole numbers and texts only, so that a spreadsheet of any country adds them up; in UTF-8 with its mark."""
    with atomic_files.atomic(path) as temporary:
        temporary.write_bytes(b"\xef\xbb\xbf" + table.write_csv().encode())


def _text(text: str, path: Path) -> None:
    with atomic_files.atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _rejections(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return run_tables.query(
        connection,
        "SELECT sector, source_file, code, count(source_row) AS rows FROM rejected GROUP BY ALL ORDER BY ALL",
    )


def _issues(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return run_tables.query(
        connection,
        "SELECT sector, family, rule_id, issue, severity, count(DISTINCT record_id) AS records FROM issues "
        "GROUP BY ALL ORDER BY ALL",
    )


def _page(run: Run, night: Figures, account: pl.DataFrame, told: pl.DataFrame, before: Path | None, drawn: int) -> str:
    described = schema.of_settings(run.settings)
    return (
        templating.environment(points=_points)
        .get_template("audit.html")
        .render(
            run_id=run.run_id,
            night=run.settings.night,
            version=provenance.versions()["sachsong"],
            code=provenance.code_digest(),
            account=account.to_dicts(),
            totals=account.select(pl.sum("rows_counted", "links", "rejected", "difference")).to_dicts()[0],
            figures=night,
            sectors={name: described[name].title_vi for name in sorted(set(told["sector"].drop_nulls()))},
            families=labels.FAMILIES,
            scores=_by_sector(told),
            before=before.name if before else None,
            changes=_changes(run, before, night),
            ranks=_ranks(told),
            shown=SHOWN,
            orders=_orders(run),
            signatures=_signatures(run, before),
            drawn=drawn,
            head=anchor.sentence(run),
        )
    )


def _points(change: float | None) -> str:
    """A difference of shares in percentage points."""
    return "—" if change is None else numbers.decimal(100 * change, "+.2f")


def _by_sector(told: pl.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """Sector → family → its score."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in told.filter(pl.col("level") == "sector", pl.col("rule_id").is_null()).to_dicts():
        found.setdefault(row["sector"], {})[row["family"]] = row
    return found


def _ranks(told: pl.DataFrame) -> list[dict[str, Any]]:
    """For each sector and family the provinces that have risen and fallen most since the night before."""
    found = []
    for sector in sorted(set(told["sector"].drop_nulls())):
        for family in labels.FAMILIES:
            ranked = progress.ranked(told, "province", family, sector).filter(
                pl.col("change").is_not_null() & (pl.col("change") != 0) & pl.col("province_code").is_not_null()
            )
            if ranked.height:
                rows = ranked.with_columns(
                    labels.titles_of(ranked["province_code"], labels.province_title).alias("province")
                )
                risen, fallen = rows.filter(pl.col("change") > 0), rows.filter(pl.col("change") < 0).reverse()
                both = pl.concat([risen.head(SHOWN), fallen.head(SHOWN).reverse()])
                found.append({"sector": sector, "family": family, "rows": both.to_dicts()})
    return found


def _changes(run: Run, before: Path | None, night: Figures) -> dict[str, Any]:
    """What is otherwise than in the run before: counts, registry, and the tables that decide."""
    if before is None:
        return {}
    earlier = json.loads((before / MANIFEST).read_bytes())
    then, now = earlier["sources"]["tables"], provenance.sources(run.settings.sectors_directory)["tables"]
    names = ("rows", "records", "rejected", "needs_work", "issues", "asked", "answered", "waiting")
    counts: Mapping[str, Any] = night
    return {
        "counts": [(name, earlier["counts"][name], counts[name]) for name in names],
        "tables": sorted(name for name in {*then, *now} if then.get(name) != now.get(name)),
        "code": sorted(
            name
            for name, digest in provenance.sources(run.settings.sectors_directory)["code"].items()
            if earlier["sources"]["code"].get(name) != digest
        ),
    }


def _signatures(run: Run, before: Path | None) -> list[tuple[str, str]]:
    """Who signed the night before, or a sector's list of it: (what, who). Whether they still hold `verify` tells."""
    if before is None or not run.settings.has_state:
        return []
    with state.opened(run.settings) as engine, state.reading(engine) as connection:
        found = [each for each in audit_log.entries(connection, "sign_off") if each.details["run_id"] == before.name]
    return [(each.details["list"] or before.name, each.by) for each in found]


def _orders(run: Run) -> list[dict[str, Any]]:
    """Orders in force or given, the newest first."""
    if not run.settings.has_state:
        return []
    with state.opened(run.settings) as engine, state.reading(engine) as connection:
        return [dict(row) for row in connection.execute(select(orders).order_by(orders.c.order.desc())).mappings()]
