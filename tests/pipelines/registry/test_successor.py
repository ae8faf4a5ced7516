"""Which file may replace the registry in force: never a sector list, never other or fewer people unasked."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Settings
from pipelines.errors import RegistryInvalid
from pipelines.registry import load, snapshot
from tests.pipelines.terminal import Sachsong

HEADER = "person_id,full_name,date_of_birth,sex,old_ids,status"
PEOPLE = 1_000


def person(n: int, *, name: str = "Nguyễn Văn An", born: str = "1987-09-05", rest: str = ",alive") -> str:
    return f"079087{n:06},{name},{born},Nam,{rest}"


def registry(folder: Path, *rows: str, name: str = "r.csv", header: str = HEADER) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder / name


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A workspace with a registry of a thousand people, of whom every tenth has died."""
    settings = Settings(workspace=tmp_path / "w", threads=2, memory_mb=512)
    rows = [person(n, rest=f"27145{n:04},deceased" if n % 10 == 0 else ",alive") for n in range(PEOPLE)]
    load.load(settings, registry(tmp_path, *rows))
    return settings


def of(*numbers: int) -> list[str]:
    return [person(n, rest=f"27145{n:04},deceased" if n % 10 == 0 else ",alive") for n in numbers]


REFUSED = [
    # the new file's people, the code, what the message says, why
    (of(*range(159)), "registry_shrinks", "1.000 người, tệp mới 159 người", "a part is no successor"),
    (of(*range(985)), "registry_shrinks", "thiếu 15 người", "1.5 % gone is more than errors are"),
    (of(*range(5_000, 6_500)), "registry_shrinks", "thiếu 1.000 người", "more people, but others"),
    (
        [person(n, name="Trần Thị Bình", rest=",deceased") for n in range(PEOPLE)],
        "registry_differs",
        "1.000 số định danh là của người khác",
        "the same numbers, given to others",
    ),
    ([person(n) for n in range(PEOPLE)], "registry_lacks", "old_ids", "nobody dead, no earlier numbers: no registry"),
]


@pytest.mark.parametrize(("rows", "code", "told", "why"), REFUSED)
def test_what_is_no_successor_is_refused_and_the_registry_stays(
    settings: Settings, tmp_path: Path, rows: list[str], code: str, told: str, why: str
) -> None:
    before = snapshot.current(settings)
    with pytest.raises(RegistryInvalid, match=told) as refused:
        load.load(settings, registry(tmp_path, *rows, name="new.csv"))
    assert refused.value.code == code, why
    assert "--replace" in str(refused.value)
    assert snapshot.current(settings) == before
    # Whoever says so replaces it all the same.
    replaced = load.load(settings, tmp_path / "new.csv", replace=True)
    assert snapshot.current(settings) == replaced


TAKEN = [
    (of(*range(PEOPLE + 50)), "births"),
    (of(*range(5, PEOPLE)), "half a percent taken out as errors"),
    ([*of(*range(50, PEOPLE)), *(person(n, name="Trần Văn An") for n in range(50))], "one name in twenty corrected"),
]


@pytest.mark.parametrize(("rows", "why"), TAKEN)
def test_the_registry_of_another_day_is_taken(settings: Settings, tmp_path: Path, rows: list[str], why: str) -> None:
    found = load.load(settings, registry(tmp_path, *rows, name="new.csv"))
    assert snapshot.current(settings) == found, why


PUPILS = "Số định danh,Họ và tên,Ngày sinh,Giới tính,Mã học sinh,Tên trường,Lớp"


def test_a_pupils_list_never_becomes_the_registry_not_even_the_first(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "w", threads=2, memory_mb=512)
    file = registry(tmp_path, "079214000001,Lê Thị Hoa,02/03/2014,Nữ,HS01,THCS Lê Lợi,6A", header=PUPILS)
    with pytest.raises(RegistryInvalid, match="Mã học sinh") as refused:
        load.load(settings, file)
    assert refused.value.code == "sector_file"
    assert not (settings.registry_directory / snapshot.POINTER).exists()


def test_a_registry_of_the_mandatory_columns_alone_is_one(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "w", threads=2, memory_mb=512)
    header = "person_id,full_name,date_of_birth,sex,ghi chú"
    file = registry(tmp_path, "079214000001,Lê Thị Hoa,2014-03-02,Nữ,x", header=header)
    assert load.load(settings, file).people == 1


def test_a_change_feed_may_change_as_many_as_it_likes(settings: Settings, tmp_path: Path) -> None:
    rows = [f"079087{n:06},delete" for n in range(500)]
    feed = registry(tmp_path, *rows, name="feed.csv", header="person_id,change")
    assert load.load(settings, feed).people == PEOPLE - 500


def test_the_command_line_says_it_in_a_sentence(settings: Settings, tmp_path: Path, sachsong: Sachsong) -> None:
    file = registry(tmp_path, *of(*range(159)), name="new.csv")
    for arguments in (("registry", "load", file), ("nightly", "--registry", file)):
        code, _, error = sachsong(*arguments, "--workspace", settings.workspace)
        assert (code, "--replace" in error) == (2, True)
    assert sachsong("registry", "load", file, "--replace", "--workspace", settings.workspace).code == 0
    assert pl.read_parquet(snapshot.current(settings).path).height == 159
