"""How many of today's places each tenant gets, and why: a pure function, the same for night, plan and what-if."""

from pipelines.verify.share.allocation import (
    PARTS,
    Allocation,
    Places,
    allocate,
    ideal,
    rule,
    share_out,
)
from pipelines.verify.share.override import Override
from pipelines.verify.share.policies import DEFAULT, PHI, POLICIES
from pipelines.verify.share.weights import USUAL, weight_of

__all__ = [
    "DEFAULT",
    "PARTS",
    "PHI",
    "POLICIES",
    "USUAL",
    "Allocation",
    "Override",
    "Places",
    "allocate",
    "ideal",
    "rule",
    "share_out",
    "weight_of",
]
