"""Converts between the lookup results of records and those of contents: `stages.LookupResult` ↔ `memory.Contents`."""

import duckdb
import polars as pl

from matching import keys, snapshot
from matching.incremental.memory import Contents
from matching.lookup import Lookup
from matching.stages import LookupResult
from matching.term_frequency import PREFIX

PERSON = ("person_id", "status")


def contents_of(connection: duckdb.DuckDBPyConnection, looked: LookupResult, fingerprints: pl.DataFrame) -> Contents:
    """The lookup results of records with these fingerprints as contents, record `r` as content `c`; nothing is decided
    yet.

    `connection` still has the tables that looking left behind.
    """
    chance = "CASE WHEN searchable THEN chance END AS chance"
    told = snapshot.query(connection, f"SELECT {chance}, r IN (SELECT r FROM hits) AS owned FROM records ORDER BY r")
    agreed = looked.agreed.select("r", agreed="p")
    contents = (
        pl.concat([fingerprints, told], how="horizontal").with_row_index("r").with_columns(pl.col("r").cast(pl.Int32))
    )
    asked = _asked(connection)
    dropped = snapshot.query(connection, "FROM dropped").with_columns(pl.col("key").cast(asked.schema["key"]))
    levels = pl.exclude("r", "life", "person_id", f"^{PREFIX}.*$")
    return Contents(
        contents=contents.join(agreed, on="r", how="left", maintain_order="left").drop("r"),
        pairs=looked.pairs.select(pl.col("r").alias("c"), levels),
        sure=looked.sure.select(pl.col("r").alias("c"), levels),
        asked=asked,
        dropped=asked.join(dropped, on=["key", "value"], how="semi"),
    )


def lookup_result_of(contents: Contents, people: Lookup) -> LookupResult:
    """The lookup results of contents as records, content `c` as record `r`, for `weigh` and `decide`; none is chosen
    for training.
    """
    agreed = contents.contents.select(r=pl.int_range(pl.len(), dtype=pl.Int32), p="agreed").drop_nulls()
    owned = contents.contents.select(pl.arg_where(pl.col("owned")).cast(pl.Int32)).to_series()
    return LookupResult(
        blocks=[],
        pairs=_with_people(contents.pairs.rename({"c": "r"}), people, PERSON),
        agreed=_with_people(agreed, people, PERSON),
        sure=contents.sure.rename({"c": "r"}).clear(),
        owned=owned,
        chosen=owned.clear(),
    )


def sample_of(contents: Contents, of_record: pl.Series, people: Lookup, step: int) -> LookupResult:
    """The part of the lookup results that `habits_of` reads: records chosen for training. `of_record` is each record's
    content.
    """
    is_chosen = contents.contents.select((pl.col("chance") % step == 0).fill_null(False)).to_series()
    rows = pl.DataFrame({"r": pl.int_range(len(of_record), dtype=pl.Int32, eager=True), "c": of_record}).filter(
        is_chosen.gather(of_record)
    )
    pairs, sure = (
        _with_people(
            rows.join(table.filter(is_chosen.gather(table["c"])), on="c", maintain_order="left_right").drop("c"),
            people,
            (),
        )
        for table in (contents.pairs, contents.sure)
    )
    return LookupResult(
        blocks=[], pairs=pairs, agreed=rows.clear(), sure=sure, owned=rows["r"].clear(), chosen=rows["r"]
    )


def _with_people(pairs: pl.DataFrame, people: Lookup, columns: tuple[str, ...]) -> pl.DataFrame:
    """The pairs with `columns` of the person (the status as `life`) and the person's rarities."""
    places = pairs["p"].unique().sort()
    at = places.search_sorted(pairs["p"])
    known = people.rarity(places)
    if columns:
        known = pl.concat(
            [people.take(places, list(columns)).drop("p").rename({"status": "life"}), known], how="horizontal"
        )
    return pl.concat([pairs, known.select(pl.all().gather(at))], how="horizontal")


def _asked(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """`c, key, value`, each once: numbers, and the values of every block key."""
    numbers = "SELECT r AS c, number FROM records WHERE number IS NOT NULL ORDER BY r"
    wide = snapshot.query(connection, "FROM asked ORDER BY r").unique(maintain_order=True)
    names = [name for name in wide.columns if name != "r"]
    kind = pl.Enum([keys.NUMBER, *names])
    long = [
        wide.select(c="r", key=pl.lit(name, dtype=kind), value=name).drop_nulls().unique(maintain_order=True)
        for name in names
    ]
    numbered = snapshot.query(connection, numbers)
    own = numbered.select("c", key=pl.lit(keys.NUMBER, dtype=kind), value=keys.of_numbers(numbered["number"]))
    return pl.concat([own, *long])
