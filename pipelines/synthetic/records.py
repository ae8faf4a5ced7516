"""Makes one chunk's part of one sector file: records as the department wrote them, and the truth about each."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.synthetic import damaged_dates, damaged_names, damaged_numbers, places, planning, registry, sectors
from pipelines.synthetic.chance import Chance
from pipelines.synthetic.damage import plant
from pipelines.synthetic.profiles import Profile
from pipelines.synthetic.registry import Census
from pipelines.synthetic.requests import SectorRequest
from pipelines.synthetic.truth import TRUTH_COLUMNS, truth_of

EXCEL_EPOCH = 25_569
"""Excel's number of 1970-01-01."""


@dataclass(frozen=True)
class Job:
    """One sector file of one run."""

    census: Census
    request: SectorRequest
    profile: Profile
    number: int
    """Number of the file among those asked for: two otherwise equal files differ by it."""

    def label(self, chunk: int) -> tuple[int, ...]:
        """Label of this file's random streams for one chunk."""
        return (self.census.seed, chunk, 1_000 + self.number)

    def size(self, chunk: int) -> int:
        """Number of records, duplicates included, from one chunk."""
        if self.request.rows is None:
            share = self.request.share * sectors.eligible_share(self.request.sector)
            return int(self.census.size(chunk) * share)
        before = chunk * registry.CHUNK
        edges = [
            self.request.rows * people // self.census.people for people in (before, before + self.census.size(chunk))
        ]
        return edges[1] - edges[0]

    def strangers(self, chunk: int) -> int:
        """Number of people in no registry that the chunk must have for this file."""
        wanted = self.size(chunk) * self.profile.kinds.get("not_in_registry", 0.0)
        found = sectors.eligible_share(self.request.sector) * (0.05 if self.request.provinces else 1.0)
        return min(40_000, int(1.3 * wanted / found) + 60)


