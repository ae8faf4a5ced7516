"""What the matcher knows: levels of agreement, block keys, grounds for linking, m and u.

Read from comparisons.toml, blocking.toml and weights.json beside this module. All faults of the tables are
reported at once. Training m (the later Fellegi–Sunter model) writes another weights.json; nothing else changes.
"""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

DIRECTORY = Path(__file__).parent

Grade = Literal["missing", "same", "close", "weak", "clash"]
Frequency = Literal["name", "ends", "date", "year", "person", "commune", "province"]


class ModelError(Exception):
    """The matcher's tables are wrong; the message lists every fault."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Level(_Table):
    """One way in which two values agree or not."""

    label: str
    test: str
    grade: Grade
    exact: bool = False
    """The record's value needs no correction at this level."""
    at_least: float | None = None
    at_most: int | None = None
    tf: Frequency | None = None
    """Whose frequency in the registry stands for u; None: the u of weights.json."""
    times: float = 1.0
    phrase: str = ""


class Comparison(_Table):
    """One field's levels, in the order in which they are tried."""

    field: str
    column: str | None = None
    """The identity field that it judges; None for evidence that nobody is asked to correct."""
    level: tuple[Level, ...]

    def labels(self) -> tuple[str, ...]:
        """Labels by level number."""
        return tuple(level.label for level in self.level)

    def numbers(self, *wanted: str) -> list[int]:
        """Numbers of the levels that have one of the grades or labels."""
        return [n for n, level in enumerate(self.level) if level.grade in wanted or level.label in wanted]

    def number(self, label: str) -> int:
        """The level number of a label; ValueError if there is none."""
        return self.labels().index(label)


class Ground(_Table):
    """A combination of grades that suffices for a link without a human."""

    name: str
    needs: dict[str, tuple[str, ...]]
    """Field → grades, or labels of single levels."""
    although_owned: bool = False
    """It suffices even where the record's number is somebody else's."""


class Key(_Table):
    """Parts that a record and a person must share to be compared."""

    name: str = Field(pattern=r"^[a-z_]+$")
    parts: tuple[str, ...] = Field(min_length=1)
    cap: int = Field(ge=1)


class Prior(_Table):
    """What is believed before looking at a record."""

    in_registry: float = Field(gt=0, lt=1)
    """Share of the records whose person the registry holds."""
    stated_people: int = Field(ge=1)
    """How many counted people a stated u is worth: a small registry says little about how common a value is."""
    stated_records: int = Field(ge=1)
    """How many agreed records a stated m of place and parents is worth."""


class Decision(_Table):
    """Where link, review and none part."""

    link_probability: float = Field(ge=0.5, lt=1)
    link_margin: float = Field(ge=0)
    review_probability: float = Field(ge=0, le=1)
    ambiguous_margin: float = Field(ge=0)


class Weights(_Table):
    """m and u of each level, with where they come from."""

    provenance: dict[str, str | None]
    prior: Prior
    decision: Decision
    levels: dict[str, dict[str, tuple[float, float]]]


class Doublets(_Table):
    """Words that stand for one another in names."""

    source: str
    pairs: dict[str, str]


class Model(_Table):
    """Everything that `link` decides by."""

    comparison: tuple[Comparison, ...]
    ground: tuple[Ground, ...]
    doublets: Doublets
    key: tuple[Key, ...]
    weights: Weights

    def find(self, field: str) -> Comparison:
        """The comparison of a field; KeyError if there is none."""
        return {comparison.field: comparison for comparison in self.comparison}[field]


def faults(model: Model) -> list[str]:
    """What does not fit together between the tables; empty if all does."""
    found: list[str] = []
    for comparison in model.comparison:
        known = model.weights.levels.get(comparison.field, {})
        wanted = {level.label for level in comparison.level if level.grade != "missing"}
        found += [f"weights.json: no m, u for {comparison.field}/{label}" for label in sorted(wanted - set(known))]
        found += [f"weights.json: {comparison.field}/{label} is no level" for label in sorted(set(known) - wanted)]
        found += [
            f"weights.json: {comparison.field}/{label} is not within 0–1"
            for label, numbers in sorted(known.items())
            if not all(0 < number <= 1 for number in numbers)
        ]
        if len(set(comparison.labels())) != len(comparison.level):
            found.append(f"comparisons.toml: {comparison.field} has a label twice")
        if comparison.level[-1].test != "else":
            found.append(f"comparisons.toml: {comparison.field} does not end with else")
    found += [fault for ground in model.ground for fault in _ground_faults(ground, model)]
    names = [key.name for key in model.key]
    found += [f"blocking.toml: {name} stands twice" for name in sorted({n for n in names if names.count(n) > 1})]
    return found


def _ground_faults(ground: Ground, model: Model) -> list[str]:
    fields = {comparison.field: comparison for comparison in model.comparison}
    return [
        f"comparisons.toml: ground {ground.name}: {field} has no grade or level {word}"
        for field, words in ground.needs.items()
        for word in words
        if field not in fields or not fields[field].numbers(word)
    ]


@cache
def load(directory: Path = DIRECTORY) -> Model:
    """The model in `directory`. Errors: ModelError with every fault."""
    try:
        tables = tomllib.loads((directory / "comparisons.toml").read_text(encoding="utf-8"))
        blocking = tomllib.loads((directory / "blocking.toml").read_text(encoding="utf-8"))
        weights = json.loads((directory / "weights.json").read_text(encoding="utf-8"))
        model = Model.model_validate({**tables, **blocking, "weights": weights})
    except (ValidationError, tomllib.TOMLDecodeError, json.JSONDecodeError) as fault:
        raise ModelError(str(fault)) from fault
    if found := faults(model):
        raise ModelError("; ".join(found))
    return model
