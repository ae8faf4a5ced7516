"""Decides each record from its scored candidates: link, review or none, and the status that ministries report.

The definitions of the statuses are the table in docs/decisions/010-linking.md; STATUS follows it line by line.
"""

from collections.abc import Mapping

import polars as pl

from matching.model import Bar, Comparison, Model
from matching.records import CLEAN
from matching.score import add_posterior, calibrated

TWIN_OWNER = "owner born the same day"
"""Name of the bar for records whose number belongs to somebody born on the record's day, as a twin is."""

LIFE = {"deceased": "deceased", "emigrated": "moved", "cancelled": "cancelled_id"}
"""The registry's status of a person → the status of a record that is about them."""


HELD = ("unsearchable", "several_fit", "improbable", "person_taken")
"""Why a human is asked, where no bar is the reason; titles in explanations.toml."""

OF_RECORD = ("r", "searchable", "name_clean", "birth_clean", "id_clean", "id_number", "id_kind")
"""Columns of prepared records that deciding reads."""

GIVEN = ("number_level", "owned", "decision", "differs", "status", "held", "askable")
"""Columns that follow from who the person is (`given_instead`)."""


def best_candidates(pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The strongest candidate of each record.

    Shape: a row for each `r` in `pairs`; the pair's columns and `probability` (calibrated), `margin` (bits to the
    second candidate, to nobody if there is none), `rival` (somebody else has the very name and date), `contender`
    (whether the second is worth a look), `somebody` (the posterior of all candidates together), `barred` and
    `barred_owned` (the bar that forbids an automatic link, and one of a number that is another's; null if none does),
    `plausible`, `askable` (of several likely candidates this one alone is as the record says, at home where it says,
    and the number is somebody's of another age: the registry's word would settle who it is). Ties go to the smaller
    person_id.
    """
    owner_born_alike = _in(model, "id", "same") & _in(model, "birth", "same")
    ranked = add_posterior(pairs).sort(["r", "weight", "p"], descending=[False, True, False])
    second = pl.col("weight").shift(-1).over("r")
    same_name_and_date = _in(model, "name", "same") & _in(model, "birth", "same")
    as_said = pl.all_horizontal(_exact(model, field) for field in ("name", "birth", "sex"))
    ranked = ranked.with_columns(
        margin=(pl.col("weight") - second.fill_null(0.0)).round(6),
        contender=(second >= 0).fill_null(False),
        somebody=pl.col("probability").sum().over("r").round(6),
        rival=(same_name_and_date.sum().over("r") - same_name_and_date.cast(pl.UInt32)) > 0,
        twin_owner=owner_born_alike.any().over("r"),
        as_said=as_said & (as_said.sum().over("r") == 1) & _in(model, "place", "same"),
    )
    return (
        ranked.unique("r", keep="first", maintain_order=True)
        .with_columns(
            probability=calibrated(pl.col("probability"), model.weights.calibration.points),
            rival=pl.col("rival") & _in(model, "name", "weak", "clash"),
            barred=_barred(model, owned=False),
            barred_owned=pl.coalesce(
                pl.when("twin_owner").then(pl.lit(TWIN_OWNER)), _barred(model, owned=True), _barred(model, owned=False)
            ),
            plausible=~_in(model, "name", "clash")
            | _in(model, "id", "same", "close")
            | (_in(model, "mother", "same") & _in(model, "birth", "same")),
            # Of twins either may have the other's name or number by mistake: the registry would confirm both.
            askable=pl.col("as_said") & pl.col("contender") & _in(model, "id", "clash") & ~pl.col("twin_owner"),
        )
        .drop("twin_owner", "as_said")
    )


def decide(records: pl.DataFrame, best: pl.DataFrame, owned: pl.Series, model: Model) -> pl.DataFrame:
    """Decision and status of every record.

    Shape: one row a record, in the order of `records`; the columns of `best` and `decision`, `status`, `differs`,
    `held` (why a human is asked: a bar's name or one of HELD; null unless it is a review), `grouped` (false:
    matching/groups.py may settle a row by others).
    `owned` are the numbers `r` of the records whose number is somebody's.
    """
    limits = model.weights.decision
    frame = (
        records.select(OF_RECORD)
        .join(best, on="r", how="left", maintain_order="left")
        .with_columns(has_owner=pl.col("r").is_in(owned.implode()), lacking=~pl.col("searchable"))
    )
    frame = frame.with_columns(_of_number(model))
    # Namesakes share the probability: each may have little although it is surely one of them.
    found = pl.col("p").is_not_null() & pl.col("plausible") & (pl.col("somebody") >= limits.review_probability)
    # A candidate that shares the number stays visible to a human even where another hypothesis is likelier.
    barred = pl.when("owned").then("barred_owned").otherwise("barred")
    sure = (
        barred.is_null()
        & (pl.col("probability") >= limits.link_probability)
        & (pl.col("margin") >= limits.link_margin)
        & ~(pl.col("rival") | pl.col("lacking"))
    )
    frame = frame.with_columns(
        decision=pl.when(found & sure)
        .then(pl.lit("link"))
        .when(found)
        .then(pl.lit("review"))
        .otherwise(pl.lit("none")),
        barred=barred,
        held=pl.when(found & ~sure).then(_held(barred, model)),
        askable=(pl.col("askable") & pl.col("owned") & found & ~sure & ~pl.col("lacking")).fill_null(False),
        ambiguous=(pl.col("contender") & (pl.col("margin") < limits.ambiguous_margin)) | pl.col("rival"),
    )
    none = pl.col("decision") == "none"
    blank = [pl.when(~none).then(pl.col(name)).alias(name) for name in ("p", "person_id", "life")]
    return frame.with_columns(
        *blank, grouped=pl.lit(False), differs=pl.when(none).then(pl.lit("")).otherwise(_differs(model)).fill_null("")
    ).with_columns(status=_status())


def _held(barred: pl.Expr, model: Model) -> pl.Expr:
    """The first thing that keeps a record from being linked; what it lacks goes before what speaks against it."""
    return (
        pl.when("lacking").then(pl.lit("unsearchable"))
        .when(barred.is_not_null()).then(barred)
        .when(pl.col("rival") | (pl.col("margin") < model.weights.decision.link_margin)).then(pl.lit("several_fit"))
        .otherwise(pl.lit("improbable"))
    )  # fmt: skip


def given_instead(frame: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Decided records with another person's columns, all that follows from the person computed again; for review."""
    frame = frame.with_columns(_of_number(model))
    status = pl.when("owned").then(pl.lit("id_of_another")).otherwise(pl.lit("ambiguous"))
    return frame.with_columns(
        decision=pl.lit("review"),
        differs=_differs(model).fill_null(""),
        status=status,
        held=pl.lit("person_taken"),
        askable=pl.lit(False),
    )


def _of_number(model: Model) -> list[pl.Expr]:
    """`number_level` (how the number agrees with the person's), `owned` (it is somebody's, and not the person's)."""
    labels = dict(enumerate(model.find("id").labels()))
    return [
        pl.col("id").replace_strict(labels, default=None, return_dtype=pl.String).alias("number_level"),
        (pl.col("has_owner") & ~_in(model, "id", "same").fill_null(False)).alias("owned"),
    ]


def _status() -> pl.Expr:
    none, review = pl.col("decision") == "none", pl.col("decision") == "review"
    number, card = pl.col("id_number").is_not_null(), pl.col("id_kind") == "cmnd"
    own_number, old = (
        pl.col("number_level") == "same",
        pl.col("number_level").is_in(["old_number", "old_card"]),
    )
    return (
        pl.when(pl.col("lacking")).then(pl.lit("unverifiable"))
        .when(pl.col("owned") | (none & pl.col("has_owner"))).then(pl.lit("id_of_another"))
        .when(none).then(pl.lit("not_found"))
        .when(review & pl.col("ambiguous")).then(pl.lit("ambiguous"))
        .when(pl.col("life").is_in(list(LIFE))).then(pl.col("life").replace_strict(LIFE, default=None))
        .when(old | card).then(pl.lit("cancelled_id"))
        .when(pl.col("differs") == "").then(pl.lit("agreed"))
        .when(own_number & pl.col("id_clean")).then(pl.lit("wrong_information"))
        .when(own_number).then(pl.lit("bad_id_format"))
        .when(number).then(pl.lit("wrong_id"))
        .when(pl.col("id_kind").is_in(["missing", "filler"]) | pl.col("id_kind").is_null()).then(pl.lit("missing_id"))
        .otherwise(pl.lit("bad_id_format"))
    )  # fmt: skip


def _differs(model: Model) -> pl.Expr:
    """The identity fields that do not say what the registry says, comma-separated."""
    clean = {column: pl.col(name) for column, name in CLEAN.items()}
    parts = []
    for comparison in model.comparison:
        if comparison.column is not None:
            exact = [number for number, level in enumerate(comparison.level) if level.exact]
            right = pl.col(comparison.field).is_in(exact) & clean.get(comparison.column, pl.lit(True))
            parts.append(pl.when(~right).then(pl.lit(comparison.column)))
    return pl.concat_str(parts, separator=",", ignore_nulls=True)


def _barred(model: Model, *, owned: bool) -> pl.Expr:
    """The name of the first bar that holds, null if none does."""
    found: list[pl.Expr] = [
        pl.when(_holds(bar, model)).then(pl.lit(bar.name)) for bar in model.bar if bar.owned == owned
    ]
    return pl.coalesce([*found, pl.lit(None, dtype=pl.String)])


def _holds(bar: Bar, model: Model) -> pl.Expr:
    lifted = [_all(needs, model) for needs in bar.unless]
    return _all(bar.when, model) & ~pl.any_horizontal([*lifted, pl.lit(False)])


def _all(needs: Mapping[str, tuple[str, ...]], model: Model) -> pl.Expr:
    return pl.all_horizontal([pl.lit(True), *(_in(model, field, *wanted) for field, wanted in needs.items())])


def _exact(model: Model, field: str) -> pl.Expr:
    return pl.col(field).is_in([number for number, level in enumerate(model.find(field).level) if level.exact])


def _in(model: Model, field: str, *wanted: str) -> pl.Expr:
    comparison: Comparison = model.find(field)
    return pl.col(field).is_in(comparison.numbers(*wanted))
