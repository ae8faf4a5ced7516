"""The command line's tests read English, whatever the machine's locale; test_language.py names its own."""

from collections.abc import Iterator

import pytest

from pipelines.cli import language


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SACHSONG_LANG", "en")
    language.choose("en")
    yield
    language.choose("vi")
