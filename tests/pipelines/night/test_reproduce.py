"""A night repeated from what was kept of it: every byte again; what was changed, lost or cannot be the same is told."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from pipelines.audit import verify
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.night import keep, reproduce
from pipelines.registry import load
from pipelines.workspace import archive
from tests.pipelines.nights import LIST, REGISTRY, through

RUN = "2026-11-22-1"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A finished night whose inbox is empty by now."""
    workspace = tmp_path_factory.mktemp("kept")
    settings = Settings(workspace=workspace, night=date(2026, 11, 22), asks=True)
    (settings.inbox_directory / "insurance").mkdir(parents=True)
    (settings.inbox_directory / "insurance" / "a.csv").write_text(LIST, encoding="utf-8")
    (workspace / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    load.load(settings, workspace / "registry.csv")
    through(settings)
    shutil.rmtree(settings.inbox_directory)
    return settings


def copy_of(night: Settings, folder: Path) -> Settings:
    """The same workspace, to be spoilt."""
    shutil.copytree(night.workspace, folder)
    return night.model_copy(update={"workspace": folder})


def test_every_byte_comes_out_again_and_what_is_taken_as_stored_is_said_first(night: Settings, tmp_path: Path) -> None:
    settings, said = copy_of(night, tmp_path / "copy"), list[str]()
    page = settings.runs_directory / RUN / "reports" / "summary.html"
    found = reproduce.reproduce(settings, RUN, said.append)
    assert found.is_same, found
    assert (found.same, tuple(said)) == (len(manifest(settings)["outputs"]), found.warned)
    assert "trả lời lấy từ bản đã lưu" in said[0]
    assert not list(settings.work_directory.glob(".*"))
    # Whoever changes an output and writes its checksum into the manifest is found out.
    page.write_text(page.read_text(encoding="utf-8") + "<!-- -->", encoding="utf-8")
    changed = manifest(settings)
    for each in changed["outputs"]:
        each["sha256"] = "0" * 64 if each["path"] == "reports/summary.html" else each["sha256"]
    (settings.runs_directory / RUN / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
    again = reproduce.reproduce(settings, RUN, said.append, tmp_path / "kept")
    assert again.different == ("reports/summary.html",)
    assert (tmp_path / "kept" / "runs" / RUN / "links.parquet").is_file()


def manifest(settings: Settings) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads((settings.runs_directory / RUN / "manifest.json").read_bytes())
    return found


def test_the_manifest_seals_what_was_kept_and_verify_needs_no_inbox(night: Settings, tmp_path: Path) -> None:
    settings = copy_of(night, tmp_path / "copy")
    path = settings.runs_directory / RUN / "manifest.json"
    assert verify.verify(path) == []
    held = keep.kept(settings, RUN)
    assert held is not None
    kept_file = archive.object_path(settings.archive_directory, held.inputs["insurance/a.csv"])
    kept_file.write_bytes(b"x")
    assert [(fault.path, fault.kind) for fault in verify.verify(path)] == [("archive/insurance/a.csv", "changed")]
    kept_file.unlink()
    assert [(fault.path, fault.kind) for fault in verify.verify(path)] == [("archive/insurance/a.csv", "missing")]
    keep.index_of(settings, RUN).write_text("{}", encoding="utf-8")
    assert [(fault.path, fault.kind) for fault in verify.verify(path)] == [(f"archive/{RUN}.json", "changed")]


@pytest.mark.parametrize(
    ("spoil", "code"), [("index", "not_kept"), ("list", "archive_changed"), ("file", "not_kept_whole")]
)
def test_what_was_lost_is_told_before_anything_starts(night: Settings, tmp_path: Path, spoil: str, code: str) -> None:
    settings = copy_of(night, tmp_path / "copy")
    held = keep.kept(settings, RUN)
    assert held is not None
    index = keep.index_of(settings, RUN)
    if spoil == "index":
        index.unlink()
    elif spoil == "list":
        index.write_text(index.read_text(encoding="utf-8") + " ", encoding="utf-8")
    else:
        archive.object_path(settings.archive_directory, held.inputs["insurance/a.csv"]).unlink()
    with pytest.raises(BadInput) as told:
        reproduce.reproduce(settings, RUN, pytest.fail)
    assert told.value.code == code


def test_no_run_of_that_name(night: Settings) -> None:
    with pytest.raises(BadInput) as told:
        reproduce.reproduce(night, "2020-01-01-1", pytest.fail)
    assert told.value.code == "no_run"


def test_another_version_of_what_writes_bytes_is_said(night: Settings) -> None:
    held = keep.kept(night, RUN)
    assert held is not None
    before = json.loads((night.runs_directory / RUN / "manifest.json").read_bytes())
    before["versions"]["packages"]["duckdb"] = "0.1"
    said = reproduce.cannot_be_the_same(before, held)
    assert [sentence for sentence in said if sentence.startswith("duckdb: đêm đó 0.1")]
