"""The secret comes from a file or the environment, and is long enough."""

from pathlib import Path

import pytest

from pipelines.errors import BadInput
from pipelines.gateway.protocol import secret

LONG = "0123456789abcdef"


def test_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(secret.VARIABLE, LONG)
    assert secret.read() == LONG.encode()
    file = tmp_path / "secret"
    file.write_text(f"{LONG * 2}\n", encoding="utf-8")
    assert secret.read(file) == (LONG * 2).encode(), "the file goes before"


@pytest.mark.parametrize("text", ["", "  ", LONG[1:]])
def test_a_secret_that_is_none(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(secret.VARIABLE, text)
    file = tmp_path / "secret"
    file.write_text(text, encoding="utf-8")
    for chosen in (None, file, tmp_path / "nowhere"):
        with pytest.raises(BadInput) as raised:
            secret.read(chosen)
        assert not text.strip() or text not in str(raised.value)
