"""`sachsong audit scores | sample | estimate` as they are typed."""

import json
from pathlib import Path

from pipelines.config import Run
from pipelines.night.progress import Progress, save_progress
from tests.pipelines.terminal import Sachsong


def test_scores_are_told_and_ranked(written: Run, sachsong: Sachsong) -> None:
    workspace = written.settings.workspace
    code, out, _ = sachsong("audit", "scores", "--workspace", workspace, "--family", "correct")
    assert code == 0
    assert "students" in out
    code, out, _ = sachsong("audit", "scores", "--workspace", workspace, "--level", "province", "--json")
    assert (code, set(json.loads(out))) == (0, {"correct", "complete", "clean", "live"})
    code, out, _ = sachsong("audit", "scores", "--workspace", workspace, "--trend", "--json")
    assert {row["night"] for row in json.loads(out)} == {"2026-11-22"}


def test_a_sample_is_drawn_filled_in_and_estimated(written: Run, sachsong: Sachsong, tmp_path: Path) -> None:
    save_progress(written, Progress(fingerprint="", inbox=None, daily_cap=0, done={"report": {}}))
    drawn = tmp_path / "sample.csv"
    code, _, _ = sachsong(
        "audit", "sample", "--workspace", written.settings.workspace, "--out", drawn, "--size", "30", "--seed", "x"
    )
    assert code == 0
    filled = [line.removesuffix(",,") + ",đúng," for line in drawn.read_text(encoding="utf-8-sig").splitlines()[1:]]
    head = drawn.read_text(encoding="utf-8-sig").splitlines()[0]
    drawn.write_text("\n".join([head, *filled]) + "\n", encoding="utf-8")
    code, out, _ = sachsong("audit", "estimate", drawn, "--json")
    found = json.loads(out)
    assert (code, found["all"]["share"], found["checked"]) == (0, 1.0, len(filled))
    code, _, error = sachsong("audit", "estimate", tmp_path / "none.csv")
    assert (code, "none.csv" in error) == (2, True)
