"""What was kept of a run: the list as the manifest seals it. Contents: tests/pipelines/night/test_reproduce.py."""

from pathlib import Path

import pytest

from pipelines.audit import archive_check
from pipelines.workspace import archive
from pipelines.workspace.checksums import sha256

LIST = (
    '{"inputs": {"a.csv": "%s"}, "lacking": [%s], "code": {}, "sectors": {}, "answered": {}, "known": null, '
    '"before_scores": null, "before_manifest": null}'
)


@pytest.mark.parametrize(
    ("spoil", "kinds"), [("", []), ("lacking", ["missing"]), ("flip", ["changed"]), ("list", ["changed"])]
)
def test_every_content_is_looked_at(tmp_path: Path, spoil: str, kinds: list[str]) -> None:
    content = archive.keep_bytes(tmp_path, b"one")
    index = tmp_path / "2026-11-22-1.json"
    index.write_text(LIST % (content, '"a.csv"' if spoil == "lacking" else ""), encoding="utf-8")
    digest = sha256(index)
    if spoil == "flip":
        archive.object_path(tmp_path, content).write_bytes(b"0ne")
    if spoil == "list":
        index.write_text("{}", encoding="utf-8")
    assert [fault.kind for fault in archive_check.faults_of(tmp_path, "2026-11-22-1", digest)] == kinds


def test_a_list_that_is_gone_is_one_fault(tmp_path: Path) -> None:
    (fault,) = archive_check.faults_of(tmp_path, "2026-11-22-1", "0" * 64)
    assert (fault.path, fault.kind) == ("archive/2026-11-22-1.json", "missing")
