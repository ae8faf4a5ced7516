"""Lays a sector's own matching tables over the tables of this folder.

`[matching]` of a sector's TOML may hold the same tables as comparisons.toml, blocking.toml and weights.json. A
comparison takes the place of the one of its field, with its m and u; keys, bars, doublets and relatives take the place
of all there are; any other number changes singly. `like` names a table of this folder that is laid over first.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from matching.model import DIRECTORY, Model, ModelError, build, tables

FOREIGN = "foreign"
"""File of the tables for people whose names and numbers are not Vietnamese."""

LIKE = (FOREIGN,)

_WHOLE = ("key", "bar", "doublets", "relatives")


def extended(own: Mapping[str, Any]) -> Model:
    """The default model with a sector's `[matching]` laid over it. Errors: ModelError with every fault."""
    own = dict(own)
    stated = tables()
    if (like := own.pop("like", None)) is not None:
        stated = _laid_over(stated, _named(str(like)))
    return build(_laid_over(stated, own))


@cache
def _named(name: str) -> dict[str, Any]:
    if name not in LIKE:
        raise ModelError(f"like: no table {name}; known: {', '.join(LIKE)}")
    return tomllib.loads((DIRECTORY / f"{name}.toml").read_text(encoding="utf-8"))


def _laid_over(stated: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    own = dict(own)
    comparisons = {each.get("field"): each for each in own.pop("comparison", [])}
    found = dict(stated)
    found["comparison"] = [comparisons.get(each["field"], each) for each in stated["comparison"]]
    known = {each["field"] for each in stated["comparison"]}
    found["comparison"] += [each for field, each in comparisons.items() if field not in known]
    weights = dict(stated["weights"])
    # Levels of another comparison have other shares.
    for name in ("m", "u"):
        weights[name] = {field: shares for field, shares in weights[name].items() if field not in comparisons}
    return _deeper({**found, "weights": weights}, own)


def _deeper(stated: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(stated)
    for name, value in own.items():
        under = found.get(name)
        if isinstance(under, Mapping) and isinstance(value, Mapping) and name not in _WHOLE:
            value = _deeper(under, value)
        found[name] = value
    return found