def records_of(job: Job, chunk: int, people: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The chunk's records as columns of text named as in the file, and the truth: `person_id`, `errors`, `kind`.

    Shape: equal heights, same order. A cell that a workbook holds as a number begins with `#`.
    """
    label = job.label(chunk)
    chance = Chance(label[0], *label[1:], "records")
    planned = _records(job, chunk, people, chance)
    if not planned.height:
        return _empty(job), pl.DataFrame(schema=dict.fromkeys(TRUTH_COLUMNS, pl.String))
    columns, truth = _write(job, planned, label, chance)
    if job.request.format == "xlsx":
        columns |= _typed_cells(job, planned, columns, truth, chance)
    cells = pl.DataFrame({header: columns[name] for name, header in job.request.columns.items()})
    return cells, truth.select(TRUTH_COLUMNS)


def _typed_cells(
    job: Job, records: pl.DataFrame, columns: sectors.Columns, truth: pl.DataFrame, chance: Chance
) -> sectors.Columns:
    """Numbers that lost their zeros as number cells and, if asked for, whole dates as date cells."""
    number, birth = columns["id_number"], columns["date_of_birth"]
    as_number = (truth["id"] == "id_zeros_lost").fill_null(False)
    whole = truth["dob"].is_null() & (records["precision"] == "day")
    as_date = whole & pl.Series(chance.hits(0.5 if job.request.date_cells else 0.0, records.height))
    serial = (records["birth"].cast(pl.Int32) + EXCEL_EPOCH).cast(pl.String)
    typed = pl.select(
        id_number=pl.when(as_number).then(pl.lit("#") + number).otherwise(number),
        date_of_birth=pl.when(as_date).then(pl.lit("@") + serial).otherwise(birth),
    )
    return {name: typed[name] for name in typed.columns}


def _records(job: Job, chunk: int, people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """People of the file with what is planned for each, duplicates after their originals."""
    size = job.size(chunk)
    duplicates = int(size * job.profile.duplicates)
    who = sectors.eligible(job.request.sector, job.census.night)
    if job.request.provinces:
        who &= pl.col("province").is_in(job.request.provinces) | pl.col("registered").not_()
    pools = planning.pools(people, who, chance)
    repeats = sectors.repeats(job.request.sector)
    plan = planning.people_and_kinds(pools, job.profile, size - duplicates, repeats, chance)
    key = (np.arange(plan.height) + 0.5) / max(plan.height, 1)
    findable = np.flatnonzero(plan["kind"].is_in(["exact", "repairable", "no_id"]).to_numpy())
    copied = np.sort(findable[chance.integers(0, len(findable), duplicates if len(findable) else 0)])
    again = plan[copied].with_columns(
        kind=pl.Series(np.where(chance.hits(0.6, len(copied)), "exact", "repairable").tolist(), dtype=pl.String)
    )
    keys = pl.Series(np.r_[key, key[copied] + chance.uniform(len(copied)) * (1 - key[copied])])
    plan = pl.concat([plan.with_columns(duplicate=False), again.with_columns(duplicate=True)])
    plan = plan.with_columns(key=keys).sort("key", maintain_order=True)
    records = pl.concat([plan, people[plan["row"]]], how="horizontal")
    records = _holders(records, chance)
    records = _lookalikes(job, records, people, chance)
    return _where_they_say(job, _with_strange_numbers(records, people, chance), chance)


def _holders(records: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """The records with their dose, and with `holder`: what the department's codes follow from.

    Half of the duplicates are people who were registered twice, so that they have two codes.
    """
    twice = records["duplicate"] & pl.Series(chance.hits(0.5, records.height))
    return records.with_columns(
        dose=(~pl.col("duplicate")).cast(pl.Int64).cum_sum().over("row"),
        holder=pl.when(twice).then(pl.col("serial") + 500_000_003).otherwise("serial"),
    )


def _lookalikes(job: Job, records: pl.DataFrame, people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Some people in no registry get the name of somebody in it and nearly the same date of birth."""
    model = people.filter(pl.col("registered"))
    model = model[chance.integers(0, model.height, records.height)]
    alike = pl.Series(chance.hits(job.profile.lookalikes, records.height)) & ~records["registered"]
    days = pl.duration(days=pl.lit(pl.Series(chance.integers(1, 10, records.height))))
    later, sooner = pl.col("birth") + days, pl.col("birth") - days
    is_later = pl.Series(chance.hits(0.5, records.height)) & (later <= job.census.night)
    shifted = model.select(pl.when(is_later).then(later).otherwise(sooner)).to_series()
    return records.with_columns(
        pl.when(alike).then(model["full_name"]).otherwise("full_name").alias("full_name"),
        pl.when(alike).then(model["sex"]).otherwise("sex").alias("sex"),
        pl.when(alike).then(shifted).otherwise("birth").alias("birth"),
        alike=alike,
    )


def _with_strange_numbers(records: pl.DataFrame, people: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """The records with a number of somebody else and one that nobody in the registry holds."""
    registered, strangers = people.filter(pl.col("registered")), people.filter(~pl.col("registered"))
    return records.with_columns(
        another_id=registered["person_id"].gather(chance.integers(0, registered.height, records.height)),
        nobodys_id=strangers["person_id"].gather(chance.integers(0, strangers.height, records.height)),
    )


def _where_they_say(job: Job, records: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """The records with the residence that the department has: a former one for those who moved."""
    merged = dict(zip((f"{code:03d}" for code in places.provinces().code), places.provinces().merged, strict=True))
    old = records["birthplace"].replace_strict(merged, return_dtype=pl.Int64)
    moved, strange = records["kind"] == "moved", ~records["registered"] & bool(job.request.provinces)
    here = int(job.request.provinces[0]) if job.request.provinces else 0
    province = pl.select(pl.when(strange).then(here).otherwise(old)).to_series()
    commune = places.communes(province.to_numpy(), chance.uniform(records.height))
    other = moved | strange
    return records.with_columns(
        province=pl.when(other).then(province.cast(pl.String).str.zfill(2)).otherwise("province"),
        commune=pl.when(other).then(pl.Series(commune).cast(pl.String).str.zfill(5)).otherwise("commune"),
    )


def _write(
    job: Job, records: pl.DataFrame, label: tuple[int, ...], chance: Chance
) -> tuple[sectors.Columns, pl.DataFrame]:
    """All columns of the sector as text, and the truth with the code planted in each field."""
    wanted = planning.codes(records, job.profile, chance)
    dates = records.select(damaged_dates.written(pl.col("birth"), pl.col("precision"))).to_series()
    fields = {
        "name": ("full_name", records["full_name"], damaged_names.DAMAGES, damaged_names.INSTEAD),
        "dob": ("date_of_birth", dates, damaged_dates.DAMAGES, damaged_dates.INSTEAD),
        "sex": ("sex", records["sex"], damaged_numbers.SEX_DAMAGES, {}),
        "id": ("id_number", records["person_id"], damaged_numbers.DAMAGES, damaged_numbers.INSTEAD),
    }
    columns = sectors.columns_of(records, job.request, job.census.night, chance)
    planted: dict[str, pl.Series] = {}
    for field, (column, right, damages, instead) in fields.items():
        columns[column], planted[field] = plant(records, right, wanted[field], damages, instead, label)
    return columns, truth_of(records, pl.DataFrame(planted))


def _empty(job: Job) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(job.request.columns.values(), pl.String))
