"""Shows the record's fields, marked where the person's differ; the person's own values stay out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from matching.explanation.model import Piece, Value
from matching.explanation.words import title, words
from vn import date_differences, id_differences, name_differences
from vn.alignment import Part
from vn.ids import mask
from vn.names import fold
from vn.territories import commune_name, province_name

Row = Mapping[str, Any]


class _Side(NamedTuple):
    """Where a field's value stands on both sides, and how two are compared."""

    ours: Callable[[Row], str]
    theirs: Callable[[Row], Sequence[str]]
    """All that the person may rightly be said to have: the record is held beside the nearest."""
    compare: Callable[[str, str], Sequence[Part]]
    separator: str
    show: Callable[[str], str] = str
    """How the record's value is shown; as long as the value."""
    most: int = 99
    """With more marks than these it is another value, of which no part is told apart."""


def values(record: Row, person: Row | None) -> tuple[Value, ...]:
    """The record's fields in the order of the waterfall; without marks where there is no person to compare with.

    `record` has the columns of `records.prepare`, `person` those of the snapshot. Numbers are masked.
    """
    return tuple(_value(field, side, record, person) for field, side in _SIDES.items())


def _value(field: str, side: _Side, record: Row, person: Row | None) -> Value:
    own = side.ours(record)
    known = [text for text in side.theirs(person) if text] if person is not None else []
    others = known or [own]  # nothing to hold it beside
    parts = min((side.compare(own, other) for other in others), key=_marks) if own else ()
    pieces = _shown(parts, side.show(own))
    if _marks(parts) > side.most:
        pieces = (Piece(text=side.separator.join(piece.text for piece in pieces if piece.text), kind="other"),)
    kinds = [kind for kind in words().kind if any(piece.kind == kind for piece in pieces)]
    return Value(
        field=field,
        title_vi=title(field).vi,
        title_en=title(field).en,
        pieces=pieces,
        separator=side.separator,
        differs_vi=tuple(words().kind[kind].vi for kind in kinds),
        differs_en=tuple(words().kind[kind].en for kind in kinds),
    )


def _marks(parts: Iterable[Part]) -> int:
    return sum(part.kind != "same" for part in parts)


def _shown(parts: Iterable[Part], shown: str) -> tuple[Piece, ...]:
    """The parts with the record's text as it may be shown, cut at the same places; the other side's text is left."""
    pieces, at = [], 0
    masked = "*" in shown
    for part in parts:
        end = at + len(part.own)
        pieces.append(Piece(text=shown[at:end] if masked else part.own, kind=part.kind))
        at = end
    return tuple(pieces)


def _as_whole(own: str, other: str) -> tuple[Part, ...]:
    return (Part(own, other, "same" if own == other else "other"),)


def _parent(own: str, other: str) -> tuple[Part, ...]:
    """As the matcher reads parents: by letters, without marks."""
    parts = name_differences.compare(own, other)
    same = fold(own) == fold(other)
    return tuple(part._replace(kind="same") for part in parts) if same else parts


def _number(record: Row) -> str:
    return next((record[name] for name in ("id_number", "cmnd_number", "digits", "id_number_raw") if record[name]), "")


def _place(row: Row) -> str:
    commune, province = row["commune_code"], row["province_code"]
    named = [commune_name(commune) if commune else None, province_name(province) if province else None]
    return ", ".join(name for name in named if name)


_SIDES = {
    "name": _Side(
        lambda row: row["full_name"] or "",
        lambda row: [row["full_name"], *(row["other_names"] or [])],
        name_differences.compare,
        " ",
    ),
    "birth": _Side(
        lambda row: row["date_of_birth"] or "", lambda row: [row["date_of_birth"]], date_differences.compare, "/"
    ),
    "sex": _Side(lambda row: row["sex"] or "", lambda row: [row["sex"]], _as_whole, ""),
    "id": _Side(
        _number, lambda row: [row["person_id"], *(row["old_ids"] or [])], id_differences.compare, "", mask, most=4
    ),
    "place": _Side(_place, lambda row: [_place(row)], _as_whole, ""),
    "mother": _Side(lambda row: row["mother_name"] or "", lambda row: [row["mother_name"]], _parent, " "),
    "father": _Side(lambda row: row["father_name"] or "", lambda row: [row["father_name"]], _parent, " "),
}
