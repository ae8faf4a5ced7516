"""Both kinds of state database: what holds on one must hold on the other."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.workspace import state
from tests.pipelines.verify import postgres
from tests.pipelines.verify.stage import Stage

_numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest) -> str | None:
    """None: SQLite in the workspace."""
    if request.param == "sqlite":
        return None
    return postgres.database(request.getfixturevalue("postgres_server"), f"state{next(_numbers)}")


@pytest.fixture
def stage(tmp_path: Path, state_url: str | None) -> Iterator[Stage]:
    settings = Settings(workspace=tmp_path, state_url=state_url)
    with state.opened(settings) as engine:
        yield Stage(engine)
