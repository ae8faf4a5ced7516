"""A workspace with one file and one person, hops that only count, a filled run, commands, both state databases."""

import functools
import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.night import hops
from pipelines.registry import load
from pipelines.report.hop import report
from pipelines.workspace import state
from tests.pipelines.audit import whole
from tests.pipelines.filled_run import make_run
from tests.pipelines.linked import linked_run
from tests.pipelines.nights import LIST, REGISTRY, Counting, hop
from tests.pipelines.terminal import Sachsong, typed
from tests.pipelines.verify import postgres
from tests.pipelines.verify.stage import Stage

_numbers = itertools.count(1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "inbox" / "insurance").mkdir(parents=True)
    (tmp_path / "inbox" / "insurance" / "a.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    settings = Settings(workspace=tmp_path, night=date(2026, 11, 22))
    load.load(settings, tmp_path / "registry.csv")
    return settings


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Counting]:
    """All hops replaced by ones that count their calls; the last one writes the manifest."""
    functions = {each.name: Counting() for each in hops.HOPS}
    monkeypatch.setattr(hops, "HOPS", tuple(hop(name, function) for name, function in functions.items()))
    functions["report"].writes_manifest = True
    return functions


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


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A linked night of three pupils; a test that changes it puts it back."""
    return linked_run(tmp_path_factory.mktemp("linked"))


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A workspace with an order, a whole night with a question, a decision and signed heads; to be copied, not
    changed.
    """
    return whole.make(tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("keys") / "signing.key")


@pytest.fixture
def sachsong(capsys: pytest.CaptureFixture[str]) -> Sachsong:
    """Types a command and sees what it prints."""
    return functools.partial(typed, capsys)


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
