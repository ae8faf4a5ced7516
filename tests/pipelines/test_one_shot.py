"""One file against one registry: what is told before any work."""

from pathlib import Path

import pytest

from pipelines import one_shot
from pipelines.config import Settings
from pipelines.errors import BadInput


@pytest.mark.parametrize("below", [".", "results"])
def test_an_output_that_is_no_folder_is_the_officers_to_mend(tmp_path: Path, below: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text("ho_ten,ngay_sinh,gioi_tinh,so_cccd\n", encoding="utf-8")
    with pytest.raises(BadInput, match="--out"):
        one_shot.match(Settings(workspace=tmp_path / "w"), file, "students", file, file / below)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.csv"]
