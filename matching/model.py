"""Defines the matching model: levels of agreement, block keys, bars to a link, and m and u of each level.

Read from comparisons.toml, blocking.toml and weights.json beside this module, or from a sector's own tables. All
faults of the tables are reported at once. `matching.train` writes another weights.json; nothing else changes.
"""

import json
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

DIRECTORY = Path(__file__).parent

Grade = Literal["missing", "same", "close", "weak", "clash"]
Rarity = Literal[
    "name", "ends", "front", "back", "given", "sex", "other_sex", "date", "year", "month_day", "commune", "province",
    "cell", "mother", "father", "person",
]  # fmt: skip


class ModelError(Exception):
    """The matcher's tables are wrong; the message lists every fault."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Level(_Table):
    """One level of agreement of two values."""

    label: str
    test: str
    grade: Grade
    exact: bool = False
    """True if the record's value needs no correction at this level."""
    faithful: bool = False
    """True if the record's value says less than the registry's at most, but nothing else."""
    at_least: float | None = None
    at_most: int | None = None
    rarity: Rarity | None = None
    """Column of the term frequency that is u at this level; None: the u of weights.json."""
    shift: float = 0.0
    """Bits added to the rarity: more values than the one would have passed the test, or only some people with it."""
    phrase: str = ""


class Kind(_Table):
    """A kind of record value, recognised by what the value shows of itself; m is known for each kind apart."""

    label: str
    test: str
    whole: bool = False
    """True if the value lacks nothing: it can agree in full."""


class Comparison(_Table):
    """One field's levels, in the order of trying."""

    field: str
    column: str | None = None
    """The identity field that the comparison judges; None for evidence that nobody is asked to correct."""
    kind: tuple[Kind, ...] = (Kind(label="any", test="else"),)
    level: tuple[Level, ...]

    def labels(self) -> tuple[str, ...]:
        """Labels by level number."""
        return tuple(level.label for level in self.level)

    def kinds(self) -> tuple[str, ...]:
        """Labels by kind number."""
        return tuple(kind.label for kind in self.kind)

    def whole(self) -> int:
        """The number of the kind whose values lack nothing."""
        return next((number for number, kind in enumerate(self.kind) if kind.whole), 0)

    def numbers(self, *wanted: str) -> list[int]:
        """Numbers of the levels that have one of the grades or labels."""
        return [n for n, level in enumerate(self.level) if level.grade in wanted or level.label in wanted]

    def number(self, label: str) -> int:
        """The level number of a label; ValueError if there is none."""
        return self.labels().index(label)


class Bar(_Table):
    """A combination of grades that is never linked without a human, however probable it is."""

    name: str
    phrase: str
    when: dict[str, tuple[str, ...]]
    """Field → grades, or labels of single levels; the bar applies where all of them hold. Empty: always."""
    unless: tuple[dict[str, tuple[str, ...]], ...] = ()
    """Field → grades or labels that lift the bar; any one is enough."""
    owned: bool = False
    """True if the bar applies only where the record's number is somebody else's."""


class Key(_Table):
    """A block key: parts that a record and a person must share to be compared."""

    name: str = Field(pattern=r"^[a-z_]+$")
    parts: tuple[str, ...] = Field(min_length=1)
    cap: int = Field(ge=1)
    near: Literal["name", "number"] | None = None
    """A pair that no other key finds is compared only if its names may be near (`matching.letters`); for `number`, also
    if its numbers are."""


class Prior(_Table):
    """Shares that are assumed before looking at a record."""

    in_registry: float = Field(gt=0, lt=1)
    """Share of the records whose person the registry holds."""
    again: float = Field(gt=0, lt=1)
    """Share of the records that describe a person a second time, where a person should have one record."""


class Relative(_Table):
    """A kind of relative of registered people who is in no registry, though the record is about them."""

    each: float = Field(ge=0)
    """Number of such relatives in the registry that an unregistered one has."""
    levels: dict[str, dict[str, float]]
    """Field → level → share of the pairs of such relatives that are at it; a field or level that is not named says
    nothing."""


class Decision(_Table):
    """Thresholds between link, review and none, from what each outcome costs. Units: a human's look at one record."""

    wrong_link: float = Field(gt=1)
    """Cost of a link to somebody else."""
    review: float = Field(gt=0)
    """Cost of a human's look at one record."""
    lost_link: float = Field(gt=1)
    """Cost of proposing nobody where the person is there."""
    link_margin: float = Field(ge=0)
    ambiguous_margin: float = Field(ge=0)

    @property
    def link_probability(self) -> float:
        """Probability from which a link costs less than a look: (1 − probability) × `wrong_link` < `review`."""
        return round(1 - self.review / self.wrong_link, 6)

    @property
    def review_probability(self) -> float:
        """Probability from which a look costs less than losing the person."""
        return round(self.review / self.lost_link, 6)


class Stated(_Table):
    """Shares of values that are assumed before anybody is counted."""

    people: int = Field(default=10_000, ge=0)
    """Weight of the assumed shares as a number of counted people: a small registry says little about the country."""
    shares: dict[Rarity, float] = {}
    """Rarity → share; those that are not named are matching/term_frequency.py's."""


class Calibration(_Table):
    """The probability that a posterior really means, measured on known truth."""

    source: str
    points: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))
    """Points (posterior, share that was right), both rising from 0 to 1; straight lines between them."""


