"""Runs a Prefect server for one night when none is configured; nothing of Prefect's leaves this machine or its
workspace.

Import this before Prefect: Prefect reads its environment once, at its own import.
"""

import errno
import http.client
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.night import own_server
from pipelines.night.own_server import Server
from pipelines.workspace.outside import elsewhere

if "prefect" not in sys.modules:
    with elsewhere():
        from prefect.settings import base, sources

    # It reads its settings at its import, and again whenever it needs them.
    sources.TomlConfigSettingsSourceBase._read_files = lambda *_, **__: {}  # type: ignore[method-assign]
    _kinds = [base.PrefectBaseSettings]
    for _kind in _kinds:
        _kind.model_config["env_file"] = None
        _kinds += _kind.__subclasses__()

import httpx
from prefect._internal.concurrency.threads import get_global_loop, get_run_sync_loop
from prefect.client.orchestration import get_client
from prefect.context import get_settings_context
from prefect.events.worker import EventsWorker
from prefect.exceptions import PrefectException
from prefect.logging.handlers import APILogWorker
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings

from pipelines.config import Settings
from pipelines.errors import Transient

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


@contextmanager
def running(
    settings: Settings, ahead: Server | None = None, meanwhile: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """The configured Prefect server, or one of our own for as long as the block lasts.

    `ahead` is one of our own that starts already; `meanwhile` is called while our own starts, which takes seconds.

    Prefect can start one by itself, but then its log and its last tracebacks are the officer's to read, a Ctrl-C
    stops it before the flow could say so, it outlives a killed run, and it takes 3 s more.
    Errors: ServerLost if Prefect itself could not start or go on; whatever the block raised, as it was raised.
    """
    # Else a server that goes away in the night leaves "Error logging to API" on the officer's terminal.
    logging.raiseExceptions = False
    try:
        with _configured_or_own(settings, ahead, meanwhile):
            yield
    except (PrefectException, httpx.HTTPError) as broken:
        raise ServerLost(PREFECT_API_URL.value(), broken) from broken
    finally:
        _end_threads()


@contextmanager
def _configured_or_own(settings: Settings, ahead: Server | None, meanwhile: Callable[[], None]) -> Iterator[None]:
    home = own_server.home_of(settings)
    home.mkdir(parents=True, exist_ok=True)
    if address := PREFECT_API_URL.value():
        if silence := get_client(sync_client=True).api_healthcheck():
            raise ServerLost(address, silence)
        with temporary_settings({PREFECT_HOME: home}):
            yield
        return
    server = _started(home, ahead or own_server.start(home), meanwhile)
    try:
        with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{server.port}/api", PREFECT_HOME: home}):
            try:
                yield
            finally:
                _drain()
    finally:
        server.end()


def _started(home: Path, server: Server, meanwhile: Callable[[], None]) -> Server:
    """A server that answers: this one, or another if it cannot start on its history, which is put aside then."""
    try:
        return _answering(server, meanwhile)
    except ServerLost:
        if shutil.disk_usage(home).free < SERVER_NEEDS_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(home)) from None
        kept = list(home.glob("prefect.db*"))
        if not kept:
            raise
        for path in kept:
            path.replace(path.with_name(f"broken-{path.name}"))
        return _answering(own_server.start(home), meanwhile)


def _answering(server: Server, meanwhile: Callable[[], None]) -> Server:
    try:
        meanwhile()
        _wait_until_healthy(server.port)
    except BaseException:
        server.kill()
        raise
    return server


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


def _wait_until_healthy(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SERVER_START_TIMEOUT_S)
    try:
        connection.request("GET", "/api/health")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException) as silence:
        raise ServerLost(None, silence) from silence
    finally:
        connection.close()
