"""Prints the scores of the four families, their trend, and what a sample tells."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.cli.language import say
from pipelines.cli.show.console import OUT, show_json, titled_table
from pipelines.report import labels, numbers


def show(ranked: Mapping[str, pl.DataFrame], *, as_json: bool) -> None:
    """Prints a table a family, the groups by their progress. Shape: as `pipelines.audit.progress.ranked` gives them."""
    if as_json:
        show_json({family: rows.to_dicts() for family, rows in ranked.items()})
        return
    for family, rows in ranked.items():
        table = titled_table(
            " / ".join(labels.FAMILIES[family]), "Nhóm / group", "Tỷ lệ đạt / share", "95 %", "Đạt / passing",
            "Áp dụng / applicable", "Chưa biết / not known", "So với đêm trước / change",
        )  # fmt: skip
        for row in rows.to_dicts():
            share = ("—", "—") if row["share"] is None else (numbers.percent(row["share"], 2), _interval(row))
            counts = [numbers.count(row[name]) for name in ("passing", "applicable", "not_known")]
            change = "—" if row["change"] is None else numbers.decimal(100 * row["change"], "+.2f")
            table.add_row(_group(row), *share, *counts, change)
        OUT.print(table)


def _group(row: Mapping[str, Any]) -> str:
    places = [
        row["province_code"] and labels.province_title(row["province_code"]),
        row["commune_code"] and labels.commune_title(row["commune_code"]),
        row["unit"],
    ]
    return " · ".join([row["sector"], *filter(None, places)])


def _interval(row: Mapping[str, Any]) -> str:
    return f"{numbers.percent(row['low'], 2)}–{numbers.percent(row['high'], 2)}"


def show_trend(nights: pl.DataFrame, family: str | None, *, as_json: bool) -> None:
    """Prints the shares of each sector and family over the nights."""
    chosen = nights if family is None else nights.filter(pl.col("family") == family)
    if as_json:
        show_json(chosen.to_dicts())
        return
    table = titled_table(
        "Diễn biến / trend", "Đêm / night", "Ngành / sector", "Nhóm / family", "Tỷ lệ đạt / share",
        "Áp dụng / applicable",
    )  # fmt: skip
    for row in chosen.to_dicts():
        share = "—" if row["share"] is None else numbers.percent(row["share"], 2)
        word = say(*labels.FAMILIES[row["family"]])
        table.add_row(row["night"], row["sector"], word, share, numbers.count(row["applicable"]))
    OUT.print(table)


def show_estimate(found: Mapping[str, Any], *, as_json: bool) -> None:
    """Prints the shares with their intervals and from how many records they are."""
    if as_json:
        show_json(dict(found))
        return
    table = titled_table(
        "Ước lượng / estimate", "Quyết định / decision", "Tỷ lệ đúng / right", "95 %", "Đã kiểm tra / checked"
    )
    rows = {say("tất cả", "all"): found["all"], **found["by_decision"]}
    for name, each in rows.items():
        right = f"{each['right']} / {each['checked']}"
        table.add_row(name, numbers.percent(each["share"], 2), _interval(each), right)
    OUT.print(table)
    OUT.print(
        say(
            f"Không rõ {found['unknown']}, chưa điền {found['empty']}.",
            f"Unknown {found['unknown']}, not filled in {found['empty']}.",
        ),
        markup=False,
    )
