"""SQL conditions on a record among the others: duplicates, shared numbers, sectors that disagree."""

from rules.sql import Condition, Scope, name


def record_to_be_the_only_one(column: str, scope: Scope, *, key: list[str]) -> Condition:
    """No other record of the sector has the same values in all columns of `key`; judged where all are known."""
    columns = ", ".join(name(each) for each in key)
    known = _known(key)
    repeated = f"SELECT {columns} FROM {name(scope.table)} WHERE {known} GROUP BY ALL HAVING count(*) > 1"
    return Condition(known, f"({columns}) IN ({repeated})")


def key_to_have_one(column: str, scope: Scope, *, key: str, of: list[str]) -> Condition:
    """All records with this value of `key` agree on every column of `of`, where it is known."""
    differ = " OR ".join(f"min({name(each)}) <> max({each})" for each in of)
    shared = f"SELECT {name(key)} FROM {name(scope.table)} WHERE {key} IS NOT NULL GROUP BY {key} HAVING {differ}"
    return Condition(f"{key} IS NOT NULL", f"{key} IN ({shared})")


def sectors_to_agree(column: str, scope: Scope, *, key: str, of: list[str]) -> Condition:
    """Records of other sectors with this value of `key` agree on every column of `of`.

    A sector speaks through the least value it has: what disagrees inside a sector is another rule's finding.
    """
    said = ", ".join(f"min({name(each)}) AS {each}" for each in of)
    sectors = " UNION ALL ".join(
        f"SELECT {name(key)}, {said} FROM {name(table)} WHERE {key} IS NOT NULL GROUP BY {key}"
        for table in scope.sector_tables
    )
    differ = " OR ".join(f"min({each}) <> max({each})" for each in of)
    several = f"SELECT {key} FROM ({sectors}) GROUP BY {key} HAVING count(*) > 1"
    return Condition(f"{key} IS NOT NULL AND {key} IN ({several})", f"{key} IN ({several} AND ({differ}))")


def _known(key: list[str]) -> str:
    return " AND ".join(f"{name(each)} IS NOT NULL" for each in key)
