"""Computes distances and alignments of a chunk of candidate pairs, a column each, for the tests of levels.

RapidFuzz counts characters (DuckDB counts bytes); everything compared by letters is folded first. What costs a look at
each letter is worked out only where a cheap look (equal words, the letters at all) leaves it open.
"""

import unicodedata
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from matching.model import Model
from vn.name_words import name_words

_MISSING = 99
_TONED_Y = {f"{y}{end}": f"{i}{end}" for y, i in zip("ýỳỷỹỵ", "íìỉĩị", strict=True) for end in (" ", "\n")}
SPELLINGS = pl.Enum(["same", "unmarked", "marks_lost", "rotated", "marks", "marks_given", "shuffled"])


def words(name: pl.Expr) -> dict[str, pl.Expr]:
    """What a folded name is made of; `bag` is one number of its words, whatever their order."""
    each = name.str.split(" ")
    first, last, is_long = each.list.first(), each.list.last(), each.list.len() > 1
    return {
        "first": first,
        "last": last,
        "but_last": pl.when(is_long).then(name.str.head(name.str.len_chars() - last.str.len_chars() - 1)),
        "but_first": pl.when(is_long).then(name.str.slice(first.str.len_chars() + 1)),
        "bag": each.list.eval(pl.element().hash()).list.sum(),
        "joined": name.str.replace_all(" ", "", literal=True),
        "words": each.list.len(),
    }


def of_record(doublets: dict[str, str], side: str = "") -> dict[str, pl.Expr]:
    """What of a record is worked out once, for all its pairs; `side` ends the names of its columns."""
    name = pl.col(f"name_key{side}")
    twofold = sorted({*doublets, *doublets.values()})
    return words(name) | {
        "distinct_words": name.str.split(" ").list.n_unique(),
        "short_word": name.str.contains(r"(?:^| )[a-z](?: |$)"),
        "twofold": name.str.split(" ").list.eval(pl.element().is_in(twofold)).list.any(),
        "day": _day(pl.col(f"date_of_birth{side}")),
    }


