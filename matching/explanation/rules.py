"""Lists the rules of the decision that let a record through to an automatic link, and the one that held it back."""

from collections.abc import Mapping, Sequence
from typing import Any

from matching.decide import TWIN_OWNER
from matching.explanation.model import Sentence
from matching.explanation.words import percent, sentence, size
from matching.model import Bar, Model

Row = Mapping[str, Any]


def rules(link: Row, rows: Sequence[Row], margin: float, model: Model) -> list[Sentence]:
    """The sentences of the rules that decided, in the order of the rules.

    `link` is the record's link, `rows` its candidates (level numbers by field, `probability`), the one that it is about
    first; `margin` in bits.
    """
    if link["status"] == "agreed" and link["decision"] == "link":
        return [sentence("agreed", holds=True)]
    if link["status"] == "unverifiable":
        return [sentence("unsearchable", holds=False)]
    if not rows:
        return [sentence("nobody_compared", holds=False)]
    limits, probability = model.weights.decision, rows[0]["probability"]
    found = [
        *_barred(link, rows, model),
        sentence(
            "probability",
            holds=probability >= limits.link_probability,
            probability=percent(probability),
            limit=percent(limits.link_probability),
        ),
        sentence("margin", holds=margin >= limits.link_margin, margin=size(margin), limit=size(limits.link_margin)),
    ]
    together = sum(row["probability"] for row in rows)
    if link["decision"] == "none" and together < limits.review_probability:
        found.append(
            sentence("too_little", holds=False, probability=percent(together), limit=percent(limits.review_probability))
        )
    if link["status"] == "ambiguous":
        found.append(sentence("ambiguous", holds=False))
    if link["status"] == "duplicate":
        found.append(sentence("duplicate", holds=None))
    return found


def _barred(link: Row, rows: Sequence[Row], model: Model) -> list[Sentence]:
    """What forbids a link without a human, however probable: the first bar that holds."""
    owned = link["status"] == "id_of_another"
    if owned and any(_all(row, {"id": ("same",), "birth": ("same",)}, model) for row in rows):
        return [sentence("twin_owner", holds=False, bar_en=TWIN_OWNER)]
    for bar in sorted(model.bar, key=lambda bar: not bar.owned):
        if (owned or not bar.owned) and _holds(rows[0], bar, model):
            return [sentence("bar", holds=False, bar=bar.phrase, bar_en=bar.name)]
    return [sentence("bar", holds=True)]


def _holds(row: Row, bar: Bar, model: Model) -> bool:
    return _all(row, bar.when, model) and not any(_all(row, needs, model) for needs in bar.unless)


def _all(row: Row, needs: Mapping[str, tuple[str, ...]], model: Model) -> bool:
    return all(row[field] in model.find(field).numbers(*wanted) for field, wanted in needs.items())
