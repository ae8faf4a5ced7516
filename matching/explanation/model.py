"""What an explanation of one record holds: nothing in it is known to the registry alone."""

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Piece(_Part):
    """A syllable, digit or part of a date of the record's own value."""

    text: str
    """`""` where the record lacks it."""
    kind: str
    """`same`, or how it differs: a key of `[kind]` in explanations.toml."""


class Value(_Part):
    """What the record says in one field, marked where the person compared with says otherwise."""

    field: str
    title_vi: str
    title_en: str
    pieces: tuple[Piece, ...]
    """Empty where the record says nothing."""
    separator: str
    """What stands between the pieces."""
    differs_vi: tuple[str, ...]
    """How it differs, each kind once; empty if it does not, or if there is nobody to compare with."""
    differs_en: tuple[str, ...]


class Step(_Part):
    """One bar of the waterfall: the prior, or what a field weighs."""

    field: str
    title_vi: str
    title_en: str
    said_vi: str
    """How the field agrees."""
    said_en: str
    bits: float
    """log2 of how much likelier this is of the same person than of another."""
    total: float
    """Bits up to and with this step."""
    share: float
    """Of all that speaks for or against, 0–1."""


class Second(_Part):
    """The next best candidate, nameless."""

    weight: float
    probability: float


class Sentence(_Part):
    """One thing that decided, in both languages."""

    code: str
    vi: str
    en: str
    holds: bool | None
    """Whether it speaks for an automatic link; None where it only informs."""


class Explanation(_Part):
    """Why one record was linked, is to be reviewed, or found nobody."""

    record_id: str
    sector: str
    source_file: str
    sheet: str
    source_row: int
    decision: str
    status: str
    reason: str
    candidates: int
    """How many people the record was compared with."""
    values: tuple[Value, ...]
    steps: tuple[Step, ...]
    """Of the person linked or proposed, else of the nearest candidate; empty if nobody was compared."""
    weight: float | None
    """Bits, the last step's total."""
    probability: float | None
    """Of that person; with the other candidates', `relatives` and `nobody` it makes one."""
    relatives: float
    """Probability that it is a near relative of a candidate, who is not in the registry."""
    nobody: float
    """Probability that it is neither a candidate nor such a relative."""
    second: Second | None
    margin: float | None
    """Bits to the second candidate, to nobody if there is none."""
    recorded_weight: float | None
    """What the night wrote: it may differ a little, as a night learns from all its records."""
    corrections: tuple[str, ...] | None
    """Fields of which each alone, said as the person's, would make an automatic link; None if it was not asked."""
    sentences: tuple[Sentence, ...]
