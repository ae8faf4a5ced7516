"""The Prefect server of a night: named when lost, started anew on a broken history, not blamed for a full disk."""

import socket
import subprocess
from datetime import date
from pathlib import Path

import pytest

import flows
from pipelines.config import Settings
from pipelines.night import own_server, prefect_server
from pipelines.night.own_server import Server
from pipelines.night.prefect_server import ServerLost


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def test_a_configured_server_that_is_down_is_named_with_the_remedy(tmp_path: Path, closed_port: int) -> None:
    address = f"http://127.0.0.1:{closed_port}/api"
    with (
        prefect_server.temporary_settings({prefect_server.PREFECT_API_URL: address}),
        pytest.raises(ServerLost, match="PREFECT_API_URL") as lost,
    ):
        flows.run_nightly(Settings(workspace=tmp_path, night=date(2026, 11, 22)))
    assert address in str(lost.value)
    assert lost.value.exit_code == 3


def test_the_sentence_names_the_profile_that_names_a_lost_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_PROFILES_PATH", "/srv/profiles.toml")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    profile = (
        f"PREFECT_API_URL của hồ sơ «{prefect_server.get_settings_context().profile.name}» trong «/srv/profiles.toml»"
    )
    assert profile in str(ServerLost("http://127.0.0.1:9/api", None))
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert "bỏ biến PREFECT_API_URL" in str(ServerLost("http://127.0.0.1:9/api", None))
    assert "PREFECT_API_URL" not in str(ServerLost(None, None))


def test_a_server_that_cannot_start_on_its_history_starts_without_it(tmp_path: Path) -> None:
    """Prefect's own database can be rebuilt: it must never keep a night from running."""
    (tmp_path / "prefect.db").write_bytes(b"not a database" * 500)
    server = prefect_server._started(tmp_path, own_server.start(tmp_path), lambda: None)
    try:
        assert server.port > 0
        assert (tmp_path / "broken-prefect.db").read_bytes().startswith(b"not a database")
    finally:
        server.end()


def test_a_full_disk_is_not_taken_for_a_lost_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(server: Server, meanwhile: object) -> None:
        raise ServerLost(None, None)

    monkeypatch.setattr(prefect_server, "_answering", lost)
    monkeypatch.setattr(prefect_server, "SERVER_NEEDS_BYTES", 1 << 60)
    with pytest.raises(OSError, match="No space left"):
        prefect_server._started(tmp_path, Server(subprocess.Popen(["true"]), 0), lambda: None)
