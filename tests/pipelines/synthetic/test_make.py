"""The whole of `make`: truth that fits the files row by row, the preset's shares, the same bytes each time."""

import csv
import filecmp
import io
import os
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines.errors import BadInput
from pipelines.synthetic import catalogue, registry
from pipelines.synthetic.make import Summary, make
from pipelines.synthetic.requests import plan
from vn import names

NIGHT = date(2026, 11, 22)
SAMPLE = Path(__file__).parents[3] / "data" / "sample"
REQUESTS = {request.file: request for request in plan("sample")}


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    """A hard registry of more than one chunk with a file of each sector."""
    out = tmp_path_factory.mktemp("hard")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "CHUNK", 9_000)
        made = make(out, 20_000, 3, plan("insurance=2000,students=1200,vaccination=3000"), "hard", NIGHT, "csv")
    return out, made


def text(path: Path, **options: str) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False, **options)  # type: ignore[arg-type]


def joined(out: Path, sector: str, file: str, separator: str = ",") -> pl.DataFrame:
    """A file's records beside the truth and the registry's row of the person."""
    people = text(out / "registry.csv")
    truth = text(out / "truth.csv").filter(pl.col("source_file") == file).sort(pl.col("source_row").cast(pl.Int64))
    records = text(out / "inbox" / sector / file, separator=separator)
    beside = pl.concat([truth, records.rename(lambda name: f"file {name}")], how="horizontal")
    return beside.join(people, on="person_id", how="left", maintain_order="left")


def test_as_many_records_as_were_asked_for(hard: tuple[Path, Summary]) -> None:
    out, made = hard
    assert made.files == {
        "insurance/bao_hiem.csv": 2000,
        "students/hoc_sinh.csv": 1200,
        "vaccination/tiem_chung.csv": 3000,
    }
    assert sum(made.kinds.values()) == 6200
    truth = text(out / "truth.csv")
    assert truth.select("source_file", "source_row").is_unique().all()
    assert dict(Counter(truth["kind"].to_list())) == made.kinds


def test_exact_records_say_what_the_registry_says(hard: tuple[Path, Summary]) -> None:
    beside = joined(hard[0], "insurance", "bao_hiem.csv").filter(pl.col("kind") == "exact")
    assert beside.height > 200
    assert beside["errors"].null_count() + (beside["errors"] == "").sum() == beside.height
    assert (beside["file Họ và tên"] == beside["full_name"]).all()
    assert (beside["file Số CCCD/ĐDCN"] == beside["person_id"]).all()
    assert (beside["file Giới tính"] == beside["sex"]).all()
    known = beside["date_of_birth"].str.split("-").list.reverse().list.join("/")
    assert (beside["file Ngày sinh"] == known).all()


def test_lossless_records_are_right_and_repairable_ones_are_not(hard: tuple[Path, Summary]) -> None:
    beside = joined(hard[0], "insurance", "bao_hiem.csv")
    codes = pl.col("errors").str.split(";")
    kinds = beside.with_columns(lost=codes.list.eval(~pl.element().is_in(catalogue.lossless())).list.any())
    assert not kinds.filter(pl.col("kind") == "lossless")["lost"].any()
    assert kinds.filter(pl.col("kind") == "repairable")["lost"].all()
    fonts = pl.col("errors").str.contains("name_tcvn3|name_vni")  # rare clan names are in no list that could prove them
    right = kinds.filter((pl.col("kind") == "lossless") & ~fonts)
    mended = names.standardise(right["file Họ và tên"])["full_name"]
    assert [wrong for wrong in mended.filter(mended != right["full_name"])] == []


def test_people_in_no_registry_are_in_no_registry(hard: tuple[Path, Summary]) -> None:
    people = set(text(hard[0] / "registry.csv")["person_id"])
    for sector, file, column, separator in (
        ("insurance", "bao_hiem.csv", "file Số CCCD/ĐDCN", ","),
        ("vaccination", "tiem_chung.csv", "file so_cccd", ","),
        ("students", "hoc_sinh.csv", "file Số ĐDCN", ";"),
    ):
        strange = joined(hard[0], sector, file, separator).filter(pl.col("kind") == "not_in_registry")
        assert strange.height > 50
        assert strange["person_id"].null_count() == strange.height
        assert not people & set(strange[column])


def test_kinds_are_what_they_are_called(hard: tuple[Path, Summary]) -> None:
    beside = joined(hard[0], "vaccination", "tiem_chung.csv")
    assert set(beside.filter(pl.col("kind") == "deceased")["status"]) == {"deceased"}
    assert set(beside.filter(pl.col("kind") == "exact")["status"]) == {"alive"}
    number = beside.filter(pl.col("kind") == "wrong_id")
    assert (number["file so_cccd"].is_not_null() & (number["file so_cccd"] != number["person_id"])).all()
    cancelled = beside.filter(pl.col("errors").str.contains("id_cancelled"))
    assert cancelled.height > 5
    assert all(old in all_old for old, all_old in zip(cancelled["file so_cccd"], cancelled["old_ids"], strict=True))
    parents = beside.filter(pl.col("errors").str.contains("id_of_parent"))
    assert parents.height > 5


