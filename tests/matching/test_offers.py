"""What a night says of a link is what the comparison with that very person says."""

import itertools
from pathlib import Path

import polars as pl
import pytest

from matching import LinkOptions, linkage, model
from matching.stages import candidates
from tests.matching.changing_world import World
from tests.matching.tables import core, links, person, record, registry

OF_THE_PERSON = ["record_id", "person_id", "weight", "probability", "margin"]

FIRST = person("079090200011", "Hứa Minh Nhật", "1990-06-07", "Nam")
SWAPPED = person("079090200012", "Hứa Minh Nhật", "1990-07-06", "Nam")
_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi")
_GIVEN = ("Thị Hạnh", "Văn Nam", "Thị Lan", "Quốc Phúc", "Hữu Nguyên", "Thị Phượng", "Văn Thắng")
OTHERS = [
    person(f"0790{at % 90 + 10}2{at:05}", f"{surname} {given}", f"19{at % 90 + 10}-0{at % 9 + 1}-1{at % 7}", "Nam")
    for at, (surname, given) in enumerate([*itertools.product(_SURNAMES, _GIVEN)] * 8)
]
AGREED = [record(*(str(each[name]) for name in ("full_name", "date_of_birth", "sex", "person_id"))) for each in OTHERS]
"""Records without a mistake, so that a mistake is not what the night expects."""


def test_one_man_twice_beside_a_namesake_is_a_duplicate(tmp_path: Path) -> None:
    """Two men of one name, born 07/06 and 06/07; a list has the first of them twice, without a number."""
    twice = [record("Hứa Minh Nhật", "1990-06-07", "Nam", None)] * 2
    found = links(registry(tmp_path, [FIRST, SWAPPED, *OTHERS]), [*twice, *AGREED])[:2]
    assert found["person_id"].to_list() == [FIRST["person_id"]] * 2
    assert found["status"].to_list() == ["duplicate", "missing_id"]
    assert found["probability"].n_unique() == found["margin"].n_unique() == 1, "the same content, the same man"


def test_both_men_once_are_both_linked(tmp_path: Path) -> None:
    both = [record("Hứa Minh Nhật", date, "Nam", None) for date in ("1990-06-07", "1990-07-06")]
    found = links(registry(tmp_path, [FIRST, SWAPPED, *OTHERS]), [*both, *AGREED])[:2]
    assert found["person_id"].to_list() == [FIRST["person_id"], SWAPPED["person_id"]]
    assert found["decision"].to_list() == ["link", "link"]


DARING = model.load().weights.decision.model_copy(update={"wrong_link": 2.0, "link_margin": 0.0})
"""Links at half a chance, so that many records lose their person and get another one."""


def test_weight_probability_and_margin_are_the_persons(tmp_path: Path) -> None:
    moved = 0
    for seed in range(8):
        world = World(seed)
        decided_by = model.load().model_copy(
            update={"weights": model.load().weights.model_copy(update={"decision": DARING})}
        )
        options = LinkOptions(one_record_per_person=True, model=decided_by, threads=2, memory_mb=256)
        records, snapshot = core(world.records), registry(tmp_path, list(world.people.values()))
        night = linkage(records, snapshot, options)
        every = candidates(records, snapshot, options.model_copy(update={"habits": night.habits}))
        top = pl.col("weight").top_k(2)
        others = every.with_columns(
            record_id=records["record_id"].gather(every["r"]),
            heaviest=top.get(0).over("r"),
            second=top.get(1, null_on_oob=True).over("r").fill_null(0.0),
        )
        of_other = pl.when(pl.col("weight") == pl.col("heaviest")).then("second").otherwise("heaviest")
        expected = others.with_columns(margin=(pl.col("weight") - of_other).round(6)).select(OF_THE_PERSON)
        # Of a record that agrees in all four fields nobody else is looked for: its figures are of these fields alone.
        found = night.links.filter(pl.col("person_id").is_not_null() & (pl.col("differs") != ""))
        beside = found.select(OF_THE_PERSON).join(
            expected, on=["record_id", "person_id"], how="left", suffix="_expected"
        )
        for name in OF_THE_PERSON[2:]:
            assert beside[name].to_list() == pytest.approx(beside[f"{name}_expected"].to_list(), abs=1e-5), name
        moved += (night.links["margin"] < 0).sum()
    assert moved > 3, "some records got somebody else's second choice"
