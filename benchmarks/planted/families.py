"""Families that are planted into a registry: a registered person, the twin, sibling, child or namesake, and the record.

Each case is about the `relative` of a registered `person`. The relative is in the registry or not; the record is about
the relative, written as `spoil` says, with what `number` says in the cell. Everything is made here from the registry's
own people, and nothing of how `pipelines.synthetic` makes look-alikes is used.
"""

from dataclasses import dataclass
from itertools import product

import polars as pl
from rapidfuzz.distance import OSA

from benchmarks.planted import relatives
from benchmarks.planted.given_names import Pool, pool
from pipelines.synthetic.chance import Chance
from vn.names import fold

TWINS = ("twin", "twin_other_sex", "twin_midnight", "brother_same_day", "sibling_default_date", "sibling_close")
VARIANTS = ("mark", "letter", "whole", "compound", "middle")
OF_MARKS = ("compound", "mark_plain")
"""The given name differs by a mark, too: in a name of four words, in a name that truly has no mark at all."""
NUMBERS = ("missing", "own", "own_transposed", "copied", "copied_damaged", "cmnd", "cmnd_copied", "unreadable")
SONS = tuple(number for number in NUMBERS if number != "own_transposed")
NAMESAKES = ("namesake", "namesake_of_year")
BARE = ("missing", "own", "cmnd", "unreadable")
"""A namesake with the other's number, even damaged, is the other's record to the letter: nobody could know."""
OFTEN = 5
"""How often a plan without variants stands among those with five."""
LOOKED_AT = 60
"""People looked at for each case: some names have no twin's name."""

Plan = tuple[str, str, str, str, bool]
"""relation, variant, number, spoil, whether the relative is in the registry."""

ABSENT: tuple[Plan, ...] = (
    # First, because few people have such a name.
    *((relation, "mark_plain", number, "", False) for relation in ("twin", "twin_midnight") for number in BARE),
    *((*each, "", False) for each in product(TWINS, VARIANTS, NUMBERS)),
    *(("son_of_same_name", "same", number, "", False) for number in SONS for _ in range(OFTEN)),
    *(
        (relation, "same", number, "year_only", False)
        for relation in NAMESAKES
        for number in BARE
        for _ in range(OFTEN)
    ),
)
"""The relative is in no registry: every link is wrong."""

PRESENT: tuple[Plan, ...] = (
    *(("twin", "mark", number, "unmarked", True) for number in ("missing", "unreadable", "own_damaged", "own")),
    *(("twin", "letter", number, "between", True) for number in ("missing", "unreadable", "own_damaged", "own")),
    *(("twin", "letter", number, "as_other", True) for number in ("missing", "unreadable", "own_damaged", "own")),
    *(("twin", variant, "copied", "", True) for variant in ("mark", "letter", "whole", "middle")),
    *(("son_of_same_name", "same", number, "", True) for number in ("missing", "copied", "copied_damaged")),
    *(("namesake", "same", number, "year_only", True) for number in ("missing", "unreadable")),
)
"""Both are in the registry, and the record does not say clearly which of them it is: a link to the other is wrong."""

CONTROLS: tuple[Plan, ...] = tuple(
    ("twin", variant, number, "", True)
    for variant in ("mark", "letter", "whole", "middle")
    for number in ("own", "missing", "own_damaged")
)
"""Both are in the registry and the record has the relative's own name: what a matcher that links nobody misses."""


@dataclass(frozen=True)
class Planted:
    """What is written into the files."""

    registry: pl.DataFrame
    """The background with the planted people; the registry file's columns."""
    records: pl.DataFrame
    """A row a case: `case, relation, variant, number, spoil, registered, control, truth` (person or null), and the
    cells `full_name, date_of_birth, sex, id_number, province, commune, father_name, mother_name`."""


def plant(people: pl.DataFrame, size: int, controls: int, seed: int) -> Planted:
    """That many cases, and as many controls, in a registry of these people (text columns of the registry file).

    Shape: cases whose relative would be somebody who is there already are left out, so there may be a few less.
    """
    chance = Chance(seed, "planted")
    wanted = size + controls
    plans = _plans(size, controls)
    base = _base(people).pipe(_shuffled, chance)
    cases = _varied(base, plans, people, chance).head(wanted)
    cases = relatives.described(cases, people, chance)
    others = people.join(cases, on="person_id", how="anti")
    registry = pl.concat([others, relatives.persons(cases, people), relatives.registered(cases, people)])
    return Planted(registry.sort("person_id"), relatives.records(cases))


