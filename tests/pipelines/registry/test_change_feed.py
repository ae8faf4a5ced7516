"""A change feed gives the snapshot that the whole file would give; what cannot be applied is listed with its row."""

import random
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.registry import load as registry
from pipelines.registry import snapshot as snapshots

COLUMNS = "person_id,full_name,date_of_birth,sex,old_ids,other_names,province,status"
AN = "079087001234,NGUYỄN VĂN AN,1987-09-05,Nam,271450001;001087000001,Nguyễn Văn Ân,79,alive"
BINH = "001190000007,Trần Thị Bình,1990,Nữ,,,001,"
CHI = "001190000009,Lê Thị Chi,1990-02-03,Nữ,,,001,"


def load(tmp_path: Path, *rows: str, name: str = "registry.csv") -> snapshots.Snapshot:
    """All people."""
    return _load(tmp_path, name, [COLUMNS, *rows])


def change(tmp_path: Path, *rows: str, header: str = "change") -> snapshots.Snapshot:
    """A feed: the first word of each row is the change."""
    split = [row.partition(" ")[::2] for row in rows]
    return _load(tmp_path, "changes.csv", [f"{COLUMNS},{header}", *(f"{row},{verb}" for verb, row in split)])


def _load(tmp_path: Path, name: str, lines: list[str]) -> snapshots.Snapshot:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return registry.load(Settings(workspace=tmp_path / "w"), file, replace=True)


def rejected(snapshot: snapshots.Snapshot) -> list[tuple[int, str]]:
    return pl.read_parquet(snapshot.path.with_suffix(".rejected.parquet")).select("source_row", "code").rows()


def test_changes_give_the_bytes_of_the_whole_file(tmp_path: Path) -> None:
    load(tmp_path, AN, BINH)
    older = BINH.replace("1990", "1989")
    found = change(tmp_path, f"insert {CHI}", f"update {older}", "delete 079087001234,,,,,,,")
    whole = load(tmp_path / "other", CHI, older)
    assert found.path.read_bytes() == whole.path.read_bytes()
    assert (found.people, found.rejected, found.source_file) == (2, 0, "changes.csv")
    assert snapshots.current(Settings(workspace=tmp_path / "w")) == found
    assert list(found.path.parent.glob(f"{found.path.stem}*.index")), "ready for linking"


