"""Phrases of explanations (explanations.toml), and numbers as Vietnamese write them."""

import tomllib
from functools import cache

from pydantic import BaseModel, ConfigDict

from matching.explanation.model import Sentence
from matching.model import DIRECTORY, Level, Model

MOST = 0.9999
"""Largest probability that is shown; a larger one is shown as this."""


class Said(BaseModel):
    """One phrase in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vi: str
    en: str


class Words(BaseModel):
    """The phrases of explanations.toml, by table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: dict[str, Said]
    grade: dict[str, Said]
    label: dict[str, Said]
    kind: dict[str, Said]
    sentence: dict[str, Said]
    held: dict[str, Said]


@cache
def words() -> Words:
    """All phrases."""
    return Words.model_validate(
        tomllib.loads((DIRECTORY / "explanation" / "explanations.toml").read_text(encoding="utf-8"))
    )


def held_title(code: str, model: Model) -> Said:
    """The words for why a human is asked (`links.held`): a bar's, or those of a reason that is no bar."""
    bars = {bar.name: Said(vi=bar.phrase, en=bar.name) for bar in model.bar}
    return words().held.get(code) or bars.get(code, Said(vi=code, en=code))


def title(field: str) -> Said:
    """The title of a field; a sector's own field has its own name."""
    return words().field.get(field, Said(vi=field, en=field))


def of_level(field: str, level: Level) -> Said:
    """The words for a level of a field: its own label, else its grade."""
    grade = words().grade[level.grade]
    phrase = words().label.get(f"{field}/{level.label}", grade)
    english = phrase.en if phrase is not grade else level.label.replace("_", " ")
    return Said(vi=level.phrase or phrase.vi, en=english)


def sentence(code: str, *, holds: bool | None = None, **values: str) -> Sentence:
    """The sentence with its values filled in; a rule that does not hold takes the sentence's `_no` form if there is
    one.
    """
    said = words().sentence
    chosen = said.get(f"{code}_no", said[code]) if holds is False else said[code]
    return Sentence(code=code, vi=chosen.vi.format(**values), en=chosen.en.format(**values), holds=holds)


def bits(value: float) -> str:
    """`+12,3`, `−4,0`, `0`: a weight with its sign."""
    return "0" if not value else f"{value:+.1f}".replace("-", "−").replace(".", ",")


def size(value: float) -> str:
    """`12,3`: a distance between weights."""
    return f"{value:.1f}".replace("-", "−").replace(".", ",")


def percent(share: float) -> str:
    """`99,97 %`; never 100 %, which nothing is, nor 0 %."""
    if share > MOST:
        return f"> {_written(MOST)}"
    return f"< {_written(1 - MOST)}" if share < 1 - MOST else _written(share)


def _written(share: float) -> str:
    return f"{100 * share:.2f} %".replace(".", ",")
