"""The workspace whose state database is the stage's: for what opens it by its settings."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Settings


@pytest.fixture
def settings(tmp_path: Path, state_url: str | None) -> Settings:
    return Settings(workspace=tmp_path, state_url=state_url, night=date(2026, 11, 22), daily_cap=40)