def measure(pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The pairs with their measures.

    Shape: same rows, same order; needs both sides (`pairs.sides`), adds what `words` finds of the person's name,
    `part`, `shared_words`, `*_same`, `*_slips`, `other_word`, `name_ratio`, `spelling`, `*_ratio`, `days`.
    Units: `_slips` edits (one insertion, deletion, substitution or neighbours exchanged), far where either is missing;
    `_ratio` 0–1, `name_ratio` 0 for another last word.
    """
    of_person = {f"{name}_r": found for name, found in words(pl.col("name_key_r")).items()}
    pairs = pairs.with_columns(days=pl.col("day_l") - _day(pl.col("date_of_birth_r")), **of_person)
    other = pairs["name_key_l"].ne(pairs["name_key_r"]).fill_null(False)
    same_last = pairs["last_l"].eq(pairs["last_r"]).fill_null(False)
    twofold = other & pairs["twofold_l"] & pairs["words_l"].eq(pairs["words_r"])
    like, born = pairs["letters_apart"] <= 2 * _most_slips(model), ["date_of_birth_l", "date_of_birth_r"]
    whole = pairs.select(pl.all_horizontal(pl.col(name).str.len_bytes() == 10 for name in born)).to_series()
    name_slips = _slips(pairs, ["name_key_l", "name_key_r"], like, _sorted_too)
    return pairs.with_columns(
        *_parts(pairs),
        _spellings(pairs),
        i_y_same=_only(pairs, like & other, _same_i_y),
        doublet_same=_only(pairs, twofold, _doubled(model.doublets.pairs)),
        initials_same=_only(pairs, same_last & pairs["short_word_l"], _same_initials),
        name_slips=name_slips,
        other_word=_only(pairs, name_slips == 1, _other_words),
        name_ratio=_ratio(pairs, ["name_key_l", "name_key_r"], same_last, _sorted_words),
        id_slips=_slips(pairs, ["digits_l", "person_id_r"]),
        birth_slips=_slips(pairs, born, whole.fill_null(False)),
        mother_ratio=_ratio(pairs, ["mother_key_l", "mother_key_r"]),
        father_ratio=_ratio(pairs, ["father_key_l", "father_key_r"]),
    )


def _most_slips(model: Model) -> int:
    """Between names that any level calls near; more are not counted."""
    return max((level.at_most or 0 for level in model.find("name").level), default=0)


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


def is_other_word(left: str, right: str) -> bool:
    """Whether a word of the left name is rather another one than the right name's with one letter wrong, because it
    differs in its marks, too.

    `Tấn` and `Duy` are no slips of `Văn` and `Quý`; `Vấn`, `Vawn`, and `Duy` in a name without any marks may be.
    """
    ours, theirs = left.lower().split(), right.lower().split()
    if len(ours) != len(theirs):
        return False
    unmarked = ours == [*map(_plain, ours)]
    return any(
        one != other and OSA.distance(one, other) > 1 and (one != _plain(one) or (not unmarked and one in name_words()))
        for one, other in zip(ours, theirs, strict=True)
    )


Rows = npt.NDArray[np.int64]

_NAMES = ("full_name_l", "full_name_r", "name_key_l", "name_key_r")


def _only(pairs: pl.DataFrame, where: pl.Series, found: Callable[[pl.DataFrame], pl.Series]) -> pl.Series:
    """What is found of the names in the rows `where`; false for the others."""
    rows = _rows(where)
    answers = np.zeros(pairs.height, dtype=bool)
    answers[rows] = found(pairs.select(_NAMES)[rows]).fill_null(False).to_numpy()
    return pl.Series(answers)


def _rows(where: pl.Series) -> Rows:
    rows: Rows = np.flatnonzero(where.fill_null(False).to_numpy())
    return rows


def _same_i_y(pairs: pl.DataFrame) -> pl.Series:
    """Whether the names are the same with i for every y that has a tone mark at the end of a word: Quý, Quí; Kỳ, Kì.

    Without a mark Vy and Vi, My and Mi are different names (domain.md 4.2).
    """
    mended = [
        (pl.col(f"full_name_{side}").str.to_lowercase() + "\n").str.replace_many(
            list(_TONED_Y), list(_TONED_Y.values())
        )
        for side in "lr"
    ]
    return pairs.select(mended[0] == mended[1]).to_series()


def _doubled(doublets: dict[str, str]) -> Callable[[pl.DataFrame], pl.Series]:
    """Whether the names are the same with one word for each doublet."""

    def found(pairs: pl.DataFrame) -> pl.Series:
        one = [
            pl.col(f"name_key_{side}").str.split(" ").list.eval(pl.element().replace(doublets)).list.join(" ")
            for side in "lr"
        ]
        return pairs.select(one[0] == one[1]).to_series()

    return found


def _other_words(pairs: pl.DataFrame) -> pl.Series:
    names = pairs.select("full_name_l", "full_name_r")
    distinct = names.unique(maintain_order=True)
    said = [is_other_word(left, right) for left, right in distinct.iter_rows()]
    verdicts = distinct.with_columns(said=pl.Series(said, dtype=pl.Boolean))
    return names.join(verdicts, on=names.columns, how="left", maintain_order="left")["said"]


def _same_initials(pairs: pl.DataFrame) -> pl.Series:
    initials = [pl.col(f"name_key_{side}").str.replace_all(r"([a-z])[a-z']*\s*", "$1") for side in "lr"]
    return pairs.select(initials[0] == initials[1]).to_series()


def _parts(pairs: pl.DataFrame) -> list[pl.Series]:
    """`part`: surname and given name are the same, and all words of one name are words of the other; `shared_words`:
    how many they share then."""
    ends = pairs["first_l"].eq(pairs["first_r"]) & pairs["last_l"].eq(pairs["last_r"])
    same = (ends & pairs["bag_l"].eq(pairs["bag_r"])).fill_null(False)
    rows = _rows(ends & ~same)
    ours, theirs = (pl.col(f"name_key_{side}").str.split(" ") for side in "lr")
    lacking = [one.list.set_difference(other).list.len() for one, other in ((ours, theirs), (theirs, ours))]
    found = pairs.select("name_key_l", "name_key_r")[rows].select(
        part=pl.min_horizontal(lacking) == 0, shared_words=ours.list.set_intersection(theirs).list.len()
    )
    part, shared = same.to_numpy().copy(), pairs["distinct_words_l"].fill_null(0).to_numpy().copy()
    part[rows], shared[rows] = found["part"].to_numpy(), found["shared_words"].to_numpy()
    return [pl.Series("part", part), pl.Series("shared_words", shared)]


def _spellings(pairs: pl.DataFrame) -> pl.Series:
    """`spelling` of names with the same letters, null for others; a Python call a distinct pair that differs."""
    alike = pairs["joined_l"].eq(pairs["joined_r"]) | pairs["bag_l"].eq(pairs["bag_r"])
    equal = pairs["full_name_l"].eq(pairs["full_name_r"])
    found = np.full(pairs.height, len(SPELLINGS.categories), np.uint8)
    found[_rows(alike & equal)] = SPELLINGS.categories.to_list().index("same")
    rows = _rows(alike & ~equal)
    names = pairs.select("full_name_l", "full_name_r")[rows]
    distinct = names.unique(maintain_order=True)
    said = [spelling(left, right) for left, right in distinct.iter_rows()]
    verdicts = distinct.with_columns(spelling=pl.Series(said, dtype=SPELLINGS).to_physical())
    found[rows] = names.join(verdicts, on=names.columns, how="left", maintain_order="left")["spelling"].to_numpy()
    known = pl.Series("spelling", found)
    return known.set(known == len(SPELLINGS.categories), None).cat.to(SPELLINGS)


@lru_cache(maxsize=1 << 16)
def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _day(date: pl.Expr) -> pl.Expr:
    return date.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32)


def slips(left: pl.Series, right: pl.Series) -> npt.NDArray[np.int32]:
    """Optimal string alignment distance of texts that are there."""
    found: npt.NDArray[np.int32] = process.cpdist(left.to_list(), right.to_list(), scorer=OSA.distance, dtype=np.int32)
    return found


def _sorted_words(names: pl.DataFrame) -> pl.DataFrame:
    return names.select(pl.all().str.split(" ").list.sort().list.join(" "))


def _sorted_too(names: pl.DataFrame) -> npt.NDArray[np.int32]:
    """Slips between the names, as they are or with their words sorted."""
    return np.minimum(slips(*names.iter_columns()), slips(*_sorted_words(names).iter_columns()))


def _slips(
    pairs: pl.DataFrame,
    sides: list[str],
    where: pl.Series | None = None,
    count: Callable[[pl.DataFrame], npt.NDArray[np.int32]] = lambda both: slips(*both.iter_columns()),
) -> pl.Series:
    """How many slips part the two sides; far where either is missing, and but for `where`."""
    left, right = (pairs[name] for name in sides)
    equal = left.eq(right)
    found = np.full(pairs.height, _MISSING, np.int32)
    found[_rows(equal)] = 0
    rows = _rows(~equal if where is None else ~equal & where)
    found[rows] = count(pairs.select(sides)[rows])
    return pl.Series(found)


def _ratio(
    pairs: pl.DataFrame,
    sides: list[str],
    where: pl.Series | None = None,
    text: Callable[[pl.DataFrame], pl.DataFrame] = lambda both: both,
) -> pl.Series:
    """Similarity by insertions and deletions; 0 where either is missing, and but for `where`."""
    left, right = (pairs[name] for name in sides)
    equal = left.eq(right)
    found = np.zeros(pairs.height, np.float64)
    found[_rows(equal)] = 1.0
    rows = _rows(~equal if where is None else ~equal & where)
    both = text(pairs.select(sides)[rows])
    found[rows] = process.cpdist(
        both.to_series(0).to_list(), both.to_series(1).to_list(), scorer=Indel.normalized_similarity
    )
    return pl.Series(found)
