"""Computes distances and alignments of a chunk of candidate pairs, a column each, for the tests of levels.

Everything compared by letters is folded first. What costs a look at each letter is worked out only where a cheap look
(equal words, the letters at all) leaves it open.
"""

import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz.distance import OSA

from matching.distances import between, rows_of, similarity, slips, slips_between
from matching.model import Level, Model
from vn.name_words import name_words

_TONED_Y = {f"{y}{end}": f"{i}{end}" for y, i in zip("ýỳỷỹỵ", "íìỉĩị", strict=True) for end in (" ", "\n")}
SPELLINGS = pl.Enum(["same", "unmarked", "marks_lost", "rotated", "marks", "marks_given", "shuffled"])


def _ends(name: pl.Expr) -> dict[str, pl.Expr]:
    """The first and the last word of a folded name."""
    each = name.str.split(" ")
    return {"first": each.list.first(), "last": each.list.last()}


def of_record(doublets: dict[str, str], side: str = "") -> dict[str, pl.Expr]:
    """What of a record is worked out once, for all its pairs; `side` ends the names of its columns."""
    name = pl.col(f"name_key{side}")
    twofold = sorted({*doublets, *doublets.values()})
    return _ends(name) | {
        "distinct_words": name.str.split(" ").list.n_unique(),
        "short_word": name.str.contains(r"(?:^| )[a-z](?: |$)"),
        "twofold": name.str.split(" ").list.eval(pl.element().is_in(twofold)).list.any(),
        "long": name.str.contains(" ", literal=True),
        "plain": pl.col(f"full_name{side}").str.to_lowercase() == name,
        "day": _day(pl.col(f"date_of_birth{side}")),
    }


