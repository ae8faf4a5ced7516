"""Errors of the rules themselves; a rule that fails on data is a row in `issues`, never one of these.

TableError          the tables are wrong; the message lists every fault of every table
└── RuleBroken      rules cannot be run on this database; `rule_ids` and the message say which
"""

import re


class TableError(Exception):
    """The rule tables are wrong; `faults` has a sentence for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("Bảng quy tắc có lỗi / rule tables are wrong:\n" + "\n".join(f"- {f}" for f in faults))
        self.faults = faults


class RuleBroken(TableError):
    """Rules whose queries cannot be run: unknown column, bad SQL, a value that breaks them."""

    def __init__(self, causes: dict[str, str]) -> None:
        super().__init__([f"{rule_id}: {without_values(cause)}" for rule_id, cause in causes.items()])
        self.rule_ids = tuple(causes)


def without_values(cause: str) -> str:
    """The first lines of a database's message without the data that it quotes.

    Names of columns stand in double quotes and stay; values stand in single quotes or are long numbers.
    """
    first = cause.split("\n\n", 1)[0].strip().split("\n[SQL", 1)[0]
    return re.sub(r"\d{6,}", "…", re.sub(r"'[^']*'", "'…'", first))
