"""Loads presets of dirtiness: shares of kinds, fields and codes, from `presets.toml`."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import BadInput
from pipelines.synthetic import catalogue

Shares = dict[str, float]
KINDS = ("exact", "repairable", "no_id", "wrong_id", "not_in_registry", "deceased", "moved")
"""Kinds of a planned record; `lossless` (right, only written otherwise) and `duplicate` come on top."""
FIELDS = ("name_lossless", "name", "dob", "sex", "id", "several")
FAMILIES = ("name_lossless", "name", "dob_lossless", "dob", "sex", "id_lossless", "id", "no_id", "wrong_id")
"""Groups of codes that are drawn together."""


class Profile(BaseModel):
    """One preset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    source: str
    kinds: Shares
    """Share of records of each kind; what is left is `exact`."""
    duplicates: float = Field(ge=0, lt=0.5)
    """Share of a file's rows that repeat an earlier record."""
    lossless: float = Field(ge=0, le=1)
    """Share of all records that are written in another lawful form (case, spacing, dates)."""
    also_wrong: float = Field(ge=0, le=1)
    """Share of records with a bad or no number that have another field wrong as well."""
    lookalikes: float = Field(default=0.0, ge=0, le=1)
    """Share of people in no registry who have the name and nearly the birth date of somebody in it."""
    siblings_first: bool = False
    """True if twins and siblings are taken for the records without a number."""
    fields: Shares
    """Which field is wrong in a repairable record."""
    codes: dict[str, Shares]
    """Weights of the codes of each family, see `tables/errors.csv`."""

    @model_validator(mode="after")
    def _check(self) -> "Profile":
        faults = [f"unknown kind {kind}" for kind in self.kinds if kind not in KINDS]
        faults += [f"unknown field {field}" for field in self.fields if field not in FIELDS]
        known = catalogue.codes()
        faults += [f"no codes for {family}" for family in FAMILIES if not self.codes.get(family)]
        faults += [f"unknown code {code}" for shares in self.codes.values() for code in shares if code not in known]
        if sum(share for kind, share in self.kinds.items() if kind != "exact") > 1:
            faults.append("kinds add up to more than 1")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def adjusted(self, kinds: Shares, without: frozenset[str]) -> "Profile":
        """The same preset with other shares of some kinds, without some codes. Errors: BadInput if they do not fit."""
        codes = {
            family: {code: share for code, share in shares.items() if code not in without}
            for family, shares in self.codes.items()
        }
        try:
            return Profile.model_validate({**self.model_dump(), "kinds": {**self.kinds, **kinds}, "codes": codes})
        except ValidationError as fault:
            raise BadInput("bad_plan", f"Tỷ lệ sai / faulty shares: {fault}") from fault


@cache
def load(name: str) -> Profile:
    """The preset with this name. Errors: BadInput if there is none or its table is faulty."""
    tables = _tables()
    if name not in known():
        raise BadInput("unknown_preset", f"Không có mức lỗi «{name}» / no such preset; known: {', '.join(known())}.")
    own = tables[name]
    codes = {**tables["shared"]["codes"], **own.get("codes", {})}
    try:
        return Profile.model_validate({**tables["shared"], **own, "codes": codes})
    except ValidationError as fault:
        raise BadInput("bad_preset", f"presets.toml: {name}: {fault}") from fault


def known() -> tuple[str, ...]:
    """Names of the presets, in the file's order."""
    return tuple(name for name in _tables() if name != "shared")


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files(__package__) / "presets.toml").read_text(encoding="utf-8"))
