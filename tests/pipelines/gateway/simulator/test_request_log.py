"""Where the gateway's memory is kept."""

from pathlib import Path

import pytest

from pipelines.errors import BadInput
from pipelines.gateway.simulator import request_log


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="file"), request_log.open_log(tmp_path / "file" / "gateway.sqlite"):
        pass
