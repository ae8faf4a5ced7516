"""The waterfall as drawn: each bar begins where the one before ended."""

import re
from xml.etree import ElementTree

import pytest

from pipelines.report.charts import waterfall
from tests.pipelines.report.explained import EXPLAINED, step


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
    assert "tổng cộng 15,0 bit" in waterfall.in_words(EXPLAINED)


def test_a_file_of_its_own_is_whole_xml_with_the_sentence_in_lines() -> None:
    root = ElementTree.fromstring(str(waterfall.picture("Vì sao", EXPLAINED)))
    texts = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "Vì sao"
    assert max(map(len, texts)) <= waterfall.LINE
    assert any("giới tính khác." in text for text in texts)


def test_a_record_of_no_weight_is_no_fault() -> None:
    flat = EXPLAINED.model_copy(update={"steps": (step("Trước", "trước khi so", 0, 0),), "weight": 0.0})
    assert len(bars(waterfall.chart("w", "t", flat))) == 1
