"""Knows the commonest passwords (`common_passwords.csv`): what is made of them alone is guessed first, however long."""

import csv
import re
from functools import cache
from pathlib import Path

from vn.names import fold

FEWEST_OF_ITS_OWN = 8
"""Letters and digits that a password has at least beside common ones."""


def is_common(password: str, name: str) -> bool:
    """Whether little is left of the password without common passwords and the words of its owner's name."""
    told = re.sub(r"[\W_]", "", fold(password))
    own = [part for part in re.split(r"[\W_\d]+", name) if len(part) > 2]
    for each in own:
        told = told.replace(each, "")
    return len(_common().sub("", told)) < FEWEST_OF_ITS_OWN


@cache
def _common() -> re.Pattern[str]:
    """The table as one pattern, the longest first: `12345678` before `1234`."""
    with Path(__file__).with_name("common_passwords.csv").open(encoding="utf-8", newline="") as opened:
        known = sorted((row["password"] for row in csv.DictReader(opened)), key=lambda each: (-len(each), each))
    return re.compile("|".join(map(re.escape, known)))
