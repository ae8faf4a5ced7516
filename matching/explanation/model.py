"""Data classes of one record's explanation: nothing in them is known to the registry alone."""

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Piece(_Part):
    """A syllable, a digit or a part of a date of the record's own value."""

    text: str
    """`""` where the record lacks it."""
    kind: str
    """`same`, or how it differs: a key of `[kind]` in explanations.toml."""


class Value(_Part):
    """The record's value in one field, marked where the compared person's value differs."""

    field: str
    title_vi: str
    title_en: str
    pieces: tuple[Piece, ...]
    """Pieces of the value; empty where the record says nothing."""
    separator: str
    """Text between the pieces."""
    differs_vi: tuple[str, ...]
    """Kinds of difference, each once; empty if there is none, or nobody to compare with."""
    differs_en: tuple[str, ...]


class Step(_Part):
    """One bar of the waterfall: the prior, or the weight of a field."""

    field: str
    title_vi: str
    title_en: str
    said_vi: str
    """Sentence on how the field agrees."""
    said_en: str
    bits: float
    """Weight in bits: log2 of how much likelier this agreement is for the same person than for another."""
    total: float
    """Sum of the bits up to and with this step."""
    share: float
    """Share of all the evidence for and against, 0–1."""


class Second(_Part):
    """A candidate behind the best one, without a name."""

    weight: float
    probability: float


class Sentence(_Part):
    """One rule or fact that decided, in both languages."""

    code: str
    vi: str
    en: str
    holds: bool | None
    """True if it speaks for an automatic link; None if it only informs."""


class Explanation(_Part):
    """Why one record was linked, sent to review, or found nobody."""

    record_id: str
    sector: str
    source_file: str
    sheet: str
    source_row: int
    decision: str
    status: str
    reason: str
    candidates: int
    """Number of people the record was compared with."""
    values: tuple[Value, ...]
    steps: tuple[Step, ...]
    """Steps of the person linked or proposed, else of the nearest candidate; empty if nobody was compared."""
    weight: float | None
    """Weight in bits, the last step's total."""
    probability: float | None
    """Probability of that person; with the other candidates', `relatives` and `nobody` it sums to one."""
    relatives: float
    """Probability that the record is about a near relative of a candidate, who is not in the registry."""
    nobody: float
    """Probability that the record is about neither a candidate nor such a relative."""
    second: Second | None
    others: tuple[Second, ...]
    """All candidates behind the first, the likeliest first; the first of them is `second`."""
    margin: float | None
    """Bits to the second candidate, to nobody if there is none."""
    recorded_weight: float | None
    """Weight that the night wrote: it may differ a little, as a night learns from all its records."""
    corrections: tuple[str, ...] | None
    """Fields that would each alone make an automatic link, had they the person's value; None if that was not computed.
    """
    sentences: tuple[Sentence, ...]
