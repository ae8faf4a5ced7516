"""Builds the SQL condition of each `expect` that the rule tables name."""

import inspect
from collections.abc import Callable
from typing import Any

from rules import record_conditions, set_conditions
from rules.sql import Condition, Scope

Builder = Callable[..., Condition]


def _public(module: Any) -> dict[str, Builder]:
    return {
        key: function
        for key, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not key.startswith("_")
    }


CONDITIONS: dict[str, Builder] = {**_public(record_conditions), **_public(set_conditions)}
"""`expect` → the function that builds its condition from the column, the scope and the rule's `args`."""


def build(expect: str, column: str, args: dict[str, Any], scope: Scope) -> Condition:
    """The rule's condition on the scope's table. Errors: TypeError or ValueError if `args` do not fit."""
    return CONDITIONS[expect](column, scope, **args)


def fault(expect: str, args: dict[str, Any]) -> str | None:
    """The reason why `expect` cannot be used with `args`; None if it can."""
    if expect not in CONDITIONS:
        return f"expect {expect!r} is not one of {', '.join(sorted(CONDITIONS))}"
    try:
        inspect.signature(CONDITIONS[expect]).bind("column", None, **args)
    except TypeError as wrong:
        return f"args: {wrong}"
    return None