@pytest.mark.parametrize("seed", range(3))
def test_many_feeds_one_after_another(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    people = {f"0010900{at:05}": _row(chance, f"0010900{at:05}") for at in range(0, 3000, 2)}
    load(tmp_path, *people.values())
    for _ in range(3):
        rows = []
        for at in chance.sample(range(3000), 300):
            person_id = f"0010900{at:05}"
            if person_id not in people:
                people[person_id] = _row(chance, person_id)
                rows.append(f"insert {people[person_id]}")
            elif chance.random() < 0.5:
                rows.append(f"delete {people.pop(person_id)}")
            else:
                people[person_id] = _row(chance, person_id)
                rows.append(f"update {people[person_id]}")
        found = change(tmp_path, *rows)
        shuffled = chance.sample(list(people.values()), len(people))
        assert found.path.read_bytes() == load(tmp_path / "other", *shuffled).path.read_bytes()
        assert (found.people, found.rejected) == (len(people), 0)


def _row(chance: random.Random, person_id: str) -> str:
    name, year, other = (
        chance.choice(("Lê An", "Trần Thị Bình")),
        chance.randrange(1950, 2020),
        chance.choice(("", "Lê Ân")),
    )
    return f"{person_id},{name},{year}-05-06,Nam,,{other},001,"


def test_what_cannot_be_applied_is_listed_and_the_rest_applied(tmp_path: Path) -> None:
    load(tmp_path, AN, BINH)
    found = change(
        tmp_path,
        f"insert {AN}",  # row 2: is there
        f"update {CHI}",  # 3: is not there
        "delete 001190000099,,,,,,,",  # 4: is not there
        f"update {BINH}",  # 5 and 6: twice
        f"delete {BINH}",
        "insert 12,Ai Đó,1990,Nam,,,,",  # 7
        "delete 12,Ai Đó,1990,Nam,,,,",  # 8
        "insert 001190000011,,1990,Nữ,,,,",  # 9
        "gộp 001190000012,Lê An,1990,Nữ,,,,",  # 10: no such change
        " 001190000013,Lê An,1990,Nữ,,,,",  # 11: none
        "insert 001190000014,Lê An,1990,Nữ,,,,",
    )
    assert rejected(found) == [
        (2, "already_there"), (3, "unknown_person"), (4, "unknown_person"), (5, "changed_twice"), (6, "changed_twice"),
        (7, "bad_person_id"), (8, "bad_person_id"), (9, "no_name"), (10, "unknown_change"), (11, "no_change"),
    ]  # fmt: skip
    assert pl.read_parquet(found.path)["person_id"].to_list() == ["001190000007", "001190000014", "079087001234"]
    assert found.rejected == 10


def test_messages_hold_nobody(tmp_path: Path) -> None:
    load(tmp_path, AN)
    found = change(tmp_path, f"insert {AN}", f"delete {BINH}")
    messages = pl.read_parquet(found.path.with_suffix(".rejected.parquet"))["message"].to_list()
    assert not any("079087001234" in each or "Bình" in each for each in messages)
    assert all(" / " in each for each in messages)


@pytest.mark.parametrize(("word", "people"), [("Thêm mới", 2), ("XÓA", 0), ("cập nhật", 1), ("Sửa", 1)])
def test_changes_in_vietnamese(tmp_path: Path, word: str, people: int) -> None:
    load(tmp_path, AN, CHI)
    row = {2: BINH, 0: AN, 1: AN.replace("AN", "ÂN")}[people]
    found = _load(tmp_path, "c.csv", [f"{COLUMNS},Thay đổi", f"{row},{word}"])
    assert (found.people, found.rejected) == ({2: 3, 0: 1, 1: 2}[people], 0)


def test_the_same_feed_again_changes_nobody(tmp_path: Path) -> None:
    load(tmp_path, AN)
    first = change(tmp_path, f"insert {BINH}")
    again = change(tmp_path, f"insert {BINH}")
    assert again.path.read_bytes() == first.path.read_bytes()
    assert rejected(again) == [(2, "already_there")]


def test_the_same_feed_for_another_registry_is_another_snapshot(tmp_path: Path) -> None:
    first = [load(tmp_path, AN), change(tmp_path, f"insert {BINH}")]
    second = [load(tmp_path, CHI), change(tmp_path, f"insert {BINH}")]
    assert len({each.path for each in (*first, *second)}) == 4
    assert len({each.sha256 for each in (*first, *second)}) == 4


def test_a_feed_needs_a_registry(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="change feed"):
        change(tmp_path, f"insert {AN}")


def test_nobody_may_not_be_all_that_is_left(tmp_path: Path) -> None:
    before = load(tmp_path, AN)
    with pytest.raises(BadInput, match="không có dòng nào"):
        change(tmp_path, f"delete {AN}")
    assert snapshots.current(Settings(workspace=tmp_path / "w")) == before


def test_a_deletion_needs_no_more_than_the_number(tmp_path: Path) -> None:
    load(tmp_path, AN, BINH)
    rows = ["change,person_id", "delete,079087001234", "delete,001099000001", "update,001190000007", "xóa,12"]
    found = _load(tmp_path, "changes.csv", rows)
    assert found.people == 1
    assert rejected(found) == [(3, "unknown_person"), (4, "bare_change"), (5, "bad_person_id")]


def test_a_list_without_names_is_no_change_feed(tmp_path: Path) -> None:
    load(tmp_path, AN)
    with pytest.raises(BadInput, match="Họ và tên"):
        _load(tmp_path, "changes.csv", ["person_id,ghi_chu", "079087001234,x"])
