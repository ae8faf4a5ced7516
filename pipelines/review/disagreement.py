"""Says what several people's answers about one record come to: a decision, or who has to answer next.

One answer decides, two alike where a tenant's records are read twice; two that differ go to a third person, who
decides. Somebody who is unsure decides nothing: the record goes on to somebody else.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Said = Literal["same", "different", "nobody", "unsure"]
"""An answer about a record: it is this person, it is not this person, it is nobody in the registry, cannot tell."""


class Answer(NamedTuple):
    """One person's answer about a record."""

    by: str
    said: Said
    person_id: str | None = None
    """The person whom `same` and `different` speak of."""


class Standing(NamedTuple):
    """What the answers about a record come to so far."""

    waits_for: Literal["first", "second", "third"] | None
    """Whose answer is needed next; None once the record is decided."""
    answered: frozenset[str]
    """Names of the people who have answered: none of them may be the next."""
    decided: Answer | None = None
    """The answer that holds, as its last giver said it."""


def standing(answers: Sequence[Answer], readers: int = 1) -> Standing:
    """What the answers come to. Shape: `answers` in the order in which they were given; of one person the last counts.

    `readers` is the number of like answers that decide: 1, or 2 where records are read twice.
    """
    last = {answer.by: answer for answer in answers}
    answered = frozenset(last)
    clear = [answer for answer in answers if answer is last[answer.by] and answer.said != "unsure"]
    if not clear:
        return Standing("second" if answered else "first", answered)
    first = clear[0]
    for place, answer in enumerate(clear):
        if alike(answer, first):
            if place + 1 >= readers:
                return _decided_unless_contradicted(clear, place, answered)
        else:
            return Standing(None, answered, clear[place + 1]) if len(clear) > place + 1 else Standing("third", answered)
    return Standing("second", answered)


def alike(one: Answer, other: Answer) -> bool:
    """Whether both say the same of the same person."""
    return (one.said, one.person_id) == (other.said, other.person_id)


def _decided_unless_contradicted(clear: Sequence[Answer], place: int, answered: frozenset[str]) -> Standing:
    """A decided record's standing: an answer that comes later all the same (a workbook's) and differs reopens it."""
    later = next((at for at in range(place + 1, len(clear)) if not alike(clear[at], clear[0])), None)
    if later is None:
        return Standing(None, answered, clear[place])
    return Standing(None, answered, clear[later + 1]) if len(clear) > later + 1 else Standing("third", answered)
