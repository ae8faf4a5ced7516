"""The waterfall as drawn: each bar begins where the one before ended."""

import re
from xml.etree import ElementTree

import pytest

from matching.explanation.model import Explanation, Step
from pipelines.report.charts import waterfall


def step(field: str, said: str, bits: float, total: float) -> Step:
    return Step(
        field=field, title_vi=field, title_en=field, said_vi=said, said_en=said, bits=bits, total=total, share=0.1
    )


EXPLAINED = Explanation(
    record_id="r1", sector="students", source_file="a.csv", sheet="", source_row=2, decision="link",
    status="wrong_information", reason="Số định danh đúng; " + "ngày sinh khác; " * 12 + "giới tính khác.",
    candidates=1, values=(),
    steps=(
        step("Trước", "trước khi so", -10, -10), step("Họ tên", "khớp <b>", 14, 4),
        step("Tên mẹ", "không có để so", 0, 4), step("Ngày sinh", "ngày sinh khác", -1, 3), step("Số", "khớp", 12, 15),
    ),
    weight=15, probability=1.0, relatives=0, nobody=0, second=None, margin=15, recorded_weight=15, corrections=None,
    sentences=(),
)  # fmt: skip


def bars(svg: str) -> list[tuple[float, float]]:
    """Left edge and right edge of each bar, in percent."""
    found = re.findall(r'class="bar" x="([\d.]+)%" y="\d+" width="([\d.]+)%"', svg)
    return [(float(left), float(left) + float(width)) for left, width in found]


def test_bars_begin_where_the_last_one_ended() -> None:
    prior, name, birth, number, total = bars(waterfall.chart("w", "t", EXPLAINED))
    assert prior == pytest.approx((0, 40), abs=0.1)
    assert name == pytest.approx((0, 56), abs=0.1)
    assert birth == pytest.approx((52, 56), abs=0.1)
    assert number == pytest.approx((52, 100), abs=0.1)
    assert total == pytest.approx((40, 100), abs=0.1)


def test_signs_words_and_what_did_not_count() -> None:
    svg = str(waterfall.chart("w", "t", EXPLAINED))
    for told in ("−10,0", "+14,0", "15,0 bit", "Ngày sinh khác", "Họ tên: khớp &lt;b&gt;"):
        assert told in svg
    assert "Tên mẹ" not in svg
    assert "tổng cộng 15,0 bit" in waterfall.said(EXPLAINED)


def test_a_file_of_its_own_is_whole_xml_with_the_sentence_in_lines() -> None:
    root = ElementTree.fromstring(str(waterfall.picture("Vì sao", EXPLAINED)))
    texts = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "Vì sao"
    assert max(map(len, texts)) <= waterfall.LINE
    assert any("giới tính khác." in text for text in texts)


def test_a_record_of_no_weight_is_no_fault() -> None:
    flat = EXPLAINED.model_copy(update={"steps": (step("Trước", "trước khi so", 0, 0),), "weight": 0.0})
    assert len(bars(waterfall.chart("w", "t", flat))) == 1
