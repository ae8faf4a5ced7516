from datetime import date

import pytest
from jinja2 import UndefinedError

from pipelines.report import templating


def test_numbers_and_days_are_written_as_in_vietnamese_and_text_is_never_markup() -> None:
    template = templating.environment().from_string("{{ n | count }} {{ d | day }} {{ t }}")
    assert template.render(n=1234, d=date(2026, 11, 29), t="<b>") == "1.234 29/11/2026 &lt;b&gt;"


def test_a_letter_is_plain_text_and_filters_take_the_place_of_others() -> None:
    made = templating.environment(is_html=False, count=lambda value: f"no. {value}")
    assert made.from_string("{{ n | count }} {{ t }}").render(n=1, t="<b>") == "no. 1 <b>"


def test_a_name_without_a_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        templating.environment().from_string("{{ nobody }}").render()
