"""Prints an evaluation: shares with their intervals, the scale of probability, breakdowns."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matching import model
from matching.evaluation.calibration import Calibration, Part
from matching.explanation.words import held_title
from pipelines.cli.language import say, told
from pipelines.cli.show.console import OUT, number, show_json, titled_table
from pipelines.report.charts.calibration import cells, points
from pipelines.report.numbers import decimal, percent

SHARES = {
    "automatic_precision": "Liên kết tự động đúng / automatic precision",
    "automatic_recall": "Người có thật được liên kết / automatic recall",
    "proposed_recall": "Kể cả chờ xác minh / link + review recall",
    "review_precision": "Đề xuất chờ xác minh đúng / review precision",
    "none_precision": "«Không tìm thấy» đúng / none precision",
    "review": "Chờ cán bộ xác minh / review share",
}
"""Figure of the evaluation → its name for the officer."""

PARTS = (
    ("by_sector", "Ngành / sector"),
    ("by_status", "Tình trạng / status"),
    ("by_kind", "Loại / kind"),
    ("by_error", "Lỗi cài sẵn / planted error"),
)
SHOWN = ("automatic_precision", "automatic_recall", "proposed_recall", "review")

BAR = 20

KEPT = (
    "Đạt: lệch không quá 2 điểm hoặc xác suất dự báo nằm trong khoảng 95%. «Không»: hồ sơ không đề xuất ai, nhiều "
    "nhất chừng đó có thể đúng / Kept: within 2 points or the interval. None: nobody proposed, at most so many."
)


def show(figures: Mapping[str, Any], *, as_json: bool, own_sectors: Path | None = None) -> None:
    """Prints precision, recall and calibration with 95 % intervals, then each breakdown; custom sectors by their
    titles.
    """
    if as_json:
        show_json(figures)
        return
    over_all = titled_table(
        "So với đáp án / against the truth", "Chỉ số / figure", "Tỷ lệ / share", "95%", "Số hồ sơ / records"
    )
    for name, title in SHARES.items():
        over_all.add_row(told(title), *_share(figures[name]))
    OUT.print(over_all)
    _show_ranking(figures["ranking"])
    _show_calibration(figures["calibration"])
    _show_parts("Riêng hồ sơ chờ xác minh / of the reviews alone", figures["calibration_of_review"]["tenths"])
    _show_held(figures["by_held"])
    titles = _titles(own_sectors)
    for part, title in PARTS:
        named = titles.get(part, {})
        table = titled_table(
            say(f"Theo {told(title).lower()}", f"By {told(title)}"),
            title,
            "Hồ sơ / records",
            "Đúng tự động / precision",
            "Tìm được / recall",
            "Kể cả xác minh / with review",
            "Xác minh / review",
        )
        for name, each in figures[part].items():
            shown = (f"{_percent(each[key]['share'])}\n{_interval(each[key])}" for key in SHOWN)
            table.add_row(named.get(name, name) or "—", number(each["records"]), *shown)
        OUT.print(table)


def _show_held(held: Mapping[str, Any]) -> None:
    """What humans still get, and why."""
    table = titled_table(
        "Cán bộ còn phải xem, và vì sao / what humans still get, and why", "Vì sao / why", "Hồ sơ / records",
        "Đề xuất đúng / proposal right", "95%", "Không có trong CSDL / in no registry",
    )  # fmt: skip
    for code, row in held.items():
        title = held_title(code, model.load())
        share = row["right"]
        table.add_row(
            say(title.vi, title.en) or "—", number(row["records"]), _percent(share["share"]), _interval(share),
            number(row["absent"]),
        )  # fmt: skip
    OUT.print(table)


def bar(stated: float, observed: float) -> str:
    """A bar of 20 characters for the share that was right, with a stroke at the stated share."""
    filled = ["█" if place < round(BAR * observed) else "·" for place in range(BAR)]
    filled[min(BAR - 1, int(BAR * stated))] = "│"
    return "".join(filled)


def _show_calibration(measured: Calibration) -> None:
    _show_parts("Xác suất dự báo và tỷ lệ đúng thực tế / calibration", measured["tenths"])
    _show_parts("Khoảng trên cùng / the top tenth", measured["top"])
    OUT.print(verdict(measured), markup=False)
    OUT.print(f"{told(KEPT)}\n", markup=False)


def verdict(measured: Calibration) -> str:
    """One line: the distance of stated and observed, and whether every tenth is calibrated."""
    error, gap = measured["expected_error"], measured["largest_gap"]
    if error is None or gap is None:
        return say("Không có đề xuất nào", "no proposals")
    kept = (
        say("✓ mọi khoảng đạt", "✓ every tenth keeps")
        if measured["within"]
        else say("✗ có khoảng chưa đạt", "✗ not all keep")
    )
    gaps = say(
        f"Lệch bình quân {points(error)} · lệch lớn nhất {points(gap)} điểm",
        f"Expected error {points(error)} · largest gap {points(gap)} points",
    )
    return f"{gaps} · {kept}"


def _show_parts(title: str, parts: Sequence[Part]) -> None:
    table = titled_table(
        title, "Khoảng / range", "Đề xuất / proposals", "Dự báo / stated", "Đúng / right", "95%", "Lệch / gap",
        "Đúng █, dự báo │ / right █, stated │", "Không / none",
    )  # fmt: skip
    for part in parts:
        stated, share, none = part["stated"], part["observed"]["share"], part["none"]
        drawn = "" if stated is None or share is None else bar(stated, share)
        at_most = f"{number(none)} (≤ {percent(part['none_findable'] / none)})" if none else ""
        table.add_row(*cells(part), drawn, at_most)
    OUT.print(table)


def _show_ranking(ranking: Mapping[str, Any]) -> None:
    table = titled_table(
        "Xếp theo xác suất / ranked", "Mức / cut", "Đúng / precision", "Tìm được / recall", "95%", "F1",
        "Xác suất từ / probability from",
    )  # fmt: skip
    cuts = {
        f"{say('đúng', 'precision')} ≥ {_percent(float(level))}": cut for level, cut in ranking["recall_at"].items()
    }
    for title, cut in {**cuts, say("F1 cao nhất", "best F1"): ranking["best_f1"]}.items():
        if cut is None:
            table.add_row(title, *["—"] * 5)
        else:
            precision, recall, interval, _ = (_percent(cut["precision"]["share"]), *_share(cut["recall"]))
            f1, lowest = (decimal(cut[name], ".4f") for name in ("f1", "probability"))
            table.add_row(title, precision, recall, interval, f1, lowest)
    OUT.print(table)


def _share(share: Mapping[str, Any]) -> tuple[str, str, str]:
    of = f"{number(share['right'])} / {number(share['of'])}"
    return _percent(share["share"]), _interval(share), of


def _interval(share: Mapping[str, Any]) -> str:
    return f"{_percent(share['low'])} – {_percent(share['high'])}" if share["of"] else ""


def _percent(share: float | None) -> str:
    return "—" if share is None else percent(share, 3)


def _titles(own_sectors: Path | None) -> dict[str, dict[str, str]]:
    """Breakdown → code → what it is called."""
    from pipelines.sectors import custom
    from rules import tables

    return {
        "by_sector": {name: say(*both) for name, both in custom.titles(own_sectors).items()},
        "by_status": {code: say(status.label_vi, status.label_en) for code, status in tables.statuses().items()},
    }
