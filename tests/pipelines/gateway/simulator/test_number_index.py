"""Who holds a number: against a look through everybody, with and without side files."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.config import Settings
from pipelines.errors import RegistryInvalid
from pipelines.gateway.simulator.number_index import NumberIndex
from pipelines.registry import load as registries
from tests.pipelines.verify.world import number, registry

NUMBERS = [number(n) for n in range(8)]
PEOPLE = st.dictionaries(
    st.sampled_from(NUMBERS), st.lists(st.sampled_from([*NUMBERS, "022334455", ""]), max_size=3), min_size=1
)


def by_looking(people: dict[str, list[str]], wanted: str | None) -> tuple[int, bool, str | None]:
    """Persons, whether by an old number, and the name of the only one."""
    if wanted in people:
        return 1, False, f"Nguyễn {wanted}"
    before = [person for person, old in people.items() if wanted in old] if wanted and len(wanted) == 12 else []
    return len(before), bool(before), f"Nguyễn {before[0]}" if len(before) == 1 else None


@settings(max_examples=60, deadline=None)
@given(people=PEOPLE, wanted=st.lists(st.sampled_from([*NUMBERS, "022334455", "", "x", None]), max_size=12))
def test_whoever_is_found_by_looking_is_found(
    people: dict[str, list[str]], wanted: list[str | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows: list[dict[str, Any]] = [
        {"person_id": person, "full_name": f"Nguyễn {person}", "old_ids": old} for person, old in people.items()
    ]
    holders = NumberIndex(registry(tmp_path_factory.mktemp("r") / "r.parquet", rows))
    found = holders.find(pl.Series(wanted, dtype=pl.String))
    assert found.select("persons", "is_old", "held_name").rows() == [by_looking(people, one) for one in wanted]


def test_side_files_say_the_same(tmp_path: Path) -> None:
    lines = [f"{number(n)};Nguyễn Văn A{n};19{n:02}-01-02;Nam;{number(n + 500)};alive" for n in range(200)]
    sent = tmp_path / "sent.csv"
    header = "person_id;full_name;date_of_birth;sex;old_ids;status"
    sent.write_text("\n".join([header, *lines]).replace("19100", "2000"), encoding="utf-8")
    prepared = registries.prepare(sent, tmp_path / "a", Settings(workspace=tmp_path, night=date(2026, 11, 22))).path
    assert list(prepared.parent.glob("*.index")), "the side files are there"
    alone = tmp_path / "b" / "alone.parquet"
    alone.parent.mkdir()
    alone.write_bytes(prepared.read_bytes())
    wanted = pl.Series([number(n) for n in range(0, 900, 7)])
    with_, without = NumberIndex(prepared).find(wanted), NumberIndex(alone).find(wanted)
    assert with_.equals(without)
    assert with_["persons"].to_list() == [int(n < 200 or 500 <= n < 700) for n in range(0, 900, 7)]
    assert with_["is_old"].sum() > 10


def test_digits_of_another_alphabet_are_no_number(tmp_path: Path) -> None:
    fullwidth = number(1).translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    people = [{"person_id": number(1), "old_ids": [fullwidth]}]
    found = NumberIndex(registry(tmp_path / "r.parquet", people)).find(pl.Series([number(1), fullwidth]))
    assert found["persons"].to_list() == [1, 0]


@pytest.mark.parametrize("numbers", [[number(2), number(1)], [number(1), number(1)], [number(1), "A"], [None]])
def test_a_file_that_is_no_snapshot(tmp_path: Path, numbers: list[str | None]) -> None:
    path = registry(tmp_path / "r.parquet", [{"person_id": one} for one in numbers])
    frame = pl.read_parquet(path).with_columns(person_id=pl.Series(numbers, dtype=pl.String))
    frame.write_parquet(path)
    with pytest.raises(RegistryInvalid):
        NumberIndex(path)
