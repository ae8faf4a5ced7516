"""The command line's tests read English, whatever the machine's locale; test_language.py names its own."""

import pytest


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SACHSONG_LANG", "en")