def _plans(size: int, controls: int) -> pl.DataFrame:
    """The plans in turn: of ten cases seven have an absent relative."""
    rows = []
    for control, of, count in (
        (False, ABSENT, size - 3 * size // 10),
        (False, PRESENT, 3 * size // 10),
        (True, CONTROLS, controls),
    ):
        rows += [(*of[number % len(of)], control) for number in range(count)]
    names = ["relation", "variant", "number", "spoil", "registered", "control"]
    return pl.DataFrame(rows, schema=names, orient="row").with_row_index("case")


def _base(people: pl.DataFrame) -> pl.DataFrame:
    """Living people with a whole date, parents and a place, with the parts of their names."""
    words = pl.col("full_name").str.split(" ")
    known = pl.all_horizontal(pl.col("sex", "commune", "father_name", "mother_name").is_not_null())
    whole_date = (pl.col("date_of_birth").str.len_chars() == 10) & ~pl.col("date_of_birth").str.ends_with("-02-29")
    return people.filter(
        known & whole_date & (pl.col("status") == "alive") & words.list.len().is_between(3, 5)
    ).with_columns(
        surname=words.list.first(),
        middle=words.list.slice(1, words.list.len() - 2).list.join(" "),
        given=words.list.last(),
        born=pl.col("date_of_birth").str.to_date(),
        cmnd=pl.col("old_ids").str.extract(r"(?:^|;)(\d{9})(?:;|$)"),
    )


def _shuffled(people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    return people[chance.order(people.height)]


def _varied(base: pl.DataFrame, plans: pl.DataFrame, people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Every plan with a person whom it fits, and the relative's middle and given name."""
    names = pool(people)
    found, free = [], base.with_row_index("place").with_columns(free=pl.lit(True))
    other_sex = pl.col("sex").replace_strict({"Nam": "Nữ", "Nữ": "Nam"})
    for (relation, variant, number, spoil), wanted in plans.partition_by(
        "relation", "variant", "number", "spoil", as_dict=True, maintain_order=True
    ).items():
        of = other_sex if relation == "twin_other_sex" else pl.col("sex")
        fits = free.filter(pl.col("free"), _fits(str(relation), str(variant), str(number)))
        fits = fits.head(LOOKED_AT * wanted.height).drop("free")
        fits = fits.with_columns(of=of, luck=chance.uniform(fits.height))
        fits = _renamed(fits, str(variant), names, needs_between=spoil == "between").head(wanted.height)
        free = free.with_columns(free=pl.col("free") & ~pl.col("place").is_in(fits["place"].implode()))
        found.append(pl.concat([wanted.head(fits.height), fits], how="horizontal"))
    return pl.concat(found, how="diagonal").sort("case")


def _fits(relation: str, variant: str, number: str) -> pl.Expr:
    """Whether a case can be about the person's relative."""
    fits = pl.lit(True)
    if number.startswith("cmnd"):
        fits &= pl.col("cmnd").is_not_null() & (pl.col("born").dt.year() < 2003)
    if variant == "mark_plain":
        fits &= ~pl.col("full_name").str.contains(r"[^A-Za-z ]")
    if variant == "compound":
        fits &= pl.col("middle").str.contains(" ")
    if relation == "son_of_same_name":
        fits &= (pl.col("sex") == "Nam") & pl.col("born").dt.year().is_between(1950, 1985)
    return fits


def _renamed(fits: pl.DataFrame, variant: str, names: Pool, needs_between: bool) -> pl.DataFrame:
    """The people who have such a twin's name, with `new_middle`, `new_given`, `between`."""
    own = {"new_middle": pl.col("middle"), "new_given": pl.col("given"), "between": pl.lit(None, dtype=pl.String)}
    if variant == "same":
        return fits.with_columns(**own)
    if variant == "middle":
        turned = fits.with_columns(new_middle=pl.col("middle").shift(1).over("sex"))
        return turned.filter(_other_middle(turned)).with_columns(new_given="given", between=own["between"])
    pairs: pl.DataFrame = getattr(names, "mark" if variant in OF_MARKS else variant)
    if needs_between:
        pairs = pairs.drop_nulls("between")
    choices = pairs.group_by("of", "given", maintain_order=True).agg(pl.exclude("of", "given"))
    place = (pl.col("luck") * pl.col("other").list.len()).cast(pl.UInt32)
    between = pl.col("between").list.get(place) if "between" in pairs.columns else own["between"]
    return fits.join(choices, on=["of", "given"], how="inner", maintain_order="left").select(
        *fits.columns, new_middle="middle", new_given=pl.col("other").list.get(place), between=between
    )


def _other_middle(people: pl.DataFrame) -> pl.Series:
    """Whether the new middle name is really another: the name is neither a part of the old one nor like it."""
    new_name = pl.concat_str("surname", "new_middle", "given", separator=" ").fill_null("")
    pairs = people.select("full_name", new_name).iter_rows()
    return pl.Series([_unlike(fold(old).split(), fold(new).split()) for old, new in pairs], dtype=pl.Boolean)


def _unlike(old: list[str], new: list[str]) -> bool:
    contained = set(old) <= set(new) or set(new) <= set(old)
    return not contained and OSA.distance(" ".join(sorted(old)), " ".join(sorted(new))) > 2