def test_a_duplicate_comes_after_its_original(hard: tuple[Path, Summary]) -> None:
    beside = joined(hard[0], "insurance", "bao_hiem.csv").with_row_index("place")
    first = beside.group_by("person_id").agg(pl.col("place").min().alias("first"))
    again = beside.filter(pl.col("kind") == "duplicate").join(first, on="person_id")
    assert again.height == 54 + 54 + 12, "6 % of 900, 900 and 200 records"
    assert (again["first"] < again["place"]).all()
    once = beside.filter(pl.col("kind") != "duplicate")
    assert once["person_id"].drop_nulls().is_unique().all()
    codes = again.join(beside.filter(pl.col("kind") != "duplicate"), on="person_id")
    both = float((codes["file Mã số BHXH"] == codes["file Mã số BHXH_right"]).mean() or 0)
    assert 0.3 < both < 0.7, "half of those who stand twice have two codes"


@pytest.mark.parametrize(
    ("preset", "kind", "low", "high"),
    [
        ("vaccination-2022", "no_id", 0.04, 0.06),
        ("mature-2025", "repairable", 0.002, 0.012),
        ("hard", "no_id", 0.17, 0.23),
    ],
)
def test_shares_are_the_preset_s(tmp_path: Path, preset: str, kind: str, low: float, high: float) -> None:
    made = make(tmp_path, 12_000, 8, plan("vaccination=5000"), preset, NIGHT)
    assert low < made.kinds[kind] / 5000 < high


def test_a_registry_does_not_change_with_the_files_asked_for(tmp_path: Path) -> None:
    alone, beside = tmp_path / "a", tmp_path / "b"
    make(alone, 3_000, 5)
    make(beside, 3_000, 5, plan("students=50"))
    assert filecmp.cmp(alone / "registry.parquet", beside / "registry.parquet", shallow=False)
    assert not (alone / "truth.parquet").exists()


@pytest.mark.parametrize(
    ("people", "seed", "preset", "form"),
    [(0, 1, "hard", "csv"), (5, -1, "hard", "csv"), (5, 1, "?", "csv"), (5, 1, "hard", "xml")],
)
def test_bad_input_is_named_and_writes_nothing(tmp_path: Path, people: int, seed: int, preset: str, form: str) -> None:
    with pytest.raises(BadInput):
        make(tmp_path / "out", people, seed, plan("students=5"), preset, NIGHT, form)
    assert not (tmp_path / "out").exists()


def test_even_one_person_is_a_registry(tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []
    made = make(tmp_path, 1, 0, plan("all"), progress=lambda part, whole: done.append((part, whole)))
    assert pl.read_parquet(made.registry).height == 1
    assert done == [(1, 1)]


def test_the_sample_is_what_the_command_makes(tmp_path: Path) -> None:
    """In another process with one thread and another hash seed: byte for byte the files of `data/sample`."""
    command = [sys.executable, "-m", "pipelines.cli", "registry", "make", "--out", str(tmp_path), "--people", "10000"]
    command += ["--seed", "2026", "--night", "2026-11-22", "--format", "csv", "--lists", "sample"]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "77", "LC_ALL": "C"}
    subprocess.run(command, check=True, env=environment, capture_output=True, timeout=120)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    kept = sorted(path.relative_to(SAMPLE) for path in SAMPLE.rglob("*") if path.is_file() and path.suffix != ".md")
    assert made == kept
    assert [path for path in made if not filecmp.cmp(tmp_path / path, SAMPLE / path, shallow=False)] == []


def sample_cells(sector: str, file: str) -> list[list[str]]:
    """All lines of a sample file, read without any of our code."""
    path, request = SAMPLE / "inbox" / sector / file, REQUESTS[file]
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[0]
        return [["" if cell.value is None else str(cell.value) for cell in row] for row in sheet.iter_rows()]
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        return [frame.columns, *([cell or "" for cell in row] for row in frame.rows())]
    content = unicodedata.normalize("NFC", path.read_bytes().decode(request.encoding))
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=request.delimiter))


@pytest.mark.parametrize("file", sorted(REQUESTS))
def test_source_rows_of_the_sample_point_at_the_record(file: str) -> None:
    request = REQUESTS[file]
    cells = sample_cells(request.sector, file)
    truth = text(SAMPLE / "truth.csv").filter(pl.col("source_file") == file, pl.col("sector") == request.sector)
    assert [int(row) for row in truth["source_row"]] == list(range(request.header_row + 1, len(cells) + 1))
    header = cells[request.header_row - 1]
    assert header == list(request.columns.values())
    place = header.index(request.columns["id_number"])
    exact = truth.filter(pl.col("kind") == "exact")
    assert exact.height > 50
    for row, person in exact.select("source_row", "person_id").rows():
        assert cells[int(row) - 1][place] == person


def test_the_sample_shows_what_it_is_for() -> None:
    truth = text(SAMPLE / "truth.csv")
    zone = truth.filter(pl.col("source_file").str.starts_with("khu_cong_nghiep"), pl.col("kind") == "not_in_registry")
    assert zone.height > 30, "an industrial zone with people who are in no registry"
    excel = truth.filter(pl.col("source_file").str.ends_with(".xlsx"))["errors"].str.split(";").explode()
    assert {"id_zeros_lost", "id_scientific", "id_point_zero"} <= set(excel)
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 4_000_000
    assert 1_000 <= truth.height <= 3_000
    assert text(SAMPLE / "registry.csv").height == 10_000
