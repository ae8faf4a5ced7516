"""Tells what another policy, a weight or a deadline costs the others, in the sentences of costs.toml."""

import tomllib
from fractions import Fraction
from functools import cache
from pathlib import Path

from pipelines.quota.allocation.sentences import Sentence
from pipelines.quota.allocation.weights import USUAL


def of_policy(policy: str) -> list[Sentence]:
    """Guarantees that are lost under this policy."""
    return [_sentence("policy", policy)]


def of_weight(weight: Fraction, policy: str) -> list[Sentence]:
    """Meaning of this weight under the policy in force."""
    if policy == "fifo":
        return [_sentence("weight", "idle")]
    return [_sentence("weight", "usual" if weight == USUAL else "more" if weight > USUAL else "less")]


def of_deadline() -> list[Sentence]:
    """Tenants from whom a deadline's places are taken."""
    return [_sentence("override", "all")]


def _sentence(kind: str, name: str) -> Sentence:
    return Sentence(**_table()[kind][name])


@cache
def _table() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("costs.toml").read_text(encoding="utf-8"))
