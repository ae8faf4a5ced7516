"""The picture: well-formed, the same every time, points where their numbers are."""

import xml.etree.ElementTree as ET

import pytest

from matching.evaluation.calibration import calibration
from pipelines.report.charts.calibration import BREAKS, KEEPS, LEFT, SIDE, TOP, cells, chart
from tests.matching.judged import judged, record

SVG = "{http://www.w3.org/2000/svg}"


def _measured(probability: float, right: int, wrong: int) -> str:
    rows = [record("review", "1", "1" if place < right else "2", probability) for place in range(right + wrong)]
    return str(chart(calibration(judged(*rows))))


def test_well_formed_and_repeatable() -> None:
    text = _measured(0.5, 50, 50)
    root = ET.fromstring(text)
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    assert text == _measured(0.5, 50, 50)


@pytest.mark.parametrize(("right", "wrong", "colour"), [(50, 50, KEEPS), (10, 90, BREAKS)])
def test_a_point_stands_at_its_numbers(right: int, wrong: int, colour: str) -> None:
    dots = list(ET.fromstring(_measured(0.5, right, wrong)).iter(f"{SVG}circle"))
    assert len(dots) == 1, "an empty part has no point"
    bottom = TOP + 24 + SIDE
    assert float(dots[0].attrib["cx"]) == pytest.approx(LEFT + SIDE / 2, abs=0.1)
    assert float(dots[0].attrib["cy"]) == pytest.approx(bottom - SIDE * right / 100, abs=0.1)
    assert dots[0].attrib["fill"] == colour


def test_a_point_of_the_top_is_in_both_panels() -> None:
    dots = list(ET.fromstring(_measured(0.99, 99, 1)).iter(f"{SVG}circle"))
    assert len(dots) == 2


def test_cells() -> None:
    part = calibration(judged(*[record("review", "1", "1" if place < 60 else "2", 0.85) for place in range(100)]))
    assert cells(part["tenths"][8]) == ("80 – 90%", "100", "85,00%", "60,00%", "50,20% – 69,06%", "-25,00 ✗")
    assert cells(part["tenths"][0]) == ("0 – 10%", "0", "—", "—", "—", "")
    assert cells(part["top"][1])[0] == "99 – 99,9%"


def test_nothing_proposed() -> None:
    assert "no proposals" in str(chart(calibration(judged(record("none", None, None, 0.1)))))
