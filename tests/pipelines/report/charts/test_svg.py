import re
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from pipelines.report.charts.svg import Bar, Line, Segment, line_chart, ranked_bars, stacked_bars


def segment(title: str, value: int) -> Segment:
    return Segment(title, value, "#009E73", "#FFFFFF")


@given(st.lists(st.integers(min_value=0, max_value=10**8), min_size=1, max_size=8))
def test_a_bar_is_filled_exactly(values: list[int]) -> None:
    chart = stacked_bars("x", "T", "D", [("Học sinh", [segment(str(i), v) for i, v in enumerate(values)])])
    widths = [float(rect.get("width", "").rstrip("%")) for rect in ET.fromstring(chart).iter("rect")]
    assert abs(sum(widths) - (100 if sum(values) else 0)) < 0.01 * len(values)
    assert len(widths) == sum(value > 0 for value in values)


def test_text_from_outside_is_escaped_and_read_aloud() -> None:
    chart = ranked_bars("p", "Tỉnh & <xã>", "mô tả", [Bar('<script>"&', 3, "3 / 4")], "#0B5C93")
    root = ET.fromstring(chart)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "p-title p-desc"
    assert [node.text for node in root.findall("title")] == ["Tỉnh & <xã>"]
    assert '<script>"&' in [node.text for node in root.iter("text")]


def test_a_line_breaks_where_a_night_was_not_measured_and_ends_with_its_value() -> None:
    line = Line("Đã hỏi", [10, None, 30], "#0B5C93")
    root = ET.fromstring(line_chart("t", "T", "D", ["20/11", "21/11", "22/11"], [line], shares=False))
    assert len(list(root.iter("circle"))) == 2
    assert [node.text for node in root.iter("text")][-1] == "30"
    # The scale's top is at or above the highest value, in whole quarters.
    assert "40" in [node.text for node in root.iter("text")]


def test_one_night_is_a_point() -> None:
    chart = line_chart("t", "T", "D", ["22/11"], [Line("a", [0.5], "#000")], shares=True)
    assert len(re.findall("<circle", chart)) == 1
    assert "stroke-linecap" not in chart


def test_last_values_that_lie_close_are_told_one_below_the_other() -> None:
    lines = [Line("a", [0.1, 0.500], "#000"), Line("b", [0.2, 0.501], "#111"), Line("c", [None, 0.9], "#222")]
    root = ET.fromstring(line_chart("t", "T", "D", ["21/11", "22/11"], lines, shares=True))
    told = [(text.text, float(text.attrib["y"])) for text in root.iter() if text.attrib.get("class") == "value"]
    assert [text for text, _ in told] == ["90,0%", "50,1%", "50,0%"]
    heights = [y for _, y in told]
    assert heights[2] - heights[1] == 14.0
