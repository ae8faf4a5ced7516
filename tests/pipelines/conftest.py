"""A workspace with one file and one person, and hops that only count."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.night import hops
from pipelines.registry import load
from tests.pipelines.nights import LIST, REGISTRY, Counting, hop


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
