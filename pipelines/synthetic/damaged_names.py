"""Writes names wrongly as sector files do: a function for each name code of `tables/errors.csv`."""

import unicodedata
from collections.abc import Callable
from functools import cache

import numpy as np
import polars as pl

from pipelines.synthetic.chance import Chance
from pipelines.synthetic.damage import Damage, choose
from pipelines.synthetic.tables import table

MARKS = "\u0300\u0301\u0303\u0309\u0323"
TELEX_TONE = dict(zip(MARKS, "fsxrj", strict=True))
TELEX_SHAPE = {"ă": "aw", "â": "aa", "đ": "dd", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw"}
OTHER_TONE = {"\u0300": "\u0301", "\u0301": "\u0300", "\u0303": "\u0309", "\u0309": "\u0303", "\u0323": "\u0301"}
LETTERS = "abcdeghiklmnopqrstuvxy"
INSTEAD = {
    **dict.fromkeys(("name_case_debris", "name_nfd", "name_tone_new", "name_tcvn3", "name_vni"), "name_upper"),
    **dict.fromkeys(("name_mojibake", "name_eth", "name_lower"), "name_upper"),
    **dict.fromkeys(("name_unaccented", "name_telex", "name_tone_typo", "name_i_y", "name_doublet"), "name_typo"),
    **dict.fromkeys(("name_drop_middle", "name_drop_thi", "name_joined", "name_swapped"), "name_typo"),
    **dict.fromkeys(("name_abbreviated", "name_former"), "name_typo"),
}
"""Code → the code to plant where the first does not fit the name (no Thị to drop, no marks to lose)."""


@cache
def _letters() -> tuple[str, ...]:
    """All Vietnamese letters with marks, capitals too."""
    codes = [*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA)]
    return tuple(chr(code) for code in codes if unicodedata.category(chr(code)) in ("Ll", "Lu") and _is_ours(chr(code)))


def _is_ours(letter: str) -> bool:
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return base in "aeiouyđươ"


def _letterwise(change: Callable[[str], str]) -> Damage:
    """A damage that rewrites every marked letter in the same way."""

    def damage(records: pl.DataFrame, chance: Chance) -> pl.Series:
        old = [letter for letter in _letters() if change(letter) != letter]
        return records["full_name"].str.replace_many(old, [change(letter) for letter in old])

    return damage


def _wordwise(names: pl.Series, change: Callable[[str], str], word: pl.Series | None = None) -> pl.Series:
    """The names with `change` done to every word, or only to the word with the given number (counted from 0)."""
    rows = pl.DataFrame({"row": pl.int_range(len(names), eager=True), "word": names.str.split(" ")})
    rows = rows.explode("word", empty_as_null=True).with_columns(place=pl.int_range(pl.len()).over("row"))
    distinct = rows["word"].unique(maintain_order=True).drop_nulls().to_list()
    changed = rows["word"].replace_strict(distinct, [change(text) for text in distinct], return_dtype=pl.String)
    if word is not None:
        chosen = word.gather(rows["row"]) == rows["place"]
        changed = pl.select(pl.when(chosen).then(changed).otherwise(rows["word"])).to_series()
    joined = rows.with_columns(word=changed).group_by("row", maintain_order=True).agg(pl.col("word").str.join(" "))
    return joined["word"]


