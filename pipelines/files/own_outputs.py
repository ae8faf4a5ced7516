"""Refuses our own outputs as input: they say less than what they were made from."""

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.errors import UnreadableFile
from pipelines.sectors.header_key import spaced


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def property_name() -> str:
    """The name of the document property that marks our workbooks."""
    return str(_table()["property"]["name"])


def list_sheet() -> str:
    """The name of the hidden sheet that our lists carry."""
    return str(_table()["property"]["list"])


def answered() -> UnreadableFile:
    """The refusal of a list of ours as data: what was answered in it is read elsewhere."""
    return UnreadableFile(
        "answers",
        "Đây là danh sách đã trả lời: câu trả lời đã được nhận, kết quả ở reports/answers của lượt / a filled-in list: "
        "its answers were read, what became of them is in the run's reports/answers.",
    )


def refuse(rows: Iterable[Sequence[str | None]]) -> None:
    """Returns if a sheet that begins with these rows is not ours. Errors: UnreadableFile `own_output`."""
    for row in rows:
        said = [spaced(cell) for cell in row if cell]
        cells = set(said)
        for known in _table()["columns"]:
            if all(spaced(name) in cells for name in known["all"]):
                raise refusal(known["title"])
        for known in _table()["text"]:
            if any(cell.startswith(spaced(known["starts"])) for cell in said):
                raise refusal(known["title"])


def refusal(title: str) -> UnreadableFile:
    """The refusal of an output of ours, and what to send instead."""
    vietnamese, _, english = title.partition(" / ")
    return UnreadableFile(
        "own_output",
        f"Đây là {vietnamese} do chính Sạch Sống xuất ra (số đã che, thiếu cột), không phải dữ liệu gốc nên không thay "
        f"gì cả; hãy sửa ở hệ thống nguồn rồi gửi bản xuất mới từ đó / this is {english} that Sạch Sống wrote: mend "
        "the source and send a new export of that.",
    )
