"""Shows one record of the worklist beside its candidates: what differs, how much it weighs, why a human is asked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from matching.explanation.model import Explanation, Piece, Step, Value
from matching.explanation.records import explained, steps
from matching.explanation.values import values
from matching.explanation.words import Said, of_level, title
from matching.model import Model
from pipelines.review.worklist import Detail, Pattern
from vn.territories import commune_name, province_name


class Candidate(BaseModel):
    """One person with whom the record was compared; nothing in it is known to the registry alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: int
    """Counted from 1: the proposed person, then the strongest."""
    values: tuple[Value, ...]
    """The record's values, marked where this person's differ."""
    steps: tuple[Step, ...]
    weight: float
    probability: float
    behind: float
    """Bits by which the first candidate is ahead of this one; negative if it is behind."""


class Shown(BaseModel):
    """One record as its page shows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    explanation: Explanation
    candidates: tuple[Candidate, ...]


def show(detail: Detail, model: Model) -> Shown:
    """The record beside its candidates; numbers are masked."""
    people = [detail.people[each["person_id"]] for each in detail.candidates]
    own = values(detail.record, people[0] if people else None)
    explanation = explained(detail.link, detail.candidates, own, None, model)
    first = detail.candidates[0]["weight"] if detail.candidates else 0.0
    shown = [
        Candidate(
            place=place,
            values=values(detail.record, person),
            steps=steps(row, model),
            weight=row["weight"],
            probability=row["probability"],
            behind=round(first - row["weight"], 6),
        )
        for place, (row, person) in enumerate(zip(detail.candidates, people, strict=True), 1)
    ]
    return Shown(
        explanation=explanation.model_copy(update={"candidates": max(detail.compared, len(shown))}),
        candidates=tuple(shown),
    )


def masked(value: Value) -> Value:
    """The value as somebody sees it who may not know whom it is about: initials and the year, the marks as they are."""
    hide = {"name": _initial, "mother": _initial, "father": _initial, "birth": _year_only}.get(value.field)
    if hide is None:
        return value
    pieces = tuple(Piece(text=hide(piece.text), kind=piece.kind) for piece in value.pieces)
    return value.model_copy(update={"pieces": pieces})


def masked_name(name: str | None) -> str:
    """`Nguyễn V. A.`: the first word and initials; in a list a name is no more than that."""
    first, *others = (name or "").split()[:8] or [""]
    return " ".join([first, *(f"{word[0]}." for word in others)])


def revealed(detail: Detail, place: int) -> list[tuple[str, str, str, str]]:
    """`field, title in Vietnamese and English, the registry's value`: the correction that a candidate would mean.

    Only after a reason was written down: the values are the registry's own.
    """
    person = detail.people[detail.candidates[place - 1]["person_id"]]
    compared = values(detail.record, person)
    return [
        (each.field, each.title_vi, each.title_en, told)
        for each in compared
        if (each.differs_vi or (each.field in _IDENTITY and not each.pieces))
        and (told := _REGISTRY[each.field](person))
    ]


def own_number(detail: Detail) -> str:
    """The record's own number, not masked."""
    return str(detail.line.number or "")


def pattern_sentences(pattern: Pattern, model: Model) -> list[tuple[Said, Said]]:
    """Title and meaning of each level of the pattern that says anything."""
    found = []
    for told in pattern.levels:
        field, _, label = told.partition("/")
        level = next((each for each in model.find(field).level if each.label == label), None)
        if level is not None and level.grade != "missing":
            found.append((title(field), of_level(field, level)))
    return found


def _initial(text: str) -> str:
    return f"{text[:1]}." if text else text


def _year_only(text: str) -> str:
    return text if len(text) == 4 else "••" if text else text


def _date(person: Mapping[str, Any]) -> str:
    return "/".join(reversed((person["date_of_birth"] or "").split("-")))


def _places(person: Mapping[str, Any]) -> str:
    commune, province = person["commune_code"], person["province_code"]
    named: Sequence[str | None] = [
        commune_name(commune) if commune else None,
        province_name(province) if province else None,
    ]
    return ", ".join(name for name in named if name)


_IDENTITY = ("name", "birth", "sex", "id")
"""Fields that a correction fills in where the record lacks them."""

_REGISTRY: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "name": lambda person: person["full_name"] or "",
    "birth": _date,
    "sex": lambda person: person["sex"] or "",
    "id": lambda person: person["person_id"],
    "place": _places,
    "mother": lambda person: person["mother_name"] or "",
    "father": lambda person: person["father_name"] or "",
}
"""Field → the registry's own value of it."""