def measure(pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The pairs with their measures.

    Shape: same rows, same order; needs both sides (`pairs.sides`), adds the first and last word of the person's name,
    `part`, `shared_words`, `*_same`, `*_slips`, `other_word`, `name_ratio`, `spelling`, `*_ratio`, `days`.
    Units: `_slips` edits (one insertion, deletion, substitution or neighbours exchanged), far where either is missing
    and where no level calls so many near; `_ratio` 0–1, 0 where no level calls so little similar, `name_ratio` for
    another last word too.
    """
    of_person = {f"{name}_r": found for name, found in _ends(pl.col("name_key_r")).items()}
    pairs = pairs.with_columns(days=pl.col("day_l") - _day(pl.col("date_of_birth_r")), **of_person)
    names, born = ["name_key_l", "name_key_r"], ["date_of_birth_l", "date_of_birth_r"]
    equal, same_first, same_last = (
        pairs[f"{name}_l"].eq(pairs[f"{name}_r"]).fill_null(False) for name in ("name_key", "first", "last")
    )
    other = ~equal & pairs["name_key_l"].is_not_null() & pairs["name_key_r"].is_not_null()
    most = _most(model, "name_")
    same_letters, like = pairs["letters_apart"] == 0, pairs["letters_apart"] <= 2 * most
    same_words = equal | _only(pairs, other & same_letters, _same_words)
    same_joined = equal | _only(pairs, other & same_letters, _same_joined)
    apart = between(pairs, names, other & (like | same_last))
    whole = pairs.select(pl.all_horizontal(pl.col(name).str.len_bytes() == 10 for name in born)).to_series()
    name_slips = slips_between(pairs, names, most, like & (apart <= 2 * most), _sorted_too)
    return pairs.with_columns(
        *_parts(pairs, same_first & same_last, same_words),
        _spellings(pairs, same_words | same_joined),
        but_last_same=(equal & pairs["long_l"]) | _only(pairs, other & same_first & ~same_last, _same_but_last),
        but_first_same=(equal & pairs["long_l"]) | _only(pairs, other & same_last & ~same_first, _same_but_first),
        i_y_same=_only(pairs, other & like & (apart == 0), _same_i_y),
        doublet_same=_only(pairs, other & pairs["twofold_l"], _doubled(model.doublets.pairs)),
        initials_same=_only(pairs, same_last & pairs["short_word_l"], _same_initials),
        name_slips=name_slips,
        other_word=_only(pairs, name_slips == 1, _other_words),
        name_ratio=similarity(pairs, names, _least(model, "name_similar"), same_last, apart, _sorted_words),
        id_slips=slips_between(pairs, ["digits_l", "person_id_r"], _most(model, "id_")),
        birth_slips=slips_between(pairs, born, _most(model, "birth_slip"), whole.fill_null(False)),
        **{f"{parent}_ratio": _ratio_of(pairs, parent, model) for parent in ("mother", "father")},
    )


def _most(model: Model, tests: str) -> int:
    """Slips that any level calls near whose test's name begins so."""
    return max((level.at_most or 0 for level in _levels(model) if level.test.startswith(tests)), default=0)


def _least(model: Model, test: str) -> float:
    """Similarity from which on any level with the test calls values similar; 1 where there is none."""
    return min((level.at_least for level in _levels(model) if level.test == test and level.at_least), default=1.0)


def _levels(model: Model) -> Iterator[Level]:
    return (level for comparison in model.comparison for level in comparison.level)


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


_NAMES = ("full_name_l", "full_name_r", "name_key_l", "name_key_r")


def _only(pairs: pl.DataFrame, where: pl.Series, found: Callable[[pl.DataFrame], pl.Series]) -> pl.Series:
    """What is found of the names in the rows `where`; false for the others."""
    rows = rows_of(where)
    answers = np.zeros(pairs.height, dtype=bool)
    answers[rows] = found(pairs.select(_NAMES)[rows]).fill_null(False).to_numpy()
    return pl.Series(answers)


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


def _same_words(pairs: pl.DataFrame) -> pl.Series:
    sorted_words = _sorted_words(pairs.select("name_key_l", "name_key_r"))
    return sorted_words["name_key_l"] == sorted_words["name_key_r"]


def _same_joined(pairs: pl.DataFrame) -> pl.Series:
    joined = [pl.col(f"name_key_{side}").str.replace_all(" ", "", literal=True) for side in "lr"]
    return pairs.select(joined[0] == joined[1]).to_series()


def _same_but_last(pairs: pl.DataFrame) -> pl.Series:
    return _same_without(pairs, r" [^ ]*$")


def _same_but_first(pairs: pl.DataFrame) -> pl.Series:
    return _same_without(pairs, r"^[^ ]* ")


def _same_without(pairs: pl.DataFrame, word: str) -> pl.Series:
    """Whether both names have the word and are the same without it."""
    names = [pl.col(f"name_key_{side}") for side in "lr"]
    less = [name.str.replace(word, "") for name in names]
    return pairs.select((less[0] == less[1]) & (less[0] != names[0]) & (less[1] != names[1])).to_series()


def _parts(pairs: pl.DataFrame, same_ends: pl.Series, same_words: pl.Series) -> list[pl.Series]:
    """`part`: surname and given name are the same, and all words of one name are words of the other; `shared_words`:
    how many they share then."""
    same = same_ends & same_words
    rows = rows_of(same_ends & ~same)
    ours, theirs = (pl.col(f"name_key_{side}").str.split(" ") for side in "lr")
    lacking = [one.list.set_difference(other).list.len() for one, other in ((ours, theirs), (theirs, ours))]
    found = pairs.select("name_key_l", "name_key_r")[rows].select(
        part=pl.min_horizontal(lacking) == 0, shared_words=ours.list.set_intersection(theirs).list.len()
    )
    part, shared = same.to_numpy().copy(), pairs["distinct_words_l"].fill_null(0).to_numpy().copy()
    part[rows], shared[rows] = found["part"].to_numpy(), found["shared_words"].to_numpy()
    return [pl.Series("part", part), pl.Series("shared_words", shared)]


def _spellings(pairs: pl.DataFrame, alike: pl.Series) -> pl.Series:
    """`spelling` of names with the same words, null for others; a Python call a distinct pair that differs."""
    equal = pairs["full_name_l"].eq(pairs["full_name_r"])
    found = np.full(pairs.height, len(SPELLINGS.categories), np.uint8)
    found[rows_of(alike & equal)] = SPELLINGS.categories.to_list().index("same")
    rows = rows_of(alike & ~equal)
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


def _sorted_words(names: pl.DataFrame) -> pl.DataFrame:
    return names.select(pl.all().str.split(" ").list.sort().list.join(" "))


def _sorted_too(names: pl.DataFrame, most: int) -> npt.NDArray[np.int32]:
    """Slips between the names, as they are or with their words sorted."""
    found = slips(names, most)
    far = np.flatnonzero(found > most)
    found[far] = slips(_sorted_words(names[far]), most)
    return found


def _ratio_of(pairs: pl.DataFrame, parent: str, model: Model) -> pl.Series:
    """`similarity` of the parent's names."""
    sides = [f"{parent}_key_l", f"{parent}_key_r"]
    other = pairs[sides[0]].ne(pairs[sides[1]]).fill_null(False)
    return similarity(pairs, sides, _least(model, f"{parent}_similar"), other, between(pairs, sides, other))
