"""Runs a Prefect server for one night when none is configured; nothing of Prefect's leaves this machine or its
workspace.

Import this before Prefect: Prefect reads its environment once, at its own import.
"""

import errno
import http.client
import logging
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.workspace.outside import NOWHERE, choose_profiles, elsewhere

QUIET_UNLESS_CONFIGURED = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # The operator's pages keep the log; the officer's terminal shows our own lines only.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_HANDLERS_DEBUG_LEVEL": "CRITICAL",
}


def _configure() -> None:
    """Prefect reads these once, at its import; whatever the operator has set stays."""
    for name, value in QUIET_UNLESS_CONFIGURED.items():
        os.environ.setdefault(name, value)
    if "prefect" not in sys.modules:
        choose_profiles(os.environ)
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))


_configure()

if "prefect" not in sys.modules:
    with elsewhere():
        from prefect.settings import base, sources

    # It reads its settings at its import, and again whenever it needs them.
    sources.TomlConfigSettingsSourceBase._read_files = lambda *_, **__: {}  # type: ignore[method-assign]
    _kinds = [base.PrefectBaseSettings]
    for _kind in _kinds:
        _kind.model_config["env_file"] = None
        _kinds += _kind.__subclasses__()

import httpx  # noqa: E402
from prefect._internal.concurrency.threads import get_global_loop, get_run_sync_loop  # noqa: E402
from prefect.client.orchestration import get_client  # noqa: E402
from prefect.context import get_settings_context  # noqa: E402
from prefect.events.worker import EventsWorker  # noqa: E402
from prefect.exceptions import PrefectException  # noqa: E402
from prefect.logging.handlers import APILogWorker  # noqa: E402
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings  # noqa: E402

from pipelines.config import Settings  # noqa: E402
from pipelines.errors import Transient  # noqa: E402

SERVER_START_TIMEOUT_S = 120
DRAIN_TIMEOUT_S = 10
SERVER_NEEDS_BYTES = 2_000_000
"""Free disk below which the server's database may be the reason why the server does not start."""


class ServerLost(Transient):
    """Prefect's server did not answer; finished hops stay done."""

    def __init__(self, address: str | None, cause: Exception | None) -> None:
        super().__init__(
            f"Máy chủ Prefect {address or 'tạm thời'} không trả lời; các bước đã xong vẫn được giữ. "
            f"{_remedy(address)} / Prefect's server does not answer ({type(cause).__name__})."
        )


def _remedy(address: str | None) -> str:
    if address is None:
        return "Hãy chạy lại lệnh này; nếu vẫn vậy, xem work/prefect/server.log trong thư mục làm việc"
    named = "biến PREFECT_API_URL"
    if not os.environ.get("PREFECT_API_URL"):
        profile = get_settings_context().profile.name
        named = f"PREFECT_API_URL của hồ sơ «{profile}» trong «{os.environ.get('PREFECT_PROFILES_PATH')}»"
    return f"Hãy bật lại máy chủ, hoặc bỏ {named} để chạy không cần máy chủ, rồi chạy lại lệnh này."


# uvicorn, and an end to it when the parent is gone, however it went: then the pipe on stdin closes.
_SERVER_PROGRAM = """
import os, sys, threading
import uvicorn
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
app = "prefect.server.api.server:create_app"
uvicorn.run(app, factory=True, fd=int(sys.argv[1]), log_level="error", lifespan="on")
"""


@contextmanager
def running(settings: Settings, meanwhile: Callable[[], None] = lambda: None) -> Iterator[None]:
    """The configured Prefect server, or one of our own for as long as the block lasts.

    `meanwhile` is called while our own starts, which takes seconds.

    Prefect can start one by itself, but then its log and its last tracebacks are the officer's to read, a Ctrl-C
    stops it before the flow could say so, it outlives a killed run, and it takes 3 s more.
    Errors: ServerLost if Prefect itself could not start or go on; whatever the block raised, as it was raised.
    """
    # Else a server that goes away in the night leaves "Error logging to API" on the officer's terminal.
    logging.raiseExceptions = False
    try:
        with _configured_or_own(settings, meanwhile):
            yield
    except (PrefectException, httpx.HTTPError) as broken:
        raise ServerLost(PREFECT_API_URL.value(), broken) from broken
    finally:
        _end_threads()


@contextmanager
def _configured_or_own(settings: Settings, meanwhile: Callable[[], None]) -> Iterator[None]:
    home = (settings.work_directory / "prefect").resolve()
    home.mkdir(parents=True, exist_ok=True)
    if address := PREFECT_API_URL.value():
        if silence := get_client(sync_client=True).api_healthcheck():
            raise ServerLost(address, silence)
        with temporary_settings({PREFECT_HOME: home}):
            yield
        return
    server, port = _started(home, meanwhile)
    try:
        with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{port}/api", PREFECT_HOME: home}):
            try:
                yield
            finally:
                _drain()
    finally:
        server.terminate()
        server.communicate()


def _started(home: Path, meanwhile: Callable[[], None]) -> tuple["subprocess.Popen[bytes]", int]:
    """A server that answers, and its port. Its history is put aside if it cannot start on it."""
    try:
        return _start(home, meanwhile)
    except ServerLost:
        if shutil.disk_usage(home).free < SERVER_NEEDS_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(home)) from None
        kept = list(home.glob("prefect.db*"))
        if not kept:
            raise
        for path in kept:
            path.replace(path.with_name(f"broken-{path.name}"))
        return _start(home, meanwhile)


def _start(home: Path, meanwhile: Callable[[], None]) -> tuple["subprocess.Popen[bytes]", int]:
    # Bound here and handed down: nobody else can take the port, and a question waits until it is answered.
    with socket.create_server(("127.0.0.1", 0)) as listening, (home / "server.log").open("wb") as log:
        port = listening.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-P", "-c", _SERVER_PROGRAM, str(listening.fileno())],
            env=os.environ | _server_environment(home),
            pass_fds=[listening.fileno()],
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        meanwhile()
        _wait_until_healthy(port)
    except BaseException:
        server.kill()
        server.communicate()
        raise
    return server, port


def _drain() -> None:
    """Sends what Prefect's threads still hold; at the exit they would wait for a server that is gone."""
    APILogWorker.drain_all(timeout=DRAIN_TIMEOUT_S)
    EventsWorker.drain_all(timeout=DRAIN_TIMEOUT_S)


def _end_threads() -> None:
    """Ends Prefect's two loops (it starts new ones when needed).

    Else they are cut off at the exit, and DuckDB reports what they hold as leaked, on the officer's terminal.
    """
    for loop in (get_run_sync_loop(), get_global_loop()):
        loop.shutdown()
        loop.thread.join(DRAIN_TIMEOUT_S)


def _server_environment(home: Path) -> dict[str, str]:
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": f"{NOWHERE}/profiles.toml",
        # In the folder in which it is started: in a URL, a path's `?` would be the end of it.
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///prefect.db",
        "PREFECT_UI_ENABLED": "false",
        "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
        # Only the services that a single run needs, and no schedule of others' flows.
        "PREFECT__SERVER_EPHEMERAL": "1",
        "PREFECT__SERVER_FINAL": "1",
    }


def _wait_until_healthy(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SERVER_START_TIMEOUT_S)
    try:
        connection.request("GET", "/api/health")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as silence:
        raise ServerLost(None, silence) from silence
    finally:
        connection.close()
