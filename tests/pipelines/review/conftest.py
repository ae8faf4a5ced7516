"""A handed-on night of a few records, its worklist, and a state database with accounts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from pipelines.config import Run, Settings
from pipelines.review import index
from pipelines.review.worklist import Worklist
from pipelines.workspace import state
from tests.pipelines.review.small_worklist import handed_on


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A handed-on night; not to be changed by a test."""
    return handed_on(tmp_path_factory.mktemp("night"))


@pytest.fixture(scope="session")
def worklist(night: Run) -> Worklist:
    """Its worklist."""
    return Worklist(index.build(night))


@pytest.fixture
def engine(tmp_path: Path, state_url: str | None) -> Iterator[Engine]:
    """An empty state database: SQLite, then PostgreSQL."""
    with state.opened(Settings(workspace=tmp_path, state_url=state_url)) as opened:
        yield opened
