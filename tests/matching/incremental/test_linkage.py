"""A night after other nights has the links of a night that knows nothing, byte for byte."""

import contextlib
import io
import random
import shutil
from pathlib import Path

import polars as pl
import pytest

from matching import LinkOptions, linkage, stages
from matching.incremental import linkage as incremental
from matching.incremental import memory
from matching.model import load
from tests.matching.tables import core, person, record, registry
from vn.names import fold

NAMES = ("Nguyễn Văn An", "Nguyễn Văn Ân", "Trần Thị Bình", "Trần Bình", "Lê Minh Tú", "Nguyễn Văn Nam")
DATES = ("1990-05-06", "1990-06-05", "1991-05-06", "1990", "2001-02-03")
PLACES = (("01", "00001"), ("01", "00004"), ("79", "26734"))
MODEL = load().model_copy(update={"key": tuple(key.model_copy(update={"cap": 4}) for key in load().key)})
"""Blocks are small, so that a few people more make one too large."""

Rows = list[dict[str, object]]


class World:
    """A registry and a sector that change from night to night."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.people = {f"0010900000{at:02}": self.person(f"0010900000{at:02}") for at in range(0, 60, 2)}
        self.records = [self.record() for _ in range(60)]

    def person(self, person_id: str) -> dict[str, object]:
        name, date, (province, commune) = (self.random.choice(each) for each in (NAMES, DATES, PLACES))
        old = [f"0010800000{self.random.randrange(20):02}"] if self.random.random() < 0.2 else []
        others = [self.random.choice(NAMES)] if self.random.random() < 0.1 else []
        return person(
            person_id, name, date, self.random.choice(("Nam", "Nữ")), old_ids=old, other_names=others,
            province_code=province, commune_code=commune, mother_name=self.random.choice((None, *NAMES)),
            status=self.random.choice(("alive", "alive", "deceased")),
        )  # fmt: skip

    def record(self) -> dict[str, object]:
        about = self.random.choice(list(self.people.values()))
        said = {name: about[name] for name in ("full_name", "date_of_birth", "sex", "person_id")}
        if self.random.random() < 0.7:
            said["person_id"] = self.random.choice((None, f"0010900000{self.random.randrange(60):02}", "001080000007"))
        if self.random.random() < 0.4:
            said["full_name"] = self.random.choice((*NAMES, "Lê Minh Tu", None))
        if self.random.random() < 0.3:
            said["date_of_birth"] = self.random.choice((*DATES, None))
        return record(
            *said.values(), province_code=about["province_code"], commune_code=about["commune_code"],
            mother_name=self.random.choice((None, about["mother_name"])),
        )  # fmt: skip

    def change_records(self, count: int) -> None:
        for _ in range(count):
            at = self.random.randrange(len(self.records))
            match self.random.randrange(4):
                case 0:
                    self.records[at] = self.record()
                case 1:
                    self.records.insert(at, self.record())
                case 2:
                    self.records.append(dict(self.records[at]))
                case 3:
                    del self.records[at]

    def change_people(self, count: int) -> None:
        for _ in range(count):
            person_id = f"0010900000{self.random.randrange(60):02}"
            if person_id in self.people and self.random.random() < 0.4:
                del self.people[person_id]
            elif person_id in self.people and self.random.random() < 0.4:
                self.people[person_id] |= {"status": "emigrated", "updated_at": "2026"}
            else:
                self.people[person_id] = self.person(person_id)


def options(one: bool, threads: int = 2) -> LinkOptions:
    return LinkOptions(one_record_per_person=one, model=MODEL, threads=threads, memory_mb=256)


def sector(rows: Rows, one: bool) -> pl.DataFrame:
    table = core(rows)
    return table if one else table.with_columns(group_key="g" + (pl.col("source_row") // 3).cast(pl.String))


def same(night: incremental.Night, records: pl.DataFrame, snapshot: Path, chosen: LinkOptions) -> None:
    """The night is the full link's, to the byte."""
    full = linkage(records, snapshot, chosen)
    written = []
    for links in (night.links, full.links):
        links.write_parquet(buffer := io.BytesIO())
        written.append(buffer.getvalue())
    assert written[0] == written[1]
    assert night.habits == full.habits
    assert night.blocks_dropped == sum(block.dropped_values for block in full.blocks)


@pytest.fixture(autouse=True)
def few_are_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "TRAINING_RECORDS", 15)


SEEDS = [pytest.param(seed, marks=[pytest.mark.long] if seed > 2 else []) for seed in range(24)]


