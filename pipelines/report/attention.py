"""Words what an officer should look at first, most urgent first: each a sentence in Vietnamese and one in English."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipelines.report.charts import burndown
from pipelines.report.figures import Figures
from pipelines.report.numbers import count, day, decimal
from pipelines.report.progress import Progress
from pipelines.sectors.schema import Sector

FELL_POINTS = 1.0
"""Percentage points by which a sector's share must have changed since the last night to be told."""


class Sentence(NamedTuple):
    """One thing to know."""

    vi: str
    en: str


class SectorChange(NamedTuple):
    """One sector's figures tonight and on the last night."""

    sector: str
    title_vi: str
    title_en: str
    records: int
    verified: int
    needs_work: int
    before: Mapping[str, int] | None
    """`records, verified, needs_work` of the last night; None if it had none of this sector."""

    def points(self, figure: str) -> float | None:
        """By how many percentage points the share of a figure (`verified`, `needs_work`) has changed."""
        if not self.before or not self.before["records"] or not self.records:
            return None
        now: int = getattr(self, figure)
        return round(100 * (now / self.records - self.before[figure] / self.before["records"]), 1)


def changes(night: Figures, last: Mapping[str, Any] | None, sectors: Mapping[str, Sector]) -> list[SectorChange]:
    """Each sector of tonight or of the last night, by name; `last` are that night's figures."""
    before = (last or {}).get("sectors", {})
    nothing = {"records": 0, "verified": 0, "needs_work": 0}
    return [
        SectorChange(
            name,
            sectors[name].title_vi,
            sectors[name].title_en,
            **night["sectors"].get(name, nothing),
            before=before.get(name),
        )
        for name in sorted({*night["sectors"], *before})
        if name in sectors
    ]


def sentences(
    changed: Sequence[SectorChange], plan: burndown.Plan | None, progress: Progress, lost: int = 0
) -> list[Sentence]:
    """What to look at besides the asking and refused files, which are told in their own words."""
    return [*_lost(lost), *_missing(changed), *_fallen(changed), *_never_clear(plan), *_standing(progress)]


def _lost(lost: int) -> Iterator[Sentence]:
    if lost:
        yield Sentence(
            f"{lost} tệp chưa cân đối: số dòng đếm được khác hồ sơ cộng dòng bị loại.",
            f"{lost} files do not balance: rows are not records + rejected.",
        )


def _missing(changed: Sequence[SectorChange]) -> Iterator[Sentence]:
    for each in changed:
        if not each.records and each.before and each.before["records"]:
            before = count(each.before["records"])
            yield Sentence(
                f"{each.title_vi}: đêm nay không có hồ sơ nào, đêm trước có {before}; hỏi ngành đã gửi tệp chưa.",
                f"{each.title_en}: no record tonight, {before} the night before; ask whether files were sent.",
            )


def _fallen(changed: Sequence[SectorChange]) -> Iterator[Sentence]:
    for each in changed:
        points = each.points("needs_work")
        if points is not None and points >= FELL_POINTS:
            told = decimal(points, ".1f")
            yield Sentence(
                f"{each.title_vi}: tỷ lệ hồ sơ cần xử lý tăng {told} điểm phần trăm so với đêm trước.",
                f"{each.title_en}: the share of records that need work rose by {points:.1f} points.",
            )


def _never_clear(plan: burndown.Plan | None) -> Iterator[Sentence]:
    if plan and plan["waiting"] and plan["clears_on"] is None:
        yield Sentence(
            f"Hàng chờ không hết tồn đọng trong {plan['days']} ngày với hạn mức hiện nay: sachsong queue simulate.",
            f"The queue is not clear within {plan['days']} days under this cap: sachsong queue simulate.",
        )


def _standing(progress: Progress) -> Iterator[Sentence]:
    if progress.since is None:
        return
    departments = next(each for each in progress.rankings if each.level == "department")
    standing = [row for row in departments.behind if row["share"] is None or row["share"] <= 0]
    if standing:
        most = max(standing, key=lambda row: (row["needs_work"], row["title"]))
        yield Sentence(
            f"{departments.standing} đơn vị chưa giảm được hồ sơ cần xử lý nào từ {day(progress.since)}; "
            f"nhiều nhất: {most['title']}, {count(most['needs_work'])} hồ sơ.",
            f"{departments.standing} departments have mended nothing since {day(progress.since)}.",
        )
