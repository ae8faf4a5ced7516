"""Visitors of the review pages on a handed-on night, with a state database of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from pipelines.config import Run, Settings
from pipelines.review.worklist import Worklist
from pipelines.workspace import state
from tests.pipelines.review.web.visitor import Visitor, served


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty state database; the pages use it through functions that are tested on both."""
    with state.opened(Settings(workspace=tmp_path)) as opened:
        yield opened


@pytest.fixture
def origin(night: Run, worklist: Worklist, engine: Engine) -> Iterator[str]:
    """Where the pages are served meanwhile."""
    with served(night, engine) as url:
        yield url


@pytest.fixture
def visitor(origin: str, engine: Engine) -> Callable[[str | None], Visitor]:
    """Somebody at a browser, by name; None: not signed in."""
    return lambda name: Visitor(origin, engine, name)
