"""The registry file becomes a snapshot; what cannot be used is listed with its row."""

from collections.abc import Callable
from pathlib import Path

import grimp
import polars as pl
import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.registry import load as registry
from pipelines.registry import snapshot as snapshots

HEADER = "person_id,full_name,date_of_birth,sex,old_ids,other_names,province,status\n"
AN = "079087001234,NGUYỄN VĂN AN,1987-09-05,Nam,271450001;001087000001,Nguyễn Văn Ân,79,alive\n"


def load(tmp_path: Path, text: str) -> snapshots.Snapshot:
    tmp_path.mkdir(exist_ok=True)
    file = tmp_path / "registry.csv"
    file.write_text(text, encoding="utf-8")
    return registry.load(Settings(workspace=tmp_path / "w"), file, replace=True)


def test_people_are_standardised_and_sorted(tmp_path: Path) -> None:
    snapshot = load(tmp_path, HEADER + AN + "001190000007,Trần Thị Bình,1990,Nữ,,,001,đã mất\n")
    people = pl.read_parquet(snapshot.path)
    assert people["person_id"].to_list() == ["001190000007", "079087001234"]
    binh, an = people.rows(named=True)
    assert (an["full_name"], an["name_key"], an["birth_year"]) == ("Nguyễn Văn An", "nguyen van an", 1987)
    assert (an["old_ids"], an["other_names"]) == (["271450001", "001087000001"], ["Nguyễn Văn Ân"])
    assert (binh["date_of_birth"], binh["province_code"], binh["status"]) == ("1990", "01", "deceased")
    assert (binh["old_ids"], binh["other_names"]) == ([], [])


def test_side_files_for_linking_are_ready(tmp_path: Path) -> None:
    snapshot = load(tmp_path, HEADER + AN)
    (folder,) = snapshot.path.parent.glob("*.index")
    made = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert load(tmp_path, HEADER + AN) == snapshot
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == made
    assert list(snapshot.path.parent.glob(".*")) == []


@pytest.mark.parametrize(("name", "least"), [("registry.csv", 0.2), ("registry.parquet", 0.5)])
def test_how_far_a_load_is_only_rises(tmp_path: Path, name: str, least: float) -> None:
    """A Parquet file counts its rows; how many a text file has follows from its size, here the header's above all."""
    (tmp_path / "registry.csv").write_text(HEADER + AN, encoding="utf-8")
    pl.read_csv(tmp_path / "registry.csv", infer_schema=False).write_parquet(tmp_path / "registry.parquet")
    heard: list[float] = []
    registry.load(Settings(workspace=tmp_path / "w"), tmp_path / name, replace=True, on_share=heard.append)
    assert heard == sorted(heard)
    assert least <= heard[0] <= 0.5, "the rows are read"
    assert len(heard) > 20, "each key is told"
    assert heard[-1] < 1


def test_rows_that_cannot_be_used_are_listed(tmp_path: Path) -> None:
    text = HEADER + AN + AN + "12,Ai Đó,1990,Nam,,,,\n001190000007,,1990,Nữ,,,,\n001190000009,Lê An,1990,Nữ,,,,ngủ\n"
    snapshot = load(tmp_path, text)
    rejected = pl.read_parquet(snapshot.path.with_suffix(".rejected.parquet"))
    assert rejected.select("source_row", "code").rows() == [
        (3, "duplicate_person"),
        (4, "bad_person_id"),
        (5, "no_name"),
        (6, "unknown_status"),
    ]
    assert (snapshot.people, snapshot.rejected) == (1, 4)


def test_the_newest_load_is_the_one_in_force(tmp_path: Path) -> None:
    load(tmp_path, HEADER + AN)
    second = load(tmp_path, HEADER + AN.replace("NGUYỄN", "TRẦN"))
    assert snapshots.current(Settings(workspace=tmp_path / "w")).sha256 == second.sha256


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    text = HEADER + "".join(AN.replace("001234", f"{n:06}") for n in range(5000))
    snapshots = [load(tmp_path / str(n), text) for n in range(2)]
    assert snapshots[0].path.read_bytes() == snapshots[1].path.read_bytes()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("person_id,full_name,sex\n079087001234,An,Nam\n", "«Ngày sinh»"),
        (HEADER + "12,Ai Đó,1990,Nam,,,,\n", "12 chữ số"),
        ("", "rỗng"),
    ],
)
def test_an_unusable_registry_is_told_with_the_remedy(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        load(tmp_path, text)


def test_no_registry_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="sachsong registry load"):
        snapshots.current(Settings(workspace=tmp_path))


@pytest.mark.parametrize(
    "damage",
    [
        lambda snapshot: snapshot.path.unlink(),
        lambda snapshot: snapshot.path.write_bytes(snapshot.path.read_bytes()[:200]),
        lambda snapshot: snapshot.path.with_name("current.json").write_bytes(b"\xff{"),
        lambda snapshot: snapshot.path.with_name("current.json").write_text("{}", encoding="utf-8"),
        lambda snapshot: snapshot.path.with_suffix(".json").write_bytes(b"\xff{"),
    ],
    ids=["snapshot gone", "snapshot cut off", "pointer torn", "pointer of another shape", "description torn"],
)
def test_a_damaged_registry_is_told_and_mended_by_loading_again(
    tmp_path: Path, damage: Callable[[snapshots.Snapshot], object]
) -> None:
    snapshot = load(tmp_path, HEADER + AN)
    damage(snapshot)
    if not snapshots.is_whole(snapshot.path) or "current.json" in _torn(snapshot):
        with pytest.raises(BadInput, match="registry load"):
            snapshots.current(Settings(workspace=tmp_path / "w"))
    assert load(tmp_path, HEADER + AN) == snapshot
    assert pl.read_parquet(snapshots.current(Settings(workspace=tmp_path / "w")).path).height == 1


def _torn(snapshot: snapshots.Snapshot) -> list[str]:
    pointer = snapshot.path.with_name("current.json")
    return [] if b"sha256" in pointer.read_bytes() else [pointer.name]


def test_what_makes_a_snapshot_is_in_its_name() -> None:
    """All that `load` stands on decides what a snapshot holds, but for how files are kept and errors are called."""
    graph = grimp.build_graph("pipelines", "vn", cache_dir=None)
    below = graph.find_upstream_modules("pipelines.registry.load")
    packages = {".".join(module.split(".")[: 1 if module.startswith("vn") else 2]) for module in below}
    assert packages - {"pipelines"} == {*registry.MAKERS, "pipelines.workspace", "pipelines.config", "pipelines.errors"}
