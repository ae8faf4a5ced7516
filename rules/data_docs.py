"""Writes Great Expectations' pages about a night's check: counts and rules, no value of any record.

GX's own site builder puts a clock, random ids and links to five content networks into its pages. Its renderers are
used here to make the content, our templates to frame it: the same result gives the same bytes, and a page opens
without a network.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader

from rules.tables import FAMILIES, Family

TEMPLATES = Path(__file__).parent / "templates"
FAMILY_TITLES: dict[Family, str] = {
    "correct": "Đúng / correct",
    "complete": "Đủ / complete",
    "clean": "Sạch / clean",
    "live": "Sống / live",
}

HEADS = ["Kết quả / status", "Quy tắc / expectation", "Số hồ sơ / observed"]
"""Headers of the pages' tables, for what GX calls Status, Expectation and Observed Value."""


def write_page(
    validation: ExpectationSuiteValidationResult,
    directory: Path,
    sector: tuple[str, str],
    family: Family,
    night: date,
) -> None:
    """Writes `<sector>-<family>.html`: each rule with its verdict, by column; `sector` is its name and title."""
    document = ValidationResultsPageRenderer(run_info_at_end=True).render(validation).to_json_dict()
    # The first and last sections are GX's own: a link to a page that is not written, and the clock.
    sections = [_in_vietnamese(section) for section in document["sections"][1:-1]]
    page = _templates().get_template("data_docs_page.j2")
    html = page.render(
        sections=sections,
        title=f"{sector[1]} — {FAMILY_TITLES[family]}",
        night=f"{night:%d/%m/%Y}",
        statistics=validation.statistics,
    )
    _write(directory / f"{sector[0]}-{family}.html", html)


def _in_vietnamese(section: dict[str, Any]) -> dict[str, Any]:
    blocks = [block | {"header_row": HEADS} if "header_row" in block else block for block in section["content_blocks"]]
    return section | {"content_blocks": blocks}


def write_index(results: pl.DataFrame, directory: Path, sectors: Mapping[str, str], night: date) -> None:
    """Writes `index.html`: a row for each page with its rules, and how many of them found something."""
    figures = results.group_by("sector", "family").agg(
        rules=pl.len(),
        found=(pl.col("failing") > 0).sum(),
        failing=pl.col("failing").sum(),
        applicable=pl.col("applicable").sum(),
    )
    by_page = {(row["sector"], row["family"]): row for row in figures.to_dicts()}
    pages = [
        {
            **by_page[sector, family],
            "title": sectors.get(sector, sector),
            "family_title": FAMILY_TITLES[family],
            "href": f"{sector}-{family}.html",
        }
        for sector in sorted({sector for sector, _ in by_page})
        for family in FAMILIES
        if (sector, family) in by_page
    ]
    html = _templates().get_template("data_docs_index.j2").render(pages=pages, night=f"{night:%d/%m/%Y}")
    _write(directory / "index.html", html)


def _templates() -> Environment:
    # The view brings the filters that GX's templates for tables and sentences need.
    environment: Environment = DefaultJinjaPageView().env
    environment.loader = ChoiceLoader(
        [FileSystemLoader(TEMPLATES), PackageLoader("great_expectations", "render/view/templates")]
    )
    return environment


def _write(path: Path, html: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(html, encoding="utf-8")
    temporary.replace(path)
