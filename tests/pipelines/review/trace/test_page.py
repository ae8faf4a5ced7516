"""The page of a record's way: whole, without network or script, what a cell says never becomes markup."""

import re
from pathlib import Path

import pytest

from pipelines.errors import BadInput
from pipelines.review.trace import page
from pipelines.review.trace.model import Cell, Origin, Question, Rejected, Said, Standing, Trace
from tests.pipelines.report.explained import EXPLAINED

TRACED = Trace(
    origin=Origin(
        run_id="2026-11-22-1", night="2026-11-22", record_id="r1", sector="students", sector_title="Học sinh",
        source_file="a.csv", sheet="", source_row=2, arrived_as="a.csv", arrived_sha256="0" * 64, format="csv",
        encoding="utf-8", header_row=1,
    ),
    cells=(
        Cell(column="full_name", title_vi="Họ và tên", title_en="full name", header="<b>Tên</b>", text="N. V. A.",
             value="N. V. A.", repairs=("case",), why_not=None),
    ),
    rules=(
        Said(family="correct", rule_id="correct-id-sex", verdict="fail", severity="error", message_vi="Giới tính khác",
             message_en="sex differs", source="Thông tư 59/2021/TT-BCA"),
        Said(family="live", rule_id="live-asked", verdict="not_applicable", severity="warning", message_vi="Chờ",
             message_en="waits", source="Own reading"),
    ),
    card={"correct": "fail", "complete": "pass", "clean": "not_applicable", "live": "not_known"},
    link=EXPLAINED, person="079*****2345", decided_by="model", final_decision="link",
    human=(), final_status="wrong_information",
    question=Question(
        request_id="b1dc7085", tenant="students-79", state="answered", result="MATCH", flags={"id_number": "M"},
        enqueued_on="2026-11-21", asked_on="2026-11-22", charged_on="2026-11-22", places=85, places_used=40, points=7,
    ),
    reports=(Standing(path="links.parquet", rows=1, said_vi="quyết định", said_en="decision"),),
)  # fmt: skip


def test_tells_every_step_and_no_markup_of_a_cell() -> None:
    html = page.page([TRACED])
    for told in ("r1", "&lt;b&gt;Tên", "correct-id-sex", "không đạt", "chưa biết", "b1dc7085", "links.parquet", "case"):
        assert told in html
    assert "<b>Tên" not in html
    assert "<script" not in html
    assert not re.search(r'(?:src|href|url)\s*[=(]\s*["\']?(?:https?:)?//', html)


def test_a_rejected_row_says_why(tmp_path: Path) -> None:
    row = Rejected(sector="students", source_file="a.csv", sheet="", source_row=7, code="cells", message="Dòng có 9 ô")
    page.write([row], tmp_path / "a.html")
    assert "Dòng có 9 ô" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput):
        page.write([TRACED], tmp_path / "file" / "a.html")
