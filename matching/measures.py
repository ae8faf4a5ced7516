"""Computes distances and alignments of a chunk of candidate pairs, a column each, for the tests of levels.

RapidFuzz counts characters (DuckDB counts bytes) and uses all cores; everything compared by letters is folded first.
"""

import os
import unicodedata
from functools import lru_cache

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

_MISSING = 99
_TONED_Y = {f"{y}{end}": f"{i}{end}" for y, i in zip("ýỳỷỹỵ", "íìỉĩị", strict=True) for end in (" ", "\n")}


def measure(pairs: pl.DataFrame, doublets: dict[str, str], threads: int | None = None) -> pl.DataFrame:
    """The pairs with their measures.

    Shape: same rows, same order; adds what `_add_words` finds of both names, `part`, `*_slips`,
    `name_ratio`, `spelling`, `*_ratio`, `days`.
    Units: `_slips` edits (one insertion, deletion, substitution or neighbours exchanged); `_ratio` 0–1.
    """
    workers = threads or os.cpu_count() or 1
    pairs = pairs.with_columns(
        days=_day("date_of_birth_l") - _day("date_of_birth_r"),
        i_y_l=_i_for_y("full_name_l"),
        i_y_r=_i_for_y("full_name_r"),
    )
    pairs = _add_part(_add_words(pairs, doublets))
    names = [pairs["name_key_l"], pairs["name_key_r"]]
    words = [pairs["words_l"], pairs["words_r"]]
    parents = {
        f"{parent}_ratio": _ratio([pairs[f"{parent}_key_l"], pairs[f"{parent}_key_r"]], workers)
        for parent in ("mother", "father")
    }
    pairs = pairs.with_columns(
        name_slips=pl.min_horizontal(slips(names, workers), slips(words, workers)),
        name_ratio=_ratio(words, workers),
        id_slips=slips([pairs["digits_l"], pairs["person_id_r"]], workers),
        birth_slips=slips([pairs["date_of_birth_l"], pairs["date_of_birth_r"]], workers),
        **parents,
    )
    return _add_spelling(pairs)


def spelling(left: str, right: str) -> str:
    """Kind of difference between two names with the same letters, one of these words.

    `same`; `unmarked`: the left has no marks at all; `marks_lost`: the left lacks some, but none of the given name's;
    `rotated`: the words follow one another in the same circle (given name first), or are only joined; `shuffled`:
    another order; `marks`: other marks, but not in the given name; `marks_given`: other marks in it.
    """
    ours, theirs = left.lower().split(), right.lower().split()
    if ours == theirs:
        return "same"
    if "".join(ours) == "".join(theirs):
        return "rotated"
    if sorted(ours) == sorted(theirs):
        around = [theirs[number:] + theirs[:number] for number in range(1, len(theirs))]
        return "rotated" if ours in around else "shuffled"
    if [*map(_plain, ours)] != [*map(_plain, theirs)]:
        return "marks_given"
    if ours == [*map(_plain, ours)]:
        return "unmarked"
    lost = all(word in (other, _plain(other)) for word, other in zip(ours, theirs, strict=True))
    if ours[-1] != theirs[-1]:
        return "marks_given"
    return "marks_lost" if lost else "marks"


def _add_words(pairs: pl.DataFrame, doublets: dict[str, str]) -> pl.DataFrame:
    """What a name is made of, worked out once for each distinct name."""
    name = pl.col("name_key")
    each = name.str.split(" ")
    names = (
        pl.concat([pairs["name_key_l"], pairs["name_key_r"]])
        .unique()
        .alias("name_key")
        .to_frame()
        .select(
            "name_key",
            words=each.list.sort().list.join(" "),
            doublet=each.list.eval(pl.element().replace(doublets)).list.join(" "),
            first=each.list.first(),
            last=each.list.last(),
            but_last=name.str.extract(r"^(.+) [^ ]+$"),
            but_first=name.str.extract(r"^[^ ]+ (.+)$"),
            initials=name.str.replace_all(r"([a-z])[a-z']*\s*", "$1"),
            short_word=name.str.contains(r"(?:^| )[a-z](?: |$)"),
        )
    )
    for side in "lr":
        renamed = names.rename({column: f"{column}_{side}" for column in names.columns})
        pairs = pairs.join(renamed, on=f"name_key_{side}", how="left", maintain_order="left")
    return pairs


def _add_part(pairs: pl.DataFrame) -> pl.DataFrame:
    """`part`: surname and given name are the same, and all words of one name are words of the other; `shared_words`:
    how many they share then."""
    ours, theirs = pl.col("name_key_l").str.split(" "), pl.col("name_key_r").str.split(" ")
    lacking = [one.list.set_difference(other).list.len() for one, other in ((ours, theirs), (theirs, ours))]
    found = (
        pairs.lazy()
        .filter((pl.col("first_l") == pl.col("first_r")) & (pl.col("last_l") == pl.col("last_r")))
        .select("name_key_l", "name_key_r")
        .unique()
        .with_columns(part=pl.min_horizontal(lacking) == 0, shared_words=ours.list.set_intersection(theirs).list.len())
        .collect()
    )
    return pairs.join(found, on=["name_key_l", "name_key_r"], how="left", maintain_order="left")


def _add_spelling(pairs: pl.DataFrame) -> pl.DataFrame:
    """`spelling` for pairs whose names have the same letters, null for others; a Python call a distinct pair."""
    compact = pl.col("name_key_l").str.replace_all(" ", "") == pl.col("name_key_r").str.replace_all(" ", "")
    same = (
        pairs.lazy()
        .filter(compact | (pl.col("words_l") == pl.col("words_r")))
        .select("full_name_l", "full_name_r")
        .unique(maintain_order=True)
        .drop_nulls()
        .collect()
    )
    verdicts = [spelling(left, right) for left, right in zip(same["full_name_l"], same["full_name_r"], strict=True)]
    same = same.with_columns(spelling=pl.Series(verdicts, dtype=pl.String))
    return pairs.join(same, on=["full_name_l", "full_name_r"], how="left", maintain_order="left")


@lru_cache(maxsize=1 << 16)
def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _i_for_y(column: str) -> pl.Expr:
    """The name in lower case with i for every y that has a tone mark at the end of a word: Quý, Quí; Kỳ, Kì.

    Without a mark Vy and Vi, My and Mi are different names (domain.md 4.2).
    """
    return (pl.col(column).str.to_lowercase() + "\n").str.replace_many(list(_TONED_Y), list(_TONED_Y.values()))


def _day(column: str) -> pl.Expr:
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32)


def slips(sides: list[pl.Series], workers: int) -> pl.Series:
    """Optimal string alignment distance; far where either is missing."""
    found = process.cpdist(*map(_texts, sides), scorer=OSA.distance, workers=workers)
    return pl.Series("slips", found, dtype=pl.Int32).set(_lacking(sides), _MISSING)


def _ratio(sides: list[pl.Series], workers: int) -> pl.Series:
    """Similarity by insertions and deletions; 0 where either is missing."""
    if sides[0].null_count() == len(sides[0]):
        return pl.zeros(len(sides[0]), dtype=pl.Float64, eager=True)
    found = process.cpdist(*map(_texts, sides), scorer=Indel.normalized_similarity, workers=workers)
    return pl.Series("ratio", found, dtype=pl.Float64).set(_lacking(sides), 0.0)


def _texts(side: pl.Series) -> list[str]:
    return side.fill_null("").to_list()


def _lacking(sides: list[pl.Series]) -> pl.Series:
    return sides[0].is_null() | sides[1].is_null()
