"""Names codes and their remedies: statuses, issues, families, groups of status, territories."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from rules import tables
from vn.territories import commune_name, province_name

GROUPS = Path(__file__).with_name("groups.toml")

FAMILIES = {
    "correct": ("Đúng", "correct"),
    "complete": ("Đủ", "complete"),
    "clean": ("Sạch", "clean"),
    "live": ("Sống", "live"),
}


@dataclass(frozen=True)
class Group:
    """Statuses that share a colour in the charts and a column in the lists."""

    code: str
    title_vi: str
    title_en: str
    colour: str
    ink: str
    """Colour of text on the group's colour."""
    needs_work: bool
    """True if the department has something to mend."""
    statuses: tuple[str, ...]


@cache
def groups() -> tuple[Group, ...]:
    """All groups in the order in which they are drawn."""
    rows = tomllib.loads(GROUPS.read_text(encoding="utf-8"))["group"]
    return tuple(Group(**{**row, "statuses": tuple(row["statuses"])}) for row in rows)


@cache
def group_of_status(status: str) -> str:
    """Code of the group that a status is in. Errors: KeyError for a status that no group has."""
    return {status: group.code for group in groups() for status in group.statuses}[status]


def status_frame() -> pl.DataFrame:
    """Columns `status, title_vi, title_en, remedy_vi, action, of, settles, needs_work`, in the order of the groups."""
    rows = [
        (code, each.label_vi, each.label_en, each.remedy_vi, each.action, each.of, each.settles, group.needs_work)
        for group in groups()
        for code, each in ((code, tables.statuses()[code]) for code in group.statuses)
    ]
    schema = {"status": pl.String(), **_TOLD, "needs_work": pl.Boolean()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def issue_frame() -> pl.DataFrame:
    """Columns `issue, title_vi, title_en, remedy_vi, action, of, settles, place, listed`: all kinds of issue.

    `place` (from 1) is the order of telling; `listed`: a warning that puts the record on the list.
    """
    known = sorted(tables.load_issues().values(), key=lambda issue: (tables.FAMILIES.index(issue.family), issue.code))
    rows = [
        (
            each.code,
            each.message_vi,
            each.message_en,
            each.remedy,
            each.action,
            each.of,
            each.settles,
            place,
            each.listed,
        )
        for place, each in enumerate(known, 1)
    ]
    schema = {"issue": pl.String(), **_TOLD, "place": pl.Int32(), "listed": pl.Boolean()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def action_frame() -> pl.DataFrame:
    """`action, text`: what can be done about several findings in one line, with `{}` for what it is about."""
    rows = [(each.code, each.text) for each in tables.actions().values()]
    return pl.DataFrame(rows, schema={"action": pl.String, "text": pl.String}, orient="row")


_TOLD: dict[str, pl.DataType] = {
    "title_vi": pl.String(),
    "title_en": pl.String(),
    "remedy_vi": pl.String(),
    "action": pl.String(),
    "of": pl.List(pl.String),
    "settles": pl.List(pl.String),
}


def in_vietnamese(messages: pl.Series) -> pl.Series:
    """The Vietnamese half of messages of the form «Vietnamese / English»; a message without English stays whole."""
    return messages.str.replace(r"(?s)^(.*) / .*$", "$1")


def halves(message: str) -> tuple[str, str]:
    """A message's Vietnamese half and its English half, which is empty where there is none."""
    vietnamese, slash, english = message.rpartition(" / ")
    return (vietnamese, english) if slash else (message, "")


def titles_of(codes: pl.Series, title: Callable[[str], str | None]) -> pl.Series:
    """The titles of a column of codes, under the same name; null stays null. `title` runs once a distinct code."""
    distinct = codes.drop_nulls().unique().sort()
    titles = pl.Series([title(code) for code in distinct], dtype=pl.String)
    return codes.replace_strict(distinct, titles, default=None, return_dtype=pl.String)


def province_title(code: str) -> str:
    """Name of a province; its code if it has none."""
    return province_name(code) or code


def commune_title(code: str) -> str:
    """Name of a commune; its code if it has none."""
    return commune_name(code) or code
