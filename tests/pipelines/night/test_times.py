"""The page of times says what each hop took, in the night's order; it is no output of the run."""

import re
from pathlib import Path

from pipelines.audit.manifest import TIMES, _outputs
from pipelines.config import Run, Settings
from pipelines.night.times import write_times

SPENT = [
    {"hop": "link", "seconds": 1234.56, "cpu_seconds": 2000.04, "peak_mb": 2048},
    {"hop": "read", "seconds": 61.728, "cpu_seconds": 10.0, "peak_mb": 300},
]


def page(folder: Path, spent: list[dict[str, object]]) -> str:
    run = Run(settings=Settings(workspace=folder), run_id="2026-11-22-1")
    write_times(run, spent)
    assert not _outputs(run.directory)
    return (run.directory / TIMES).read_text(encoding="utf-8")


def test_hops_stand_in_the_nights_order_with_their_sum(tmp_path: Path) -> None:
    text = re.sub(r"<[^>]*>", " ", page(tmp_path, SPENT).partition("<body>")[2])
    assert re.findall(r"Đọc tệp|Đối chiếu dân cư|Cả đêm", text) == ["Đọc tệp", "Đối chiếu dân cư", "Cả đêm"]
    assert re.findall(r"\d[\d.,]*", text) == [
        *("61,7", "10,0", "300"),
        *("1234,6", "2000,0", "2.048"),
        *("1296,3", "2010,0", "2.048"),
    ]


def test_a_bar_is_the_hops_part_of_the_longest(tmp_path: Path) -> None:
    assert re.findall(r"width:([\d.]+)%", page(tmp_path, SPENT).partition("<body>")[2]) == ["5.0", "100.0"]


def test_a_night_without_times_has_an_empty_table(tmp_path: Path) -> None:
    assert "<tbody>" in page(tmp_path, [])
