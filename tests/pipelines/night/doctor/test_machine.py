"""The machine, with faults on purpose."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.night.doctor import machine


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(workspace=tmp_path, memory_mb=3_000)


def test_an_old_python_is_a_fault() -> None:
    assert machine.python((3, 10, 4)).grade == "fault"
    assert machine.python((3, 11, 0)).grade == "ok"


def test_packages_are_compared_with_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("polars==1.0 \\\n    --hash=sha256:0\nruamel.yaml==2.0\nuvicorn[standard]==3.0\n", encoding="utf-8")
    there = {"polars": "1.0", "ruamel-yaml": "2.0", "uvicorn": "3.0"}
    assert machine.packages(lock, there).grade == "ok"
    found = machine.packages(lock, there | {"polars": "1.1"})
    assert (found.grade, "polars" in found.found, "make install" in found.remedy) == ("warning", True, True)
    assert machine.packages(tmp_path / "none", {}).grade == "ok", "no clone, no lock"


def test_too_little_memory_names_the_limit_that_fits(settings: Settings) -> None:
    assert machine.memory(settings, 4_500_000_000).grade == "ok"
    found = machine.memory(settings, 4_000_000_000)
    assert (found.grade, "memory_mb = 2500" in found.remedy) == ("fault", True)


@pytest.mark.parametrize(("name", "grade"), [("UTF-8", "ok"), ("utf8", "ok"), ("ANSI_X3.4-1968", "warning")])
def test_an_encoding_without_vietnamese_is_told(name: str, grade: str) -> None:
    assert machine.encoding(name).grade == grade


def test_fonts_are_asked_for_by_the_language() -> None:
    assert machine.fonts("DejaVu Sans\n").grade == "ok"
    assert machine.fonts("").grade == "warning"


def test_a_clock_before_the_last_night_or_the_installation_is_wrong(settings: Settings) -> None:
    assert machine.clock(settings).grade == "ok"
    assert machine.clock(settings, datetime(1970, 1, 1, tzinfo=UTC)).grade == "fault"
    (settings.runs_directory / "2099-01-01-1").mkdir(parents=True)
    assert machine.clock(settings).grade == "fault"
    assert machine.clock(settings, zone="Asia/Nowhere").grade == "fault"
