"""Masks identity numbers and other codes that people are shown: enough to recognise one, too little to use it."""

import polars as pl

_LONG = 12
_SHORT = 8


def mask(text: str) -> str:
    """The value with its middle starred: `079203012345` is `079*****2345`.

    Twelve characters or more keep three and four, eight to eleven keep two and two, shorter ones none.
    """
    if len(text) >= _LONG:
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
    if len(text) >= _SHORT:
        return f"{text[:2]}{'*' * (len(text) - 4)}{text[-2:]}"
    return "*" * len(text)


def mask_column(values: pl.Series) -> pl.Series:
    """`mask` of each value, null for null, under the same name."""
    name = values.name
    text = pl.col(name)
    length = text.str.len_chars()
    long = pl.concat_str(
        text.str.slice(0, 3), pl.lit("*").repeat_by(length.clip(7) - 7).list.join(""), text.str.slice(-4)
    )
    short = pl.concat_str(
        text.str.slice(0, 2), pl.lit("*").repeat_by(length.clip(4) - 4).list.join(""), text.str.slice(-2)
    )
    tiny = pl.lit("*").repeat_by(length).list.join("")
    masked = pl.when(length >= _LONG).then(long).when(length >= _SHORT).then(short).otherwise(tiny)
    return values.cast(pl.String).to_frame().select(pl.when(text.is_not_null()).then(masked).alias(name)).to_series()


_MASK = (
    r"[*•●∙▪■█✱＊×◦]{2,}"  # two stars or more, wherever
    r"|\d[*•●∙▪■█✱＊×◦]|[*•●∙▪■█✱＊×◦]\d"  # one beside a figure
    r"|(?:^|[\d\s./\-])[xX#_?]{2,}(?:$|[\d\s./\-])"  # letters, where no word is
    r"|\d(?:\.{3,}|…)|(?:\.{3,}|…)\d"
)


def is_masked_column(values: pl.Series) -> pl.Series:
    """Whether each value has figures or letters hidden, as in `079*****2345` or `**/**/1990`."""
    return values.cast(pl.String).str.contains(_MASK).fill_null(False)
