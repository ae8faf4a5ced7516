"""Finds candidate pairs: the persons with whom each record is compared.

First the person whose number it carries; where number and name do not settle it, everybody who shares one of the
keys of blocking.toml. Both are looked up in the snapshot's side files (matching/index.py), so that the work follows
the records and not the registry.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from matching import keys
from matching.distances import slips
from matching.letters import letters_of, may_be_near
from matching.lookup import Lookup, Numbers, join, persons, records, split, together
from matching.model import Key, Model
from matching.snapshot import add, lookup, query

_RECORDS = """
CREATE TABLE records AS
SELECT * EXCLUDE (id_number_raw), hash(full_name, date_of_birth, sex, id_number_raw) AS chance FROM given
"""
"""`chance`: a number that follows from what the record says, by which records are chosen for training."""

_JUDGED = ("name_repairs", "birth_repairs", "id_repairs", "group_key")
"""Columns of prepared records of which only what `prepare` makes of them is looked up, or nothing."""

_OF_OWNER = (
    "person_id", "full_name", "name_key", "date_of_birth", "birth_year", "sex", "old_ids", "other_names", "status",
)  # fmt: skip

_HITS = """
CREATE TABLE hits AS
SELECT r, p, id_number IS NOT NULL AS whole, owners.name_key AS owner_key
FROM met JOIN records USING (r) JOIN owners USING (p)
WHERE owners.person_id = number OR list_contains(old_ids, number)
"""

_SETTLED = """
CREATE TABLE settled AS
SELECT r, p,
       person_id = id_number AND name_clean AND birth_clean AND id_clean
           AND date_same AND sex_same AND name_same AS agreed
FROM (
    SELECT r, p, person_id, records.id_number, name_clean, birth_clean, id_clean,
           coalesce(records.date_of_birth = owners.date_of_birth, false) AS date_same,
           coalesce(records.sex = owners.sex, false) AS sex_same,
           coalesce(records.full_name = owners.full_name, false)
               OR coalesce(list_contains(owners.other_names, records.full_name), false) AS name_same,
           coalesce(name_plain AND records.name_key = owners.name_key, false) AS name_unmarked,
           coalesce(abs(records.birth_year - owners.birth_year) < 14, true) AS one_generation
    FROM hits JOIN records USING (r) JOIN owners USING (p)
)
WHERE (name_same OR name_unmarked) AND one_generation
"""

_SEARCHES = """
CREATE TABLE searches AS
WITH open AS (SELECT * FROM records WHERE name_key IS NOT NULL AND r NOT IN (SELECT r FROM settled))
SELECT r, digits AS person_id, name_key, date_of_birth, birth_year, sex, province_code, commune_code, mother_key,
       father_key
FROM open
UNION ALL
SELECT r, NULL, name_key, birth_alternative, TRY_CAST(birth_alternative[1:4] AS SMALLINT), sex, NULL, NULL, mother_key,
       father_key
