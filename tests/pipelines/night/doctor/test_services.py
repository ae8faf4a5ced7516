"""The gateway and Prefect's server, with faults on purpose."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.night.doctor import services

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
REPLY = b"HTTP/1.1 404 Not Found\r\nDate: Sun, 22 Nov 2026 15:00:00 GMT\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def answering() -> Iterator[str]:
    """The address of something that says one sentence over HTTP, once."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with listening.accept()[0] as line:
                line.recv(4_096)
                line.sendall(REPLY)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "secret").write_text("sixteen letters or more", encoding="utf-8")
    return Settings(workspace=tmp_path, gateway_secret_file=tmp_path / "secret")


def test_the_simulated_gateway_is_a_warning(tmp_path: Path) -> None:
    assert services.gateway(Settings(workspace=tmp_path)).grade == "warning"


def test_a_gateway_that_answers_in_time_is_in_order(settings: Settings) -> None:
    with answering() as url:
        found = services.gateway(settings.model_copy(update={"gateway_url": url}), NOW + timedelta(seconds=59))
    assert found.grade == "ok"


def test_a_clock_that_differs_is_a_fault(settings: Settings) -> None:
    with answering() as url:
        found = services.gateway(settings.model_copy(update={"gateway_url": url}), NOW + timedelta(seconds=90))
    assert (found.grade, "90" in found.found) == ("fault", True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://cong.example.vn"])
def test_silence_and_a_line_without_encryption_are_faults(settings: Settings, url: str) -> None:
    assert services.gateway(settings.model_copy(update={"gateway_url": url})).grade == "fault"


def test_a_missing_secret_is_a_fault(settings: Settings) -> None:
    lost = {"gateway_url": "http://127.0.0.1:1", "gateway_secret_file": settings.workspace / "none"}
    assert services.gateway(settings.model_copy(update=lost)).grade == "fault"


def test_prefects_server_is_asked_only_where_one_is_named(tmp_path: Path) -> None:
    assert services.prefect({}).grade == "ok"
    assert services.prefect({"PREFECT_API_URL": "http://127.0.0.1:1/api"}).grade == "fault"
    with answering() as url:
        assert services.prefect({"PREFECT_API_URL": f"{url}/api"}).grade == "ok"


def test_a_profile_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    profiles = tmp_path / "profiles.toml"
    named = {"PREFECT_PROFILE": "office", "PREFECT_PROFILES_PATH": str(profiles)}
    assert services.prefect(named).grade == "fault"
    with answering() as url:
        profiles.write_text(f'[profiles.office]\nPREFECT_API_URL = "{url}/api"\n', encoding="utf-8")
        assert services.prefect(named).grade == "ok"
