"""Compares a question with the registry: which fields agree, and one result code. Never what it holds."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from pipelines.gateway.protocol.answers import FLAGS
from pipelines.gateway.simulator.number_index import NumberIndex

_LONGEST_NAME = 100
_ASKED = ("id_number", "full_name", "date_of_birth", "sex")
_BODY = pl.concat_str(pl.col(_ASKED).fill_null(""), separator="\x1f").alias("body")


def _said(asked: str, held: str, agrees: pl.Expr, partly: pl.Expr) -> pl.Expr:
    """The flag of a field: U not said, X not held, M agrees, P agrees in part, N differs."""
    return (
        pl.when(pl.col(asked).is_null()).then(pl.lit("U"))
        .when(pl.col(held).is_null()).then(pl.lit("X"))
        .when(agrees).then(pl.lit("M"))
        .when(partly).then(pl.lit("P"))
        .otherwise(pl.lit("N"))
    )  # fmt: skip


def _is_absent_or(field: str, pattern: str) -> pl.Expr:
    return pl.col(field).str.contains(pattern).fill_null(True)


_NAME = pl.col("full_name").str.to_lowercase()
_IS_NAME = (pl.col("held_name").str.to_lowercase() == _NAME) | pl.col("held_others").list.eval(
    pl.element().str.to_lowercase()
).list.contains(_NAME).fill_null(False)


def _words(name: str) -> pl.Expr:
    """The words of a name without case and marks, sorted; of names that agree none, since nobody asks."""
    letters = pl.when(~_IS_NAME).then(name).str.to_lowercase().str.normalize("NFD").str.replace_all(r"\p{M}", "")
    return letters.str.replace_all("đ", "d", literal=True).str.split(" ").list.sort()


_BIRTH, _HELD_BIRTH = pl.col("date_of_birth"), pl.col("held_birth")
_FLAGS = {
    "id_flag": pl.when(pl.col("persons") == 0)
    .then(pl.lit("N"))
    .when("is_old")
    .then(pl.lit("P"))
    .otherwise(pl.lit("M")),
    "name_flag": _said("full_name", "held_name", _IS_NAME, _words("full_name") == _words("held_name")),
    "birth_flag": _said(
        "date_of_birth", "held_birth", _BIRTH == _HELD_BIRTH, _BIRTH.str.head(4) == _HELD_BIRTH.str.head(4)
    ),
    "sex_flag": _said("sex", "held_sex", pl.col("sex") == pl.col("held_sex"), pl.lit(False)),
}
_IS_WELL_FORMED = (
    pl.col("id_number").str.contains(r"^[0-9]{12}$").fill_null(False)
    & (pl.col("full_name").str.len_chars().fill_null(0) <= _LONGEST_NAME)
    & _is_absent_or("date_of_birth", r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")
    & _is_absent_or("sex", "^(Nam|Nữ)$")
)


def _flag(name: str, value: str) -> pl.Expr:
    return pl.col(f"{name}_flag") == value


_RESULT = (
    pl.when(pl.col("persons") == 0).then(pl.lit("NOT_FOUND"))
    .when(pl.col("persons") > 1).then(pl.lit("MULTIPLE"))
    .when(_flag("name", "N") | (_flag("birth", "N") & _flag("sex", "N"))).then(pl.lit("MISMATCH"))
    .when(pl.col("held_status") == "deceased").then(pl.lit("DECEASED"))
    .when(pl.col("held_status") == "cancelled").then(pl.lit("CANCELLED_ID"))
    .when("is_old").then(pl.lit("MERGED_ID"))
    .when(_flag("birth", "N")).then(pl.lit("MISMATCH"))
    .when(_flag("name", "P") | _flag("birth", "P") | _flag("sex", "N")).then(pl.lit("PARTIAL"))
    .otherwise(pl.lit("MATCH"))
)  # fmt: skip


@contextmanager
def open_people(snapshot: Path) -> Iterator["People"]:
    """The people of a registry snapshot (docs/architecture.md), ready for questions."""
    yield People(NumberIndex(snapshot))


class People:
    """The registry's people; `open_people` opens them."""

    def __init__(self, holders: NumberIndex) -> None:
        self._holders = holders

    def compare(self, questions: pl.DataFrame) -> pl.DataFrame:
        """The answer to each question, as if it were accepted.

        Shape: a row a question, in their order: `request_id, body_hash` (of what was asked), `is_well_formed`, the
        four flags, `result`.
        """
        held = self._holders.find(questions["id_number"])
        compared = (
            questions.hstack(held)
            .lazy()
            .with_columns(_BODY, is_well_formed=_IS_WELL_FORMED, **_FLAGS)
            .select("request_id", "body", "is_well_formed", *FLAGS, result=_RESULT)
            .collect()
        )
        hashes = [hashlib.sha256(body.encode()).hexdigest() for body in compared["body"].to_list()]
        return compared.with_columns(pl.Series("body", hashes, pl.String)).rename({"body": "body_hash"})
