"""Joins the two sides of each candidate pair: the record's columns end in `_l`, the person's in `_r`.

What depends on one side alone is worked out once a record, and once a person when the snapshot is prepared.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from matching.letters import OTHER_NAMES, letters_apart, letters_of
from matching.lookup import Lookup
from matching.measures import of_record
from matching.model import Model
from matching.snapshot import query

_OF_PERSON = (
    "person_id", "full_name", "name_key", "date_of_birth", "sex", "province_code", "commune_code", "status",
)  # fmt: skip
_PARENTS, _OLD_IDS, _OTHER_NAMES = ("mother_key", "father_key"), ("old_ids",), ("other_names", "other_keys")
_OF_PARENTS = pl.any_horizontal(pl.col(f"{name}_l").is_not_null() for name in (*_PARENTS, "owner_key"))
"""Whether the record names a parent or bears somebody's number, who may be one."""
_MAY_BE_OLD = pl.col("owned_l") | (pl.col("id_number_l").is_not_null() & pl.col("cmnd_number_l").is_not_null())
"""Whether a number of the record may be an earlier one: it is somebody's, or it was not looked up beside the other."""


def chunks(connection: duckdb.DuckDBPyConnection, most: int, least: int) -> tuple[list[pl.DataFrame], pl.Series]:
    """`r` and `p` of all rows of the table `pairs` in the order of the people, in at least `least` parts of at most
    `most` rows, at least one part; and the row in all parts of each pair, sorted by r, p.
    """
    pairs = query(connection, "SELECT r, p FROM pairs")
    order = np.argsort(pairs["p"].to_numpy(), kind="stable")
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    pairs = pairs.select(pl.all().gather(order))
    size = max(min(most, -(-pairs.height // least)), 1)
    return [pairs.slice(first, size) for first in range(0, max(pairs.height, 1), size)], pl.Series(places)


def records_of(connection: duckdb.DuckDBPyConnection, model: Model, table: str = "pairs") -> pl.DataFrame:
    """The records in a table of pairs, sorted by `r`: what of them is compared."""
    records = query(connection, _RECORDS.format(pairs=table))
    return records.with_columns(letters=letters_of(records["name_key"]), **of_record(model.doublets.pairs))


def agreed(connection: duckdb.DuckDBPyConnection, every: int) -> pl.DataFrame:
    """`r` and `p` of the agreed records in the order of the people: one in `every`, chosen by the record's content."""
    connection.execute(_AGREED.format(every=every))
    return query(connection, "SELECT r, p FROM agreed ORDER BY p, r")


def sides(people: Lookup, pairs: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """The pairs with the columns of both sides.

    Shape: as `pairs`, which are in the order of the people, so that these are read as they lie, once; `records` is
    sorted by `r` and has each of the pairs' once. `mother_key_r` and `father_key_r` are null where the record neither
    names a parent nor bears somebody's number, `old_ids_r` where no number of the record can be an earlier one of
    anybody, other names where the person has none.
    """
    left = records.select(pl.exclude("r").gather(records["r"].search_sorted(pairs["r"])).name.suffix("_l"))
    letters = people.letters(pairs["p"].to_numpy())
    person = [
        people.take(pairs["p"], _OF_PERSON).drop("p"),
        _take_few(people, pairs["p"], left.select(_OF_PARENTS).to_series().to_numpy(), _PARENTS),
        _take_few(people, pairs["p"], left.select(_MAY_BE_OLD).to_series().to_numpy(), _OLD_IDS),
        _take_few(people, pairs["p"], letters & OTHER_NAMES != 0, _OTHER_NAMES),
    ]
    right = pl.concat(person, how="horizontal").select(pl.all().name.suffix("_r")).rename({"status_r": "life"})
    of_both = pl.DataFrame({"letters_apart": letters_apart(left["letters_l"].to_numpy(), letters)})
    return pl.concat([pairs, left, right, people.rarity(pairs["p"]), of_both], how="horizontal")


def _take_few(people: Lookup, places: pl.Series, where: npt.NDArray[np.bool_], columns: Sequence[str]) -> pl.DataFrame:
    """`Lookup.take` for some of the people, null for the others."""
    found = people.take(places.filter(pl.Series(where)), columns).drop("p")
    at = pl.Series(np.cumsum(where) - 1, dtype=pl.Int64).set(pl.Series(~where), None)
    return found.select(pl.all().gather(at))


_AGREED = """
CREATE OR REPLACE TABLE agreed AS
SELECT r, min(p) AS p FROM settled JOIN records USING (r) WHERE agreed AND chance % {every} = 0 GROUP BY r
"""

_RECORDS = """
SELECT r, full_name, name_key, given_known, given_heard, date_of_birth, birth_alternative, sex, id_number, cmnd_number,
       digits, id_kind, coalesce(owned, false) AS owned, owner_key, province_code, commune_code, mother_key, father_key
FROM records SEMI JOIN {pairs} USING (r)
LEFT JOIN (SELECT r, true AS owned, arg_min(owner_key, p) AS owner_key FROM hits GROUP BY r) USING (r)
ORDER BY r
"""
"""`owner_key`: the name of whose number the record carries."""