def _upper(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["full_name"].str.to_uppercase()


def _lower(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["full_name"].str.to_lowercase()


def _nfd(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["full_name"].str.normalize("NFD")


def _capital_if_toned(letter: str) -> str:
    """`Trịnh` → `TrỊnh`: some old routines take a marked vowel for a word's beginning."""
    return letter.upper() if any(mark in MARKS for mark in unicodedata.normalize("NFD", letter)) else letter


def _new_style(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return _wordwise(records["full_name"], new_style)


def new_style(word: str) -> str:
    """The word with its tone on the second vowel of a final oa, oe, uy: `Hòa` → `Hoà`, but `Quý` stays."""
    if word[:1] in "Qq":
        return word
    first, second = unicodedata.normalize("NFD", word[-2:-1]), word[-1:]
    tones = [mark for mark in first if mark in MARKS]
    if not tones or first[0].lower() + second.lower() not in ("oa", "oe", "uy"):
        return word
    bare = unicodedata.normalize("NFC", "".join(mark for mark in first if mark not in MARKS))
    return word[:-2] + bare + unicodedata.normalize("NFC", second + tones[0])


def _tcvn3(letter: str) -> str:
    seen = _font("tcvn3")
    return seen.get(letter, seen.get(letter.lower(), letter))


def _vni(letter: str) -> str:
    return _font("vni").get(letter, letter)


@cache
def _font(name: str) -> dict[str, str]:
    """What each letter looks like when text in that encoding is read as Latin."""
    frame = table(name, "vn")
    return dict(zip(frame["letter"].to_list(), frame["seen_as"].to_list(), strict=True))


def mojibake(letter: str) -> str:
    """The letter's UTF-8 bytes read as cp1252, control codes passed through as browsers do."""
    return "".join(_cp1252(byte) for byte in letter.encode())


def _cp1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def _spaces(records: pl.DataFrame, chance: Chance) -> pl.Series:
    name, way = pl.col("full_name"), pl.Series(chance.integers(0, 4, records.height))
    written = (
        pl.when(way == 0)
        .then(name.str.replace(" ", "  ", literal=True))
        .when(way == 1)
        .then(name.str.replace(" ", "\u00a0", literal=True))
        .when(way == 2)
        .then(pl.lit(" ") + name)
        .otherwise(name + pl.lit("  "))
    )
    return records.select(written).to_series()


def _unaccented(records: pl.DataFrame, chance: Chance) -> pl.Series:
    plain = records["full_name"].str.normalize("NFD").str.replace_all(r"\p{Mn}", "")
    return plain.str.replace_many(["đ", "Đ"], ["d", "D"])


def _telex(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return _wordwise(records["full_name"], telex)


def telex(word: str) -> str:
    """The keys that type the word in Telex, the tone last: `Nguyễn` → `Nguyeenx`."""
    keys, tone = "", ""
    for letter in word:
        parts = unicodedata.normalize("NFD", letter)
        tone = next((TELEX_TONE[mark] for mark in parts if mark in MARKS), tone)
        bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in MARKS))
        shaped = TELEX_SHAPE.get(bare.lower(), bare.lower())
        keys += shaped.capitalize() if bare.isupper() else shaped
    return keys + tone


def _words(records: pl.DataFrame) -> pl.DataFrame:
    words = records["full_name"].str.split(" ")
    return pl.DataFrame({"words": words, "count": words.list.len()})


def _drop_middle(records: pl.DataFrame, chance: Chance) -> pl.Series:
    """Without the word before the given name, if that is a middle name other than Thị."""
    kept = pl.concat_list(pl.col("words").list.head(pl.col("count") - 2), pl.col("words").list.tail(1)).list.join(" ")
    fits = (pl.col("count") >= 3) & (pl.col("words").list.get(-2, null_on_oob=True) != "Thị")
    return _words(records).select(pl.when(fits).then(kept)).to_series()


def _drop_thi(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["full_name"].str.replace(" Thị ", " ", literal=True)


def _swapped(records: pl.DataFrame, chance: Chance) -> pl.Series:
    words = pl.col("words")
    return (
        _words(records)
        .select(pl.concat_list(words.list.tail(1), words.list.head(pl.col("count") - 1)).list.join(" "))
        .to_series()
    )


def _joined(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["full_name"].str.replace(" ", "", literal=True)


def _note(records: pl.DataFrame, chance: Chance) -> pl.Series:
    notes = table("notes")
    which = chance.integers(0, notes.height, records.height)
    before, after = notes["before"].fill_null("").gather(which), notes["after"].fill_null("").gather(which)
    return before + records["full_name"] + after


def _typo(records: pl.DataFrame, chance: Chance) -> pl.Series:
    """One letter replaced, left out or put in; the first letter and the spaces stay."""
    size = records.height
    length = records["full_name"].str.len_chars().to_numpy().astype(np.int64)
    place = pl.Series(1 + np.floor(chance.uniform(size) * (length - 1)).astype(np.int64))
    name, letter, way = records["full_name"], choose(list(LETTERS), chance, size), chance.uniform(size)
    is_space = name.str.slice(place, 1) == " "
    place = pl.select(pl.when(is_space).then(place - 1).otherwise(place).clip(lower_bound=1)).to_series()
    before, after = _head(name, place), name.str.slice(place + 1)
    here = name.str.slice(place, 1)
    middle = pl.select(
        pl.when(pl.Series(way < 0.5)).then(letter).when(pl.Series(way < 0.75)).then(pl.lit("")).otherwise(here + letter)
    ).to_series()
    return before + middle + after


def _head(name: pl.Series, length: pl.Series) -> pl.Series:
    return (
        pl.DataFrame({"name": name, "length": length}).select(pl.col("name").str.slice(0, pl.col("length"))).to_series()
    )


def _tone_typo(records: pl.DataFrame, chance: Chance) -> pl.Series:
    count = records["full_name"].str.split(" ").list.len().to_numpy()
    word = pl.Series(np.floor(chance.uniform(records.height) * count).astype(np.int64))
    return _wordwise(records["full_name"], _other_tone, word)


def _other_tone(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(OTHER_TONE.get(part, part) for part in parts))


def _variant(kind: str, both_ways: bool) -> Damage:
    """A damage that writes a word as its variant of that kind (`name_variants.csv`)."""

    def damage(records: pl.DataFrame, chance: Chance) -> pl.Series:
        pairs = table("name_variants", "vn").filter(pl.col("kind") == kind)
        other = dict(zip(pairs["canonical"], pairs["value"], strict=True))
        if both_ways:
            other |= dict(zip(pairs["value"], pairs["canonical"], strict=True))
        return _wordwise(records["full_name"], lambda word: other.get(word, word))

    return damage


def _abbreviated(records: pl.DataFrame, chance: Chance) -> pl.Series:
    """`Nguyễn Văn An` → `Ng. Văn An` or `Nguyễn V. An`."""
    surname = records["full_name"].str.replace("^Nguyễn ", "Ng. ")
    middle = records["full_name"].str.replace(r"^(\S+) (\S)\S* (.+)$", "$1 $2. $3")
    return pl.select(pl.when(pl.Series(chance.hits(0.4, records.height))).then(surname).otherwise(middle)).to_series()


def _former(records: pl.DataFrame, chance: Chance) -> pl.Series:
    return records["other_names"]


DAMAGES: dict[str, Damage] = {
    "name_upper": _upper,
    "name_lower": _lower,
    "name_case_debris": _letterwise(_capital_if_toned),
    "name_nfd": _nfd,
    "name_tone_new": _new_style,
    "name_tcvn3": _letterwise(_tcvn3),
    "name_vni": _letterwise(_vni),
    "name_mojibake": _letterwise(mojibake),
    "name_spaces": _spaces,
    "name_eth": _letterwise(lambda letter: "\u00d0" if letter == "Đ" else letter),
    "name_unaccented": _unaccented,
    "name_telex": _telex,
    "name_drop_middle": _drop_middle,
    "name_drop_thi": _drop_thi,
    "name_swapped": _swapped,
    "name_joined": _joined,
    "name_note": _note,
    "name_typo": _typo,
    "name_tone_typo": _tone_typo,
    "name_i_y": _variant("iy", both_ways=False),
    "name_doublet": _variant("doublet", both_ways=True),
    "name_abbreviated": _abbreviated,
    "name_former": _former,
}
