"""Where the gateway's memory is kept."""

from pathlib import Path

import pytest

from pipelines.errors import BadInput
from pipelines.gateway import memory


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="file"), memory.opened(tmp_path / "file" / "gateway.sqlite"):
        pass