FROM open WHERE birth_alternative IS NOT NULL
"""


_WITH_WANTED = """
CREATE OR REPLACE TABLE pairs AS
SELECT r, p FROM pairs UNION SELECT r, p FROM met ANTI JOIN (FROM settled WHERE agreed) USING (r, p) ORDER BY r, p
"""


TWO_SLIPS = 2
"""Between numbers that comparisons.toml calls near."""


Shared = npt.NDArray[np.uint32]


class _Searched(NamedTuple):
    """What one key found."""

    pairs: Numbers
    values: int
    """Distinct values that were looked up."""
    dropped: Numbers
    """Values that too many people share."""
    dropped_records: int
    """Records with such a value."""


class Blocks(NamedTuple):
    """Counts of one block key: pairs that it found, values that it dropped."""

    name: str
    values: int
    dropped_values: int
    dropped_records: int
    pairs: int


def settle(connection: duckdb.DuckDBPyConnection, records: pl.DataFrame) -> None:
    """Writes the tables `records`, `owners` (people with one of the numbers), `hits` (person by number, with the name),
    `settled` (number and name agree) and `searches`.
    """
    connection.register("given", records.drop(_JUDGED).to_arrow())
    connection.execute(_RECORDS)
    connection.unregister("given")
    asked = records.select("r", "number").drop_nulls()
    people = lookup(connection)
    met = split(people.find(keys.NUMBER, asked["r"], keys.of_numbers(asked["number"])).pairs)
    add(connection, "met", met)
    add(connection, "owners", people.take(met["p"].unique().sort(), _OF_OWNER))
    for sql in (_HITS, _SETTLED, _SEARCHES):
        connection.execute(sql)
    connection.execute("DROP TABLE met")


def block(connection: duckdb.DuckDBPyConnection, model: Model, threads: int = 1) -> list[Blocks]:
    """Writes the table `pairs` (r, p, each once, sorted) of all pairs still to be compared, and returns the counts of
    each key.

    Also `asked` (`r` and a column a key: whose values were looked up) and `dropped` (`key`, `value`: too common).
    Errors: ModelError if a key names an unknown part.
    """
    people = lookup(connection, model)
    searches = query(connection, "FROM searches")
    asked = pl.concat([searches.select("r"), keys.values(searches, model.key)], how="horizontal")
    add(connection, "asked", asked)
    owned = query(connection, "SELECT r, p FROM hits WHERE r NOT IN (SELECT r FROM settled WHERE agreed)")
    with ThreadPoolExecutor(threads) as pool:
        searched = list(pool.map(lambda key: _search(people, key, asked.select("r", value=key.name)), model.key))
    found, shared = together([each.pairs for each in searched] + [join(owned)])
    near = _worth_comparing(found, shared, model, people, connection)
    add(connection, "pairs", split(found[near]))
    add(connection, "dropped", pl.concat([_dropped(key, each) for key, each in zip(model.key, searched, strict=True)]))
    return [
        Blocks(
            name=key.name,
            values=each.values,
            dropped_values=len(each.dropped),
            dropped_records=each.dropped_records,
            pairs=int(np.count_nonzero(shared & _bit(n))),
        )
        for n, (key, each) in enumerate(zip(model.key, searched, strict=True))
    ]


def add_pairs(connection: duckdb.DuckDBPyConnection, wanted: pl.DataFrame) -> None:
    """Adds to `pairs` records with given persons (`r`, `person_id`), except those that agree anyway."""
    add(connection, "wanted", wanted)
    people = lookup(connection)
    met = split(people.find(keys.NUMBER, wanted["r"], keys.of_numbers(wanted["person_id"])).pairs)
    persons = people.take(met["p"].unique().sort(), ["person_id"])
    add(connection, "met", met.join(persons, on="p").join(wanted, on=["r", "person_id"], how="semi"))
    connection.execute(_WITH_WANTED)
    connection.execute("DROP TABLE met")


def _worth_comparing(
    pairs: Numbers, shared: Shared, model: Model, people: Lookup, connection: duckdb.DuckDBPyConnection
) -> npt.NDArray[np.bool_]:
    """Whether each pair shares more than one key that alone says little, or has values that may be near.

    Shape: `shared` has bit n where the pair shares the n-th key, and one more bit where the number is the person's.
    """
    weak = {kind: _bits(n for n, key in enumerate(model.key) if key.near == kind) for kind in ("name", "number")}
    worth: npt.NDArray[np.bool_] = (shared & ~(weak["name"] | weak["number"]) != 0) | (np.bitwise_count(shared) > 1)
    said = query(connection, "SELECT digits, name_key FROM records ORDER BY r")
    alone = np.flatnonzero(~worth)
    asked = pairs[alone]
    near = may_be_near(letters_of(said["name_key"])[records(asked)], people.letters(persons(asked)))
    by_number = np.flatnonzero(~near & (shared[alone] & weak["number"] != 0))
    near[by_number] = _near_numbers(said["digits"], asked[by_number], people)
    worth[alone] = near
    return worth


def _bit(n: int) -> np.uint32:
    return np.uint32(1 << n)


def _bits(numbers: Iterable[int]) -> np.uint32:
    return np.uint32(sum(1 << n for n in numbers))


def _near_numbers(digits: pl.Series, pairs: Numbers, people: Lookup) -> npt.NDArray[np.bool_]:
    """Whether two slips at most part the record's number from the person's."""
    places, at = np.unique(persons(pairs), return_inverse=True)
    theirs = people.take(pl.Series(places), ["person_id"])["person_id"].gather(at)
    ours = digits.gather(records(pairs))
    both = pl.DataFrame([ours.fill_null(""), theirs])
    near: npt.NDArray[np.bool_] = slips(both, TWO_SLIPS) <= TWO_SLIPS
    return near


def _search(people: Lookup, key: Key, asked: pl.DataFrame) -> _Searched:
    """What the key finds for the records' values, unless too many people share one."""
    asked = asked.drop_nulls()
    found = people.find(key.name, asked["r"], asked["value"], key.cap)
    losing = (
        asked.filter(pl.col("value").is_in(pl.Series(found.dropped).implode())) if len(found.dropped) else asked[:0]
    )
    return _Searched(found.pairs, found.values, found.dropped, losing["r"].n_unique())


def _dropped(key: Key, searched: _Searched) -> pl.DataFrame:
    values = pl.DataFrame({"value": searched.dropped}, {"value": pl.UInt64})
    return values.select(key=pl.lit(key.name), value="value")
