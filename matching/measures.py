"""Distances and alignments of a chunk of pairs, a column each, from which the levels' tests read.

RapidFuzz counts characters (DuckDB counts bytes) and uses all cores; everything compared by letters is folded first.
"""

import os
import unicodedata

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

_MISSING = 99
_TONED_Y = {f"{y}{end}": f"{i}{end}" for y, i in zip("ýỳỷỹỵ", "íìỉĩị", strict=True) for end in (" ", "\n")}


def measure(pairs: pl.DataFrame, doublets: dict[str, str], threads: int | None = None) -> pl.DataFrame:
    """The pairs with their measures.

    Shape: same rows, same order; adds `words_*`, `*_slips`, `name_ratio`, `spelling`, `*_ratio`, `days`.
    Units: `_slips` edits (one insertion, deletion, substitution or neighbours exchanged); `_ratio` 0–1.
    """
    workers = threads or os.cpu_count() or 1
    pairs = pairs.with_columns(
        words_l=_words("name_key_l"),
        words_r=_words("name_key_r"),
        days=_day("date_of_birth_l") - _day("date_of_birth_r"),
        i_y_l=_i_for_y("full_name_l"),
        i_y_r=_i_for_y("full_name_r"),
        doublet_l=pl.col("name_key_l").str.split(" ").list.eval(pl.element().replace(doublets)).list.join(" "),
        doublet_r=pl.col("name_key_r").str.split(" ").list.eval(pl.element().replace(doublets)).list.join(" "),
    )
    in_order = _slips(pairs["name_key_l"], pairs["name_key_r"], workers)
    sorted_words = _slips(pairs["words_l"], pairs["words_r"], workers)
    pairs = pairs.with_columns(
        name_slips=pl.min_horizontal(in_order, sorted_words),
        name_ratio=_ratio(pairs["words_l"], pairs["words_r"], workers),
        id_slips=_slips(pairs["digits_l"], pairs["person_id_r"], workers),
        birth_slips=_slips(pairs["date_of_birth_l"], pairs["date_of_birth_r"], workers),
        mother_ratio=_ratio(pairs["mother_key_l"], pairs["mother_key_r"], workers),
        father_ratio=_ratio(pairs["father_key_l"], pairs["father_key_r"], workers),
    )
    return _add_spelling(pairs)


def spelling(left: str, right: str) -> str:
    """How two names with the same letters differ: one of the words below.

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


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _words(column: str) -> pl.Expr:
    return pl.col(column).str.split(" ").list.sort().list.join(" ")


def _i_for_y(column: str) -> pl.Expr:
    """The name in lower case with i for every y that has a tone mark at the end of a word: Quý, Quí; Kỳ, Kì.

    Without a mark Vy and Vi, My and Mi are different names (domain.md 4.2).
    """
    return (pl.col(column).str.to_lowercase() + "\n").str.replace_many(list(_TONED_Y), list(_TONED_Y.values()))


def _day(column: str) -> pl.Expr:
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32)


def _slips(left: pl.Series, right: pl.Series, workers: int) -> pl.Series:
    """Optimal string alignment distance; far where either is missing."""
    found = process.cpdist(
        left.fill_null("").to_list(), right.fill_null("").to_list(), scorer=OSA.distance, workers=workers
    )
    return pl.Series("slips", found, dtype=pl.Int32).set((left.is_null() | right.is_null()), _MISSING)


def _ratio(left: pl.Series, right: pl.Series, workers: int) -> pl.Series:
    """Similarity by insertions and deletions; 0 where either is missing."""
    if left.null_count() == len(left):
        return pl.zeros(len(left), dtype=pl.Float64, eager=True)
    found = process.cpdist(
        left.fill_null("").to_list(),
        right.fill_null("").to_list(),
        scorer=Indel.normalized_similarity,
        workers=workers,
    )
    return pl.Series("ratio", found, dtype=pl.Float64).set((left.is_null() | right.is_null()), 0.0)