@pytest.mark.parametrize("seed", SEEDS)
def test_nights_of_changes(tmp_path: Path, seed: int) -> None:
    world, kept = World(seed), incremental.Memory(tmp_path / "memory", "code")
    one = bool(seed % 2)
    remembered = 0
    for night in range(8):
        folder = tmp_path / str(night // 2)
        folder.mkdir(exist_ok=True)
        if night % 2 == 0:
            world.change_people(world.random.choice((0, 1, 3)))
            registry(folder, list(world.people.values()))
            (folder / "registry.parquet").rename(tmp_path / f"r{night // 2}.parquet")
        world.change_records(world.random.choice((0, 2, 5)))
        records, chosen = sector(world.records, one), options(one, threads=1 + night % 3)
        found = incremental.linkage(records, tmp_path / f"r{night // 2}.parquet", chosen, kept)
        same(found, records, tmp_path / f"r{night // 2}.parquet", chosen)
        remembered += found.looked_up < 40
    assert remembered > 3, "most nights look up little"


@pytest.fixture
def night(tmp_path: Path) -> tuple[World, Path, incremental.Memory]:
    """A world with one night behind it."""
    world = World(77)
    snapshot, kept = registry(tmp_path, list(world.people.values())), incremental.Memory(tmp_path / "memory", "code")
    incremental.linkage(sector(world.records, True), snapshot, options(True), kept)
    return world, snapshot, kept


Night = tuple[World, Path, incremental.Memory]


def test_nothing_changed_nothing_is_looked_up(night: Night) -> None:
    world, snapshot, kept = night
    before = sorted((path.name, path.stat().st_mtime_ns) for path in kept.folder.rglob("*"))
    found = incremental.linkage(sector(world.records, True), snapshot, options(True), kept)
    assert (found.looked_up, found.weighed) == (0, 0)
    same(found, sector(world.records, True), snapshot, options(True))
    assert sorted((path.name, path.stat().st_mtime_ns) for path in kept.folder.rglob("*")) == before


def test_only_new_contents_are_looked_up(night: Night) -> None:
    world, snapshot, kept = night
    world.records[3] = record("Đỗ Quang Khải", "1977-07-07", "Nam", "001090000014")
    world.records.append(dict(world.records[9]))
    found = incremental.linkage(sector(world.records, True), snapshot, options(True), kept)
    assert found.looked_up == 1
    same(found, sector(world.records, True), snapshot, options(True))


def test_a_person_nobody_shares_a_value_with_opens_nothing(night: Night, tmp_path: Path) -> None:
    world, _, kept = night
    before = tmp_path / "registry.parquet"
    stranger = person("092155009999", "Kpă H'Nhung", "1955-12-30", "Nữ", province_code="92")
    before.rename(tmp_path / "before.parquet")
    kept = incremental.Memory(tmp_path / "other", "code")
    incremental.linkage(sector(world.records, True), tmp_path / "before.parquet", options(True), kept)
    after = registry(tmp_path, [*world.people.values(), stranger])
    found = incremental.linkage(sector(world.records, True), after, options(True), kept)
    assert found.looked_up == 0
    same(found, sector(world.records, True), after, options(True))


def test_a_registry_written_over_is_looked_up_anew(night: Night, tmp_path: Path) -> None:
    world, snapshot, kept = night
    world.change_people(5)
    registry(tmp_path, list(world.people.values()))
    same(
        incremental.linkage(sector(world.records, True), snapshot, options(True), kept),
        sector(world.records, True), snapshot, options(True),
    )  # fmt: skip


@pytest.mark.parametrize("damage", ["folder", "segment", "pointer", "torn", "table", "other code"])
def test_a_memory_that_is_gone_or_damaged_is_not_used(night: Night, damage: str) -> None:
    world, snapshot, kept = night
    pointer, (segment,) = kept.folder / memory.POINTER, [path for path in kept.folder.iterdir() if path.is_dir()]
    match damage:
        case "folder":
            shutil.rmtree(kept.folder)
        case "segment":
            shutil.rmtree(segment)
        case "pointer":
            pointer.unlink()
        case "torn":
            pointer.write_bytes(pointer.read_bytes()[:40])
        case "table":
            (segment / "pairs.arrow").write_bytes((segment / "pairs.arrow").read_bytes()[:100])
        case "other code":
            kept = incremental.Memory(kept.folder, "another")
    found = incremental.linkage(sector(world.records, True), snapshot, options(True), kept)
    assert found.looked_up > 0
    same(found, sector(world.records, True), snapshot, options(True))
    assert incremental.linkage(sector(world.records, True), snapshot, options(True), kept).looked_up == 0


@pytest.mark.parametrize("at", range(1, 20, 3))
def test_a_night_killed_while_it_remembers_leaves_the_memory_whole(
    night: Night, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, snapshot, kept = night
    world.change_records(6)
    calls = 0
    sync = memory._sync

    def killed(path: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            raise KeyboardInterrupt
        sync(path)

    monkeypatch.setattr(memory, "_sync", killed)
    with contextlib.suppress(KeyboardInterrupt):
        incremental.linkage(sector(world.records, True), snapshot, options(True), kept)
    monkeypatch.setattr(memory, "_sync", sync)
    found = incremental.linkage(sector(world.records, True), snapshot, options(True), kept)
    same(found, sector(world.records, True), snapshot, options(True))


def test_a_sector_that_sends_nothing_is_not_forgotten(night: Night) -> None:
    world, snapshot, kept = night
    assert incremental.linkage(core([]), snapshot, options(True), kept).links.height == 0
    assert incremental.linkage(sector(world.records, True), snapshot, options(True), kept).looked_up == 0


def test_contents_differ_in_whatever_matching_reads() -> None:
    row = record("Lê An", "1990-05-06", "Nam", "001090000001")
    others = [
        {"mother_name": "Lê An"}, {"father_name": "Lê An"}, {"full_name": None}, {"full_name": ""},
        {"birth_repairs": "swap"}, {"birth_year": 1991}, {"name_key": fold("Lê Ân") + "x"},
    ]  # fmt: skip
    said = memory.fingerprints(core([row, *({**row, **each} for each in others)]))
    assert said.n_unique() == len(others) + 1
    assert memory.fingerprints(core([row, {**row, "sheet": "2", "source_file": "b.csv"}])).n_unique() == 1
