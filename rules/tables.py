"""Loads the rules of the four families, the kinds of issue and the statuses from their tables.

Nothing here needs Great Expectations. Faults of all tables are collected and raised together.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rules import conditions
from rules.errors import TableError
from vn import nothing

DIRECTORY = Path(__file__).parent

Family = Literal["correct", "complete", "clean", "live"]
FAMILIES: tuple[Family, ...] = ("correct", "complete", "clean", "live")
"""The four families, in this order: đúng, đủ, sạch, sống."""

Severity = Literal["error", "warning"]
Masking = Literal["id", "name", "date", "hide", "show"]
Cells = dict[str, str | int]
Example = str | Cells | list[Cells]
"""A value of the rule's column, a record, or several records of which the first is judged."""


class Row(BaseModel):
    """One row of a table; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(Row):
    """One rule: which records it judges, by which expectation, and which issue a failing record gets."""

    id: str = Field(pattern=r"^(correct|complete|clean|live)-[a-z0-9-]+$")
    family: Family
    """The name of the file that the row stands in."""
    sectors: tuple[str, ...] = Field(min_length=1)
    """Names of sectors, or `*` for all."""
    column: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """The column of the file that has to be mended."""
    expect: str
    """Key of `rules.conditions.CONDITIONS`."""
    args: dict[str, Any] = {}
    mostly: float = Field(default=1.0, gt=0, le=1)
    """Share that makes the rule green in Data Docs; every failing record is an issue whatever it is."""
    issue: str
    severity: Severity
    source: str = Field(min_length=8)
    """Law and article, or that it is the project's own reading."""
    since: date | None = None
    """The day from which the source requires it; before that night the rule is not run."""
    good: tuple[Example, ...] = Field(min_length=1)
    bad: tuple[Example, ...] = Field(min_length=1)

    def concerns(self, sector: str, night: date) -> bool:
        """Whether the rule is run for that sector on that night."""
        return ("*" in self.sectors or sector in self.sectors) and (self.since is None or night >= self.since)


class Action(Row):
    """One instruction that covers several findings at once."""

    code: str = Field(pattern=r"^[a-z]+$")
    text: str = Field(pattern=r"^[^{}]*\{\}[^{}]*$")
    """Text of the instruction, with `{}` for what it is about."""


class Finding(Row):
    """Fields that an issue and a status share: how a list tells what has to be done about it."""

    action: str | None = None
    """The action that it is told with; its own remedy if none."""
    of: tuple[str, ...] = ()
    """Object of the action; the column that failed if empty."""
    settles: tuple[str, ...] = ()
    """Codes of issues and statuses that need no word beside it; `*` for all."""


class Issue(Finding):
    """One kind of finding, in the words of the officer who has to mend it."""

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    family: Family
    level: Literal["record", "file", "run"] = "record"
    warning: bool = False
    """The record should be looked at, but can be used."""
    listed: bool = False
    """A warning that puts the record on its department's list all the same."""
    not_known: bool = False
    """Nobody has answered yet: a record with it and without an error neither passes nor fails its family."""
    message_vi: str = Field(min_length=1)
    message_en: str = Field(min_length=1)
    remedy: str = Field(min_length=1)
    """Instruction what to mend, in Vietnamese."""


class Status(Finding):
    """One status of a link, as reports name it."""

    code: str = Field(pattern=r"^[a-z_]+$")
    label_vi: str = Field(min_length=1)
    label_en: str = Field(min_length=1)
    remedy_vi: str = Field(min_length=1)


class Mask(Row):
    """Masking of a column's cells for people; a column without a row is hidden."""

    column: str
    mask: Masking


@dataclass(frozen=True)
class Tables:
    """Everything in the rule tables."""

    rules: tuple[Rule, ...]
    issues: Mapping[str, Issue]
    statuses: Mapping[str, Status]
    actions: Mapping[str, Action]
    masks: Mapping[str, Masking]
    fillers: tuple[str, ...]
    """Texts that people type where they know nothing, in lower case."""


def load_rules(directory: Path = DIRECTORY) -> tuple[Rule, ...]:
    """All rules, by family and then as they stand in the file. Errors: TableError with every fault."""
    return load(directory).rules


def load_issues(directory: Path = DIRECTORY) -> Mapping[str, Issue]:
    """Kinds of issue by code. Errors: TableError with every fault."""
    return load(directory).issues


def statuses(directory: Path = DIRECTORY) -> Mapping[str, Status]:
    """The statuses of links by code. Errors: TableError with every fault."""
    return load(directory).statuses


def actions(directory: Path = DIRECTORY) -> Mapping[str, Action]:
    """What can be done about findings, by code. Errors: TableError with every fault."""
    return load(directory).actions


