"""Gathers the settings of a command: from its options, else the environment, else `sachsong.toml`, else the default.

What is wrong in any of them is told all at once, each with its line or variable and the remedy.
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from pipelines.config import Settings
from pipelines.workspace import setting_faults
from pipelines.workspace.setting_faults import SettingFault

FILE = "sachsong.toml"
"""File name of the settings, in the workspace."""
PREFIX = "SACHSONG_"
ELSEWHERE = (
    *("SACHSONG_WORKSPACE", "SACHSONG_GATEWAY_SECRET", "SACHSONG_PASSWORD", "SACHSONG_DEBUG"),
    *("SACHSONG_REVIEW_HOST", "SACHSONG_REVIEW_URL", "SACHSONG_REVIEW_PROXY"),
)
"""Environment variables that are no settings: the folder of the file itself, secrets, a developer's, and options of the
review pages.
"""
EACH_TIME = ("workspace", "night", "asks")
"""Settings that a command names, or that are new each night: no file sets them."""
_PASSWORD = re.compile(r"(?<=//)([^/@]*):[^/]*@")
_LANGUAGE = re.compile(r"""^\s*lang\s*=\s*["'](vi|en)["']""", re.MULTILINE)


class Source(StrEnum):
    """Where a value comes from."""

    command = "command line"
    environment = "environment"
    file = "file"
    default = "default"


class Origin(NamedTuple):
    """Where a value comes from, and at which place of it."""

    source: Source
    place: str
    """`--workspace`, `SACHSONG_DAILY_CAP`, `sachsong.toml:3`; empty for a default."""


class Gathered(NamedTuple):
    """The settings of a command, and where each comes from."""

    settings: Settings
    origins: Mapping[str, Origin]


class Table(NamedTuple):
    """A settings file as it was read."""

    values: dict[str, Any]
    lines: dict[str, int]
    """Key → its line, from 1."""


@cache
def settable() -> Mapping[str, Mapping[str, str]]:
    """Name of each setting of the file and the environment → what it is (`is`) and an example (`like`)."""
    return tomllib.loads(Path(__file__).with_name("settings.toml").read_text(encoding="utf-8"))


def variable_of(name: str) -> str:
    """The environment variable of a setting: `daily_cap` → `SACHSONG_DAILY_CAP`."""
    return PREFIX + name.upper()


def gathered(workspace: Path, typed: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> Gathered:
    """The settings and their origins; `typed` is what the command line names.

    Of the settings only those that were typed count as set (`model_fields_set`): a run of before that is taken up
    again keeps its own cap and inbox unless the command names others.
    Errors: BadInput with every fault of the file, the environment and the command.
    """
    file = workspace / FILE
    faults: list[SettingFault] = []
    table = _file(file, faults)
    in_environment = dict(_environment(environment, faults))
    faults += _wrong(table.values, lambda name: f"«{file}»{setting_faults.line(table.lines.get(name, 0))}, {name}")
    faults += _wrong(in_environment, variable_of)
    faults += _wrong(typed, lambda name: f"--{name.replace('_', '-')}")
    if faults:
        raise setting_faults.refusal(faults)
    values = {"workspace": workspace, **_from_the_folder(table.values, workspace), **in_environment, **typed}
    made = Settings(**values)
    origins = {
        name: _origin(name, typed, in_environment, table) for name in Settings.model_fields if name not in EACH_TIME
    }
    named = {"workspace", *typed}
    kept = Settings.model_construct(_fields_set=named, **{name: getattr(made, name) for name in Settings.model_fields})
    return Gathered(kept, origins)


def completed(settings: Settings) -> Settings:
    """The settings with what the environment and the workspace's file say where they were not set."""
    typed = {name: getattr(settings, name) for name in settings.model_fields_set - {"workspace"}}
    return gathered(settings.workspace, typed).settings


def language(workspace: Path) -> str | None:
    """The terminal's language as the file names it; None if it does not, or cannot be read."""
    try:
        found = _LANGUAGE.search((workspace / FILE).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return None
    return found and found[1]


def masked(value: object) -> str | int | float | None:
    """The value as it may be shown: a password in an address is `***`."""
    if value is None or isinstance(value, int | float):
        return value
    return _PASSWORD.sub(r"\1:***@", str(value))


def _origin(name: str, typed: Mapping[str, Any], in_environment: Mapping[str, Any], table: Table) -> Origin:
    if name in typed:
        return Origin(Source.command, f"--{name.replace('_', '-')}")
    if name in in_environment:
        return Origin(Source.environment, variable_of(name))
    if name in table.values:
        return Origin(Source.file, f"{FILE}:{table.lines.get(name, 0)}")
    return Origin(Source.default, "")


def _file(file: Path, faults: list[SettingFault]) -> Table:
    try:
        text = file.read_bytes().decode("utf-8-sig")
        values = tomllib.loads(text.replace("\r\n", "\n"))
    except FileNotFoundError:
        return Table({}, {})
    except OSError as fault:
        faults.append(setting_faults.unreadable(file, fault))
        return Table({}, {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        faults.append(setting_faults.no_toml(file, fault))
        return Table({}, {})
    lines = {name: _line_of(text, name) for name in values}
    known = {}
    for name, value in values.items():
        if found := _unsettable(f"«{file}»{setting_faults.line(lines[name])}", name, value):
            faults.append(found)
        else:
            known[name] = value
    return Table(known, lines)


def _unsettable(place: str, name: str, value: object) -> SettingFault | None:
    if name not in settable():
        return setting_faults.unknown(place, name, get_close_matches(name, settable(), 1), EACH_TIME)
    if name == "state_url" and _PASSWORD.search(str(value)):
        return setting_faults.password(place, variable_of(name))
    if _is_no_number(name, value):
        return SettingFault(f"{place}, {name}", *setting_faults.not_a_number(value))
    return None


def _line_of(text: str, name: str) -> int:
    pattern = re.compile(rf"\s*(?:\[+\s*)?[\"']?{re.escape(name)}[\"']?\s*[=\].]")
    return next((number for number, line in enumerate(text.splitlines(), start=1) if pattern.match(line)), 0)


def _environment(environment: Mapping[str, str], faults: list[SettingFault]) -> Iterator[tuple[str, str]]:
    for variable in sorted(name for name in environment if name.startswith(PREFIX)):
        name = variable.removeprefix(PREFIX).lower()
        if name in settable():
            if environment[variable]:  # set to nothing is not set
                yield name, environment[variable]
        elif variable not in ELSEWHERE:
            near = get_close_matches(variable, [*map(variable_of, settable()), *ELSEWHERE], 1)
            faults.append(setting_faults.unknown("", variable, near, [variable_of(each) for each in EACH_TIME]))


def _wrong(values: Mapping[str, Any], place: Callable[[str], str]) -> list[SettingFault]:
    try:
        Settings(**values)
    except ValidationError as fault:
        found = {str(each["loc"][0]): setting_faults.in_words(each) for each in fault.errors(include_url=False)}
        return [SettingFault(place(name), *words) for name in values if (words := found.get(name))]
    return []


def _is_no_number(name: str, value: object) -> bool:
    """Whether a number was meant, and the file has `true`, or a number in quotes: pydantic would take both."""
    return Settings.model_fields[name].annotation in (int, float) and isinstance(value, bool | str)


def _from_the_folder(values: Mapping[str, Any], workspace: Path) -> dict[str, Any]:
    """The file's values; its paths count from its own folder."""
    return {
        name: workspace / value if name in ("inbox", "registry", "own_sectors", "gateway_secret_file") else value
        for name, value in values.items()
    }
