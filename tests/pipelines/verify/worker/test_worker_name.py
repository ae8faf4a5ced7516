"""Each worker of a workspace has a name of its own, and the same one when it is started again."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.verify.worker import worker_name


def test_two_at_once_have_two_names_and_a_name_is_free_again(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "new")
    with worker_name.take_name(settings) as first:
        with worker_name.take_name(settings) as second:
            assert first.endswith(":work")
            assert second == first + "2"
        with worker_name.take_name(settings) as again:
            assert again == second
    with worker_name.take_name(settings) as again:
        assert again == first


def test_a_name_that_was_given_is_taken_once(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path, worker="ca đêm")
    with worker_name.take_name(settings) as name:
        assert name == "ca đêm"
        with pytest.raises(BadInput, match="another --worker"), worker_name.take_name(settings):
            pass


def test_a_killed_worker_leaves_its_seat(tmp_path: Path) -> None:
    program = (
        "import os, signal\nfrom pathlib import Path\nfrom pipelines.config import Settings\n"
        "from pipelines.verify.worker import worker_name\n"
        f"with worker_name.take_name(Settings(workspace=Path({str(tmp_path)!r}))): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    with worker_name.take_name(Settings(workspace=tmp_path)) as name:
        assert name.endswith(":work")


def test_a_workspace_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(BadInput, match="cannot be written"),
        worker_name.take_name(Settings(workspace=tmp_path / "file")),
    ):
        pass
