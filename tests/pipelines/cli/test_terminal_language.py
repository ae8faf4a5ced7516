"""What verbs print is in one language; names that are somebody's own stay as they are."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Settings
from pipelines.night import hops, runs
from pipelines.registry import load
from tests.pipelines.nights import LIST, REGISTRY
from tests.pipelines.terminal import Printed, Sachsong, marked

NIGHT = "2026-11-22"
OWN = ("Hà Nội", "Hồ Chí Minh", "Nguyễn", "Trần", "Văn", "Thị", "Việt Nam")
"""Names, which no language translates."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spoken")
    settings = Settings(workspace=folder, night=date.fromisoformat(NIGHT), daily_cap=0, threads=1, asks=True)
    (settings.inbox_directory / "insurance").mkdir(parents=True)
    (settings.inbox_directory / "insurance" / "a.csv").write_text(LIST, encoding="utf-8")
    (folder / "r.csv").write_text(REGISTRY, encoding="utf-8")
    load.load(settings, folder / "r.csv")
    run = runs.open_run(settings)
    for hop in hops.HOPS:
        hops.run_hop(run, hop)
    return folder


def told(printed: Printed) -> tuple[int, str]:
    return printed.code, printed.out + printed.err


VERBS = [
    ("report", "Kết quả", "Outcome"),
    ("registry info", "người", "people"),
    ("queue status", "hạn mức", "cap"),
    ("queue explain {record}", "Đứng thứ", "Place 1 within"),
    ("queue plan --days 5", "Khi nào hết tồn đọng", "earliest"),
    ("queue simulate --days 5", "Từng ngày", "arrived"),
    ("explain {record}", "Mức đóng góp", "weight of each field"),
    ("audit verify", "Nhật ký, sổ hạn mức và mọi tệp đúng như đã ghi", "every file are as recorded"),
    ("load {folder}/inbox/insurance/a.csv --explain", "Được hiểu là", "taken as"),
]


@pytest.mark.parametrize(("typed", "vietnamese", "english"), VERBS, ids=[each[0].split()[0] for each in VERBS])
def test_a_verb_prints_one_language(
    workspace: Path, sachsong: Sachsong, typed: str, vietnamese: str, english: str
) -> None:
    record = pl.read_parquet(workspace / "runs" / f"{NIGHT}-1" / "verifications.parquet")["record_id"][0]
    arguments = [*typed.format(record=record, folder=workspace).split(), "--workspace", str(workspace)]
    code, out = told(sachsong(*arguments, "--lang", "vi"))
    assert (code, vietnamese.lower() in out.lower()) == (0, True), out
    assert english.lower() not in out.lower()
    code, out = told(sachsong(*arguments, "--lang", "en"))
    assert (code, english.lower() in out.lower()) == (0, True), out
    headers = (workspace / "r.csv").read_text(encoding="utf-8") + LIST
    words = [word for word in out.split() if word.strip(",.·;:()[]") not in headers]
    rest = " ".join(words)
    for name in OWN:
        rest = rest.replace(name, "")
    assert marked(rest) == [], rest


@pytest.mark.parametrize("verb", ["report", "queue status", "registry info", "audit verify"])
def test_json_is_the_same_in_both(workspace: Path, sachsong: Sachsong, verb: str) -> None:
    arguments = (*verb.split(), "--json", "--workspace", workspace, "--lang")
    assert json.loads(sachsong(*arguments, "vi").out) == json.loads(sachsong(*arguments, "en").out)
