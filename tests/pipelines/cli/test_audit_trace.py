"""`sachsong audit trace | reproduce`: bad usage is told; the way itself: tests/pipelines/review/trace."""

from pipelines.config import Run
from tests.pipelines.terminal import Sachsong


def test_reading_unmasked_needs_a_name_and_a_reason(written: Run, sachsong: Sachsong) -> None:
    code, _, error = sachsong("audit", "trace", "x", "--workspace", written.settings.workspace, "--unmasked")
    assert (code, "--because" in error) == (2, True)


def test_a_run_that_was_not_kept_is_told(written: Run, sachsong: Sachsong) -> None:
    code, _, error = sachsong("audit", "reproduce", written.run_id, "--workspace", written.settings.workspace)
    assert (code, "not kept" in error or "không còn giữ" in error.lower()) == (2, True)