@cache
def load(directory: Path = DIRECTORY) -> Tables:
    """All tables of the directory. Errors: TableError with every fault of every table."""
    faults: list[str] = []
    files = {name: _read(directory / f"{name}.toml", faults) for name in (*FAMILIES, "issues", "cells")}
    rules = tuple(
        rule
        for family in FAMILIES
        for rule in _rows(Rule, files[family], "rule", directory / f"{family}.toml", faults, family=family)
    )
    issues = _rows(Issue, files["issues"], "issue", directory / "issues.toml", faults)
    known = _rows(Status, files["issues"], "status", directory / "issues.toml", faults)
    acts = _rows(Action, files["issues"], "action", directory / "issues.toml", faults)
    masks = _rows(Mask, files["cells"], "column", directory / "cells.toml", faults)
    fillers = tuple(sorted(frozenset().union(*(nothing.listed(kind) for kind in ("name", "number", "date", "place")))))
    faults += _twice("rule", [rule.id for rule in rules]) + _twice("issue", [issue.code for issue in issues])
    faults += _twice("status", [status.code for status in known]) + _twice("column", [m.column for m in masks])
    faults += _twice("action", [action.code for action in acts])
    faults += _disagreements(rules, {issue.code: issue for issue in issues})
    faults += _unknown([*issues, *known], acts)
    if faults:
        raise TableError(faults)
    return Tables(
        rules=rules,
        issues={issue.code: issue for issue in issues},
        statuses={status.code: status for status in known},
        actions={action.code: action for action in acts},
        masks={mask.column: mask.mask for mask in masks},
        fillers=fillers,
    )


def _read(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        faults.append(f"{path.name}: {fault}")
        return {}


_Row = TypeVar("_Row", bound=Row)


def _rows(
    kind: type[_Row], table: Mapping[str, Any], key: str, file: Path, faults: list[str], **fixed: str
) -> list[_Row]:
    rows = []
    for position, row in enumerate(table.get(key, []), start=1):
        try:
            rows.append(kind.model_validate({**row, **fixed}))
        except ValidationError as wrong:
            label = row.get("id") or row.get("code") or row.get("column") or f"row {position}"
            place = f"{file.name}:{_line_of(file, key, position)} {label}"
            faults += [f"{place}: {'.'.join(map(str, error['loc']))}: {error['msg']}" for error in wrong.errors()]
    return rows


def _line_of(file: Path, key: str, position: int) -> int:
    """Line of the file where the table's row of this number, counted from 1, begins."""
    begins = [n for n, line in enumerate(file.read_text("utf-8").splitlines(), 1) if line.strip() == f"[[{key}]]"]
    return begins[position - 1] if position <= len(begins) else 0


def place_of(rule: Rule, directory: Path = DIRECTORY) -> str:
    """File, line and id of a rule of this directory's tables: `correct.toml:4 correct-id-format`."""
    of_family = [each.id for each in load(directory).rules if each.family == rule.family]
    file = directory / f"{rule.family}.toml"
    return f"{file.name}:{_line_of(file, 'rule', of_family.index(rule.id) + 1)} {rule.id}"


def _twice(what: str, names: list[str]) -> list[str]:
    return [f"{what} {name} stands {count} times" for name, count in Counter(names).items() if count > 1]


def _disagreements(rules: tuple[Rule, ...], issues: Mapping[str, Issue]) -> list[str]:
    used = {rule.issue for rule in rules}
    faults = [f"issue {code} is used by no rule" for code in issues if code not in used]
    for rule in rules:
        faults += [f"{rule.family}.toml {rule.id}: {fault}" for fault in _faults_of(rule, issues)]
    return faults


def _unknown(findings: list[Issue | Status], acts: list[Action]) -> Iterator[str]:
    """Faults in how findings refer to actions and to each other; those that settle each other would all go untold."""
    codes, known = {each.code for each in findings}, {action.code for action in acts}
    settled = {each.code: codes - {each.code} if "*" in each.settles else {*each.settles} for each in findings}
    for each in findings:
        if each.action and each.action not in known:
            yield f"{each.code}: there is no action {each.action}"
        yield from (f"{each.code} settles {other}, which is not known" for other in settled[each.code] - codes)
    try:
        TopologicalSorter(settled).prepare()
    except CycleError as circle:
        yield f"these settle each other: {', '.join(circle.args[1])}"


def _faults_of(rule: Rule, issues: Mapping[str, Issue]) -> Iterator[str]:
    issue = issues.get(rule.issue)
    checks: tuple[tuple[bool, Callable[[], str]], ...] = (
        (not rule.id.startswith(f"{rule.family}-"), lambda: "the id does not begin with the family"),
        (issue is None, lambda: f"issue {rule.issue} is not in issues.toml"),
        # What only the link can show, such as a person's second record, is counted where the issue belongs.
        (
            issue is not None and rule.family not in (issue.family, "live"),
            lambda: f"{rule.issue} belongs to another family",
        ),
        (
            issue is not None and issue.warning != (rule.severity == "warning"),
            lambda: f"severity {rule.severity} is not what issues.toml says of {rule.issue}",
        ),
    )
    yield from (message() for broken, message in checks if broken)
    fault = conditions.fault(rule.expect, rule.args)
    if fault:
        yield fault
