"""Prints the estimate of precision and recall by the reviewers' answers to random samples."""

from collections.abc import Mapping
from typing import Any

from pipelines.cli.language import say
from pipelines.cli.show.console import OUT, show_json, titled_table
from pipelines.report.numbers import percent


def show(told: Mapping[str, Any], *, as_json: bool) -> None:
    """Prints both shares with their intervals, and how many answers they rest on."""
    if as_json:
        show_json(told)
        return
    table = titled_table("Ước lượng từ mẫu / estimate by samples", "Chỉ số / figure", "Tỷ lệ / share", "95%")
    named = {
        "precision": say("Liên kết tự động đúng", "Automatic precision"),
        "recall": say("Người có thật được liên kết", "Automatic recall"),
    }
    for name, title in named.items():
        share = told[name]
        if share["share"] is None:
            table.add_row(title, "—", say("chưa đủ câu trả lời", "too few answers"))
        else:
            table.add_row(title, percent(share["share"]), f"{percent(share['low'])} – {percent(share['high'])}")
    OUT.print(table)
    answered = told["answered"]
    OUT.print(
        say(
            f"Cán bộ đã trả lời: {answered['link']} hồ sơ đã liên kết, {answered['review']} chờ xác minh, "
            f"{answered['none']} không tìm thấy; đêm gần nhất lấy {told['drawn']} hồ sơ mẫu.",
            f"Answered: {answered['link']} linked, {answered['review']} in review, {answered['none']} not found; "
            f"the last night drew {told['drawn']}.",
        )
    )
