"""Allocates today's places to tenants: a pure function, the same for night, plan and what-if."""

from pipelines.quota.allocation.allocate import PARTS, Allocation, Places, allocate, ideal, rule, share_out
from pipelines.quota.allocation.override import Override
from pipelines.quota.allocation.policies import DEFAULT, PHI, POLICIES
from pipelines.quota.allocation.weights import USUAL, weight_of

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
