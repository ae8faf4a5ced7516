from pathlib import Path

import pytest

from pipelines.config import Run
from pipelines.report.hop import report

from .builder import make_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run whose tables are filled, nothing written yet."""
    return make_run(tmp_path)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose report is written; not to be changed by a test."""
    run = make_run(tmp_path_factory.mktemp("written"))
    report(run)
    return run
