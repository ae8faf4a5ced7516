"""A night after other nights has the links of a night that knows nothing, byte for byte."""

import contextlib
import io
import shutil
from pathlib import Path

import polars as pl
import pytest

from matching import LinkOptions, linkage, stages
from matching.incremental import linkage as incremental
from matching.incremental import memory
from matching.model import load
from tests.matching.changing_world import World
from tests.matching.tables import core, person, record, registry
from vn.names import fold

MODEL = load().model_copy(update={"key": tuple(key.model_copy(update={"cap": 4}) for key in load().key)})
"""Blocks are small, so that a few people more make one too large."""

Rows = list[dict[str, object]]


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
