"""Prints a verb's counts, each by its name."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.language import say, told
from pipelines.cli.show.console import OUT, number, show_json, titled_table

if TYPE_CHECKING:
    pass

COUNTED = Path(__file__).with_name("counts.toml")


@cache
def _counted() -> dict[str, dict[str, str]]:
    return tomllib.loads(COUNTED.read_text(encoding="utf-8"))


def names_of(of: str, counts: Mapping[str, Any], own_sectors: Path | None) -> dict[str, str]:
    """Key → its name, for the counts that have a name; the sectors come last."""
    from pipelines.sectors import custom

    titles = custom.titles(own_sectors)
    sectors = {name: say(vietnamese, english) for name, (vietnamese, english) in titles.items()}
    lists = {
        f"listed_{name}": say(f"{vietnamese} cần xử lý", f"{english} to mend")
        for name, (vietnamese, english) in titles.items()
    }
    named = {key: told(name) for key, name in _counted().get(of, {}).items()}
    return {**named, **{key: name for key, name in (sectors | lists).items() if key in counts}}


def with_name(value: str, name: str) -> str:
    """`7 tệp`; where the name says the value's place, `còn {} lượt`, there: `còn 7 lượt`."""
    return name.format(value) if "{}" in name else f"{value} {name}"


def show_counts(name: str, counts: Mapping[str, Any], *, as_json: bool, own_sectors: Path | None = None) -> None:
    """Prints names and values, one a line; custom sectors have their titles too."""
    if as_json:
        show_json(counts)
        return
    table = titled_table(name, "", "")
    names = {**names_of("only in tables", {}, None), **names_of(name, counts, own_sectors)}
    for key, value in counts.items():
        table.add_row(
            names.get(key, key).replace("{}", "…"),
            " · ".join(f"{_part(k)} {number(v)}" for k, v in value.items())
            if isinstance(value, dict)
            else number(value),
        )
    OUT.print(table)


def _part(key: str) -> str:
    """What the table calls one part of a count: a registry status or a province by its name."""
    from vn import territories

    return told(_counted()["people"].get(key, "")) or territories.province_name(key) or key