class Weights(_Table):
    """m and u of each level, and where they come from."""

    provenance: dict[str, str | None]
    prior: Prior
    decision: Decision
    m: dict[str, dict[str, dict[str, float]]]
    """Field → kind of the record's value → level → share among true pairs."""
    u: dict[str, dict[str, float]]
    """Field → level → share among strangers, where no term frequency gives it."""
    relatives: dict[str, Relative]
    calibration: Calibration


class Doublets(_Table):
    """Words that stand for one another in names."""

    source: str
    pairs: dict[str, str]


class Model(_Table):
    """Everything by which `link` decides."""

    comparison: tuple[Comparison, ...]
    bar: tuple[Bar, ...]
    doublets: Doublets
    key: tuple[Key, ...]
    weights: Weights
    stated: Stated = Stated()

    def find(self, field: str) -> Comparison:
        """The comparison of a field; KeyError if there is none."""
        return {comparison.field: comparison for comparison in self.comparison}[field]


def not_asking(model: Model, columns: Collection[str]) -> Model:
    """The model for records that need not have these columns: an empty cell there needs no correction, and no word."""
    if not columns:
        return model
    comparison = tuple(
        each.model_copy(update={"level": tuple(_nothing_missing(level) for level in each.level)})
        if each.column in columns
        else each
        for each in model.comparison
    )
    return model.model_copy(update={"comparison": comparison})


def _nothing_missing(level: Level) -> Level:
    return level.model_copy(update={"exact": True, "phrase": ""}) if level.grade == "missing" else level


def faults(model: Model) -> list[str]:
    """Contradictions between the tables, a sentence each; empty if there are none."""
    found = [fault for comparison in model.comparison for fault in _comparison_faults(comparison, model.weights)]
    found += [fault for bar in model.bar for fault in _bar_faults(bar, model)]
    known = {field.field: field.labels() for field in model.comparison}
    found += [
        f"weights.json: relatives/{name}: {field}/{label} is no level"
        for name, relative in model.weights.relatives.items()
        for field, levels in relative.levels.items()
        for label in levels
        if label not in known.get(field, ())
    ]
    for at in (0, 1):
        scale = [point[at] for point in model.weights.calibration.points]
        if scale != sorted(set(scale)) or (scale[0], scale[-1]) != (0.0, 1.0):
            found.append("weights.json: calibration must rise from 0 to 1")
    names = [key.name for key in model.key]
    return found + [f"blocking.toml: {name} stands twice" for name in sorted({n for n in names if names.count(n) > 1})]


def _comparison_faults(comparison: Comparison, weights: Weights) -> list[str]:
    field, found = comparison.field, []
    counted = {level.label for level in comparison.level if level.grade != "missing"}
    stated = {level.label for level in comparison.level if level.grade != "missing" and level.rarity is None}
    m, u = weights.m.get(field, {}), weights.u.get(field, {})
    if set(m) != set(comparison.kinds()):
        found.append(f"weights.json: m/{field} must have the kinds {', '.join(comparison.kinds())}")
    for kind, levels in m.items():
        found += [f"weights.json: m/{field}/{kind}/{label} is lacking" for label in sorted(counted - set(levels))]
        found += [f"weights.json: m/{field}/{kind}/{label} is no level" for label in sorted(set(levels) - counted)]
    found += [f"weights.json: u/{field}/{label} is lacking" for label in sorted(stated - set(u))]
    found += [f"weights.json: u/{field}/{label} has a rarity or is no level" for label in sorted(set(u) - stated)]
    numbers = [*u.values(), *(number for levels in m.values() for number in levels.values())]
    if not all(0 < number <= 1 for number in numbers):
        found.append(f"weights.json: {field}: a share is not within 0–1")
    if len(set(comparison.labels())) != len(comparison.level):
        found.append(f"comparisons.toml: {field} has a label twice")
    if comparison.level[-1].test != "else" or comparison.kind[-1].test != "else":
        found.append(f"comparisons.toml: {field} does not end with else")
    return found


def _bar_faults(bar: Bar, model: Model) -> list[str]:
    fields = {comparison.field: comparison for comparison in model.comparison}
    return [
        f"comparisons.toml: bar {bar.name}: {field} has no grade or level {word}"
        for needs in (bar.when, *bar.unless)
        for field, words in needs.items()
        for word in words
        if field not in fields or not fields[field].numbers(word)
    ]


@cache
def load(directory: Path = DIRECTORY) -> Model:
    """The model in `directory`. Errors: ModelError with every fault."""
    return build(tables(directory))


def tables(directory: Path = DIRECTORY) -> dict[str, Any]:
    """The content of the three tables. Errors: ModelError if one cannot be read."""
    try:
        comparisons = tomllib.loads((directory / "comparisons.toml").read_text(encoding="utf-8"))
        blocking = tomllib.loads((directory / "blocking.toml").read_text(encoding="utf-8"))
        weights = json.loads((directory / "weights.json").read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as fault:
        raise ModelError(str(fault)) from fault
    return {**comparisons, **blocking, "weights": weights}


def build(stated: Mapping[str, Any]) -> Model:
    """The model made of such tables. Errors: ModelError with every fault."""
    try:
        model = Model.model_validate(stated)
    except ValidationError as fault:
        raise ModelError(str(fault)) from fault
    if found := faults(model):
        raise ModelError("; ".join(found))
    return model
