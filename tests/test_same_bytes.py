"""The same input gives the same bytes in every output, whatever the machine's threads, locale, zone or hash seed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MOST_WORDS = 900
"""Of the page as it opens."""


def night(workspace: Path, threads: int, **environment: str) -> dict[str, bytes]:
    """Every file of the run by its path but the page of its times; of the manifest, all but its execution."""
    command = [sys.executable, "-m", "tests.whole_night", str(workspace), str(threads), "200000"]
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | environment, capture_output=True)
    folder = workspace / "runs" / "2026-11-22-1"
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    manifest = json.loads(files["manifest.json"])
    del manifest["execution"], files["times.html"]
    return files | {"manifest.json": json.dumps(manifest, sort_keys=True).encode()}


def test_two_workspaces_hold_the_same_bytes(tmp_path: Path) -> None:
    one = night(tmp_path / "one", 1, PYTHONHASHSEED="1", LC_ALL="C", TZ="UTC", POLARS_MAX_THREADS="1")
    two = night(tmp_path / "two", 4, PYTHONHASHSEED="2", LC_ALL="C.UTF-8", TZ="America/New_York")
    assert sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []
    assert len(one) > 10
    words = open_words(one["reports/summary.html"].decode())
    assert 300 < len(words) <= MOST_WORDS, "what is open at first sight; the rest belongs into <details>"


def open_words(page: str) -> list[str]:
    """The words of a page that are to be seen as it opens."""
    body = re.sub(r"(?s)<(style|title|desc)\b.*?</\1>", " ", page)
    folded = re.sub(r"(?s)<details>\s*<summary>(.*?)</summary>.*?</details>", r" \1 ", body)
    return re.sub(r"<[^>]*>", " ", folded).split()


def test_what_is_folded_away_is_not_counted() -> None:
    page = "<style>a b</style><p>một <b>hai</b></p><details><summary>ba</summary> bốn năm </details>"
    assert open_words(page) == ["một", "hai", "ba"]
