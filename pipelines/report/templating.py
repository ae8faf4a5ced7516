"""Makes the one kind of Jinja environment that all pages and letters are written with."""

from collections.abc import Callable
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from pipelines.report import numbers


def environment(*packages: str, is_html: bool = True, **filters: Callable[..., Any]) -> Environment:
    """Templates of the report, those of other packages before them; a name without a value is an error.

    Numbers and days are written as in Vietnamese; `filters` are added to those, or take their place.
    """
    made = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in (*packages, "pipelines.report")]),
        autoescape=is_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        count=numbers.count, percent=numbers.percent, decimal=numbers.decimal, day=numbers.day, signed=numbers.signed
    )
    made.filters.update(filters)
    return made
