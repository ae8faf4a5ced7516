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

__all__ = [
    "DEFAULT",
    "PARTS",
    "PHI",
    "POLICIES",
    "Allocation",
    "Override",
    "Places",
    "allocate",
    "ideal",
    "rule",
    "share_out",
]
