"""Planted identities through a whole night: found where docs/privacy.md says that they belong, nowhere else."""

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.registry import load
from pipelines.report import letters, published
from tests import canaries
from tests.canaries import SECTORS, Canary
from tests.pipelines.nights import through

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
BELONGS = re.compile(
    r"inbox/.*|registry\.csv|registry/.*|archive/objects/.*|linked/.*|review/.*|(state|gateway)\.sqlite"
    r"|work/[^/]*\.duckdb|runs/[^/]*/(cleaned/.*|reports/(lists|answers)/.*|(links|verifications|duplicates)\.parquet)"
)


def elsewhere(root: Path, planted: list[Canary]) -> dict[str, str]:
    return {name: said for name, said in canaries.found_in(root, planted).items() if not BELONGS.fullmatch(name)}


def of_others(workspace: Path, planted: list[Canary]) -> dict[str, set[str]]:
    """List → numbers and codes in it of people whom its sector did not send. (b.xlsx has everybody for students.)"""
    found = {}
    for number, sector in enumerate(SECTORS):
        if sector == "students":
            continue
        others = {text for at, each in enumerate(planted) if at % 3 != number for text in (each.number, each.code)}
        lists = sorted(workspace.glob(f"runs/*/reports/lists/{sector}-*.xlsx"))
        assert lists, sector
        for path in lists:
            found[path.name] = {hit for text in canaries.texts_of(path) for hit in canaries.secrets_in(text, others)}
            found[path.name] = {hit for hit in found[path.name] if hit in others}
    return found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("so_079060417113.csv", True),
        ("lò khuyên ánh", True),
        ("LO KHUYEN ANH", True),
        ("lo-khuyen-anh.txt", True),
        ("L\\u00f2 Khuy\\u00ean \\u00c1nh", True),
        ("079*****7113, L. K. Á. Á.", False),
        ("1079060417113", False),
    ],
)
def test_a_canary_is_seen_in_many_forms(said: str, found: bool) -> None:
    assert any(canaries.secrets_in(said, {"079060417113"})) == found


def test_identities_are_found_only_where_they_belong(tmp_path: Path) -> None:
    planted = canaries.plant(30)
    canaries.lay_out(tmp_path, planted)
    settings = Settings(workspace=tmp_path, night=date(2026, 11, 22), asks=True)
    load.load(settings, tmp_path / "registry.csv")
    run = through(settings)
    letters.write(run, tmp_path / "digest")
    published.write(run, tmp_path / "published", "An")
    assert elsewhere(tmp_path, planted) == {}
    assert not any(of_others(tmp_path, planted).values())
    seen = canaries.found_in(tmp_path, planted)
    assert {f"runs/{run.run_id}/cleaned/{sector}.parquet" for sector in SECTORS} <= set(seen), "the search works"
    assert "runs/2026-11-22-1/reports/lists/students-79.xlsx" in seen


@pytest.mark.long
def test_a_thousand_identities_under_prefect_and_in_what_commands_say(tmp_path: Path) -> None:
    home, scratch, workspace = (tmp_path / name for name in ("home", "scratch", "workspace"))
    for folder in (home, scratch, workspace):
        folder.mkdir()
    planted = canaries.plant(1_000)
    canaries.lay_out(workspace, planted)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    environment = kept | {"HOME": str(home), "TMPDIR": str(scratch)}

    def typed(*arguments: object, ends_with: int = 0) -> str:
        command = [BIN / "sachsong", *map(str, arguments), "--workspace", workspace]
        done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=900)
        assert done.returncode == ends_with, (arguments, done.stderr)
        return done.stdout + done.stderr

    night = ("--night", "2026-11-22", "--ask-past", "--registry", workspace / "registry.csv")
    printed = [typed("nightly", *night, ends_with=2)]  # files without a header are refused
    for verb in ("publish", "digest", "audit verify", "audit scores", "audit log", "queue status", "corrections list"):
        printed.append(typed(*verb.split()))
    first = ("--file", "b.xlsx", "--row", 9)
    printed += [typed("audit", "trace", *first), typed("audit", "trace", *first, "--html", workspace / "trace.html")]
    secrets = {text for each in planted for text in (each.number, each.code)}
    assert [hit for text in printed for hit in canaries.secrets_in(text, secrets)] == []
    assert (workspace / "work" / "prefect" / "prefect.db").is_file()
    assert elsewhere(workspace, planted) == {}
    assert canaries.found_in(home, planted) == {}
    assert canaries.found_in(scratch, planted) == {}
    assert not any(of_others(workspace, planted).values())
    assert [path for path in (workspace, *workspace.rglob("*")) if path.lstat().st_mode & 0o077] == []
