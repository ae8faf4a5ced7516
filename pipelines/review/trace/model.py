"""Data classes of one record's way through a night, step by step."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from matching.explanation.model import Explanation


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(_Part):
    """The row that the record came from."""

    run_id: str
    night: str
    record_id: str
    sector: str
    sector_title: str
    source_file: str
    sheet: str
    source_row: int
    arrived_as: str | None
    """The file in the inbox: of a file in an archive the archive."""
    arrived_sha256: str | None
    format: str | None
    encoding: str | None
    header_row: int | None


class Cell(_Part):
    """One column of the row: what stood there, what it became, and what was mended."""

    column: str
    title_vi: str
    title_en: str
    header: str | None
    """The file's own header; None where the file lacks the column."""
    text: str | None
    """The cell's text, masked unless it was asked for unmasked."""
    value: str | None
    """The standardised value, masked in the same way."""
    repairs: tuple[str, ...]
    """Codes of what was mended; empty if nothing."""
    why_not: str | None
    """Code of why there is no value."""


class Said(_Part):
    """Verdict of one rule on the record."""

    family: str
    rule_id: str
    verdict: str
    """`pass`, `fail` or `not_applicable`."""
    severity: str
    message_vi: str
    message_en: str
    source: str
    """The law that the rule is from."""


class HumanWord(_Part):
    """One decision of a human about what the record says."""

    decision: int
    verdict: str
    person: str | None
    """Masked."""
    decided_by: str
    decided_at: str
    reason: str


class Question(_Part):
    """What the gateway was asked about the record, and what it answered."""

    request_id: str
    tenant: str
    state: str
    """As in the table `verifications`."""
    result: str | None
    flags: dict[str, str | None]
    """Field → the gateway's flag."""
    enqueued_on: str | None
    asked_on: str | None
    charged_on: str | None
    """The quota day that it was charged to."""
    places: int | None
    """Places of its tenant on that day; None while it waits."""
    places_used: int | None
    points: int | None
    """Points by which it was put in order."""


class Standing(_Part):
    """A file of the run in which the record stands."""

    path: str
    rows: int
    """Number of rows that are about it."""
    said_vi: str
    said_en: str


class Trace(_Part):
    """One record's way through a night."""

    origin: Origin
    cells: tuple[Cell, ...]
    rules: tuple[Said, ...]
    card: dict[str, str]
    """Family → `pass`, `fail`, `not_known`, `not_applicable`."""
    link: Explanation
    person: str | None
    """Number of the person linked or proposed, masked."""
    decided_by: str
    """`model`, `human`, or `registry` where its answer settled what was a human's to decide."""
    final_decision: str
    """`link`, `review`, `none`, after the registry's answer."""
    human: tuple[HumanWord, ...]
    """Every decision about what the record says, the oldest first."""
    final_status: str
    question: Question | None
    """None where there is nobody to ask about."""
    reports: tuple[Standing, ...]

    def missing(self) -> list[str]:
        """Names of steps that are not told, of those that this record must have; empty for a whole trace."""
        lacking: dict[str, Any] = {
            "cells": self.cells,
            "rules": self.rules,
            "card": self.card,
            "origin": self.origin.arrived_sha256,
            "candidates": self.link.candidates or self.link.decision == "none",
            "question": self.question is not None or self.link.decision != "link",
            "reports": self.reports,
        }
        return [name for name, told in lacking.items() if not told]


class Rejected(_Part):
    """A row that became no record."""

    sector: str
    source_file: str
    sheet: str
    source_row: int | None
    code: str
    message: str
