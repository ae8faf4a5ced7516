"""Makes the columns that only one sector has, and selects the people whom the sector concerns."""

from collections.abc import Callable
from datetime import date

import polars as pl

from pipelines.synthetic.chance import Chance
from pipelines.synthetic.damage import choose
from pipelines.synthetic.requests import SectorRequest
from pipelines.synthetic.tables import table

Columns = dict[str, pl.Series]


def eligible(sector: str, night: date) -> pl.Expr:
    """Whether the sector concerns each person, by age on the night."""
    low, high = {"insurance": (18, 62), "students": (6, 17), "vaccination": (0, 99)}[sector]
    return (pl.lit(night.year) - pl.col("birth").dt.year()).is_between(low, high)


def eligible_share(sector: str) -> float:
    """Share of the people whom a sector concerns, roughly and not too high."""
    return {"insurance": 0.45, "students": 0.13, "vaccination": 0.8}[sector]


def repeats(sector: str) -> float:
    """Share of records whose person stands in the record before as well, rightly (doses of one person)."""
    return 0.3 if sector == "vaccination" else 0.0


def columns_of(records: pl.DataFrame, request: SectorRequest, night: date, chance: Chance) -> Columns:
    """The sector's own columns, text; values that belong to a person are the same in all of the person's records."""
    makers: dict[str, Callable[[pl.DataFrame, date, Chance], Columns]] = {
        "insurance": _insurance,
        "students": _students,
        "vaccination": _vaccination,
    }
    number, street = chance.integers(1, 400, records.height), choose(_words("street"), chance, records.height)
    made = makers[request.sector](records, night, chance)
    made["province_code"], made["commune_code"] = records["province"], records["commune"]
    made["address"] = pl.Series(number).cast(pl.String) + " " + street
    for column, text in request.labels.items():
        made[column] = pl.repeat(text, records.height, dtype=pl.String, eager=True)
    return made


def _insurance(records: pl.DataFrame, night: date, chance: Chance) -> Columns:
    number = _code(records, 8, 48_271_007)
    group, level = choose(["DN", "DN", "DN", "HC", "GD", "GD", "HT", "CN"], chance, records.height), "4"
    card = group + level + records["province"] + number
    has_card = pl.Series(chance.hits(0.8, records.height))
    new_number = (records["serial"] % 20 == 0) & records["registered"]
    employer, zone = _of_commune(records, "employer", 5), _of_commune(records, "zone", 1)
    return {
        "social_insurance_number": _pick(new_number, records["person_id"], number),
        "health_card_number": _pick(has_card, card, None),
        "employer": employer,
        "industrial_zone": _pick(employer.str.starts_with("Công ty"), zone, None),
    }


def _students(records: pl.DataFrame, night: date, chance: Chance) -> Columns:
    grade = (night.year - 5 - records["birth"].dt.year()).clip(1, 12)
    level = pl.select(
        pl.when(grade <= 5).then(pl.lit("TH ")).when(grade <= 9).then(pl.lit("THCS ")).otherwise(pl.lit("THPT "))
    ).to_series()
    class_letter, class_number = choose(["A", "B", "C"], chance, records.height), chance.integers(1, 9, records.height)
    blank = pl.Series(chance.hits(0.03, records.height))
    return {
        "student_code": _code(records, 8, 27_644_437),
        "school_name": level + _of_commune(records, "school", 2),
        "class_name": grade.cast(pl.String) + class_letter + pl.Series(class_number).cast(pl.String),
        "father_name": _pick(~blank, records["father_name"], None),
        "mother_name": _pick(~blank, records["mother_name"], None),
        "father_birth_year": records["father_year"].cast(pl.String),
        "mother_birth_year": records["mother_year"].cast(pl.String),
    }


def _vaccination(records: pl.DataFrame, night: date, chance: Chance) -> Columns:
    size, born = records.height, records["birth"]
    child = born.dt.year() >= 2018
    vaccine = _pick(child, choose(_words("child_vaccine"), chance, size), choose(_words("adult_vaccine"), chance, size))
    first = pl.Series(chance.integers(0, 400, size))
    dose = records["dose"]
    days = pl.select(pl.when(child).then(60 + first).otherwise(first) + (dose - 1) * 60).to_series()
    begin = pl.select(pl.when(child).then(born).otherwise(pl.date(2021, 6, 1))).to_series()
    given = pl.DataFrame({"begin": begin, "days": days}).select(
        pl.min_horizontal(pl.col("begin") + pl.duration(days="days"), pl.lit(night)).dt.to_string("%d/%m/%Y")
    )
    phone = "09" + _digits(records, 8, 38_196_601)
    return {
        "vaccination_code": _code(records, 10, 7_368_787_301),
        "phone_number": _pick(pl.Series(chance.hits(0.85, size)), phone, None),
        "vaccine_name": vaccine,
        "dose_number": dose.cast(pl.String),
        "dose_date": given.to_series(),
        "vaccination_site": "Trạm y tế số " + (records["commune"].cast(pl.Int64) % 97 + 1).cast(pl.String),
    }


def _words(kind: str) -> list[str]:
    return table("words").filter(pl.col("kind") == kind)["text"].to_list()


def _of_commune(records: pl.DataFrame, kind: str, choices: int) -> pl.Series:
    """One of a few names that the commune's people share."""
    names = pl.Series(_words(kind))
    place = (records["commune"].cast(pl.Int64) * 7 + records["serial"] % choices) % len(names)
    return names.gather(place)


def _code(records: pl.DataFrame, length: int, factor: int) -> pl.Series:
    """The department's code of the person: the birth province's two digits, then digits that follow from the person."""
    return records["birthplace"].str.slice(1) + _digits(records, length, factor)


def _digits(records: pl.DataFrame, length: int, factor: int) -> pl.Series:
    """Digits that are different for each holder (up to 10^length of them), `factor` having no factor 2 or 5."""
    scattered = (pl.col("holder") * factor + 12_345) % 10**length
    return records.select(scattered.cast(pl.String).str.zfill(length)).to_series()


def _pick(condition: pl.Series, yes: pl.Series, no: pl.Series | None) -> pl.Series:
    return pl.select(pl.when(condition).then(yes).otherwise(no)).to_series()
