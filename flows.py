"""The night under Prefect: the order of the hops, what is tried again, when it starts, what operators see.

Nothing here touches data: the hops are `pipelines.night.hops.HOPS`, where an interrupted night also goes on.
`nightly` is the flow that deployments run; `run_nightly` is what `sachsong nightly` calls, and it brings up a
Prefect server of its own, for that night only, when none is configured.
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
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

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

if __name__ == "__main__":
    # Before the slow imports: the command line loads this file by its name when a night begins.
    from pipelines.cli import main

    main()

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
from prefect import flow, task  # noqa: E402
from prefect._internal.concurrency.threads import get_global_loop, get_run_sync_loop  # noqa: E402
from prefect.artifacts import (  # noqa: E402
    create_link_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.client.orchestration import get_client  # noqa: E402
from prefect.client.schemas.objects import State, TaskRun  # noqa: E402
from prefect.context import get_settings_context  # noqa: E402
from prefect.events.worker import EventsWorker  # noqa: E402
from prefect.exceptions import PrefectException  # noqa: E402
from prefect.logging.handlers import APILogWorker  # noqa: E402
from prefect.logging.loggers import get_run_logger  # noqa: E402
from prefect.runtime import flow_run  # noqa: E402
from prefect.schedules import Cron  # noqa: E402
from prefect.settings import PREFECT_API_URL, PREFECT_HOME, temporary_settings  # noqa: E402
from prefect.tasks import Task  # noqa: E402

from pipelines.config import TIME_ZONE, Run, Settings  # noqa: E402
from pipelines.errors import Transient  # noqa: E402
from pipelines.night.hops import HOPS, Hop, run_hop  # noqa: E402
from pipelines.night.progress import Counts  # noqa: E402
from pipelines.night.runs import close, open_run  # noqa: E402
from pipelines.workspace import owner_only, run_schema, run_tables  # noqa: E402
from pipelines.workspace.lock import exclusive  # noqa: E402

SCHEDULE = Cron("30 22 * * *", timezone=TIME_ZONE.key)
"""After the offices have sent the day's files, and 90 minutes before the quota day ends."""
RETRY_DELAYS_S = [2.0, 5.0, 15.0]
SERVER_START_TIMEOUT_S = 120
DRAIN_TIMEOUT_S = 10
SERVER_NEEDS_BYTES = 2_000_000
"""Free disk without which the server's database cannot be the reason why it does not start."""

OnProgress = Callable[[Hop, Counts | None], None]
"""Told of each hop twice: with None when it starts, with its counts when it is done."""

_on_progress: ContextVar[OnProgress | None] = ContextVar("on_progress", default=None)
_is_held: ContextVar[bool] = ContextVar("is_held", default=False)
"""Whether the workspace was taken before the flow began."""


@dataclass(frozen=True)
class NightResult:
    """A night that went through to its report."""

    run: Run
    counts: dict[str, Counts]
    """Hop → what it counted."""


class ServerLost(Transient):
    """Prefect's server did not answer; the hops that were done stay done."""

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


def run_nightly(settings: Settings, *, on_progress: OnProgress | None = None) -> NightResult:
    """Tonight's run, finished.

    Errors: whatever a hop raised, as it was raised; ServerLost if Prefect itself could not go on.
    """
    token, held = _on_progress.set(on_progress), _is_held.set(True)
    # Else a server that goes away in the night leaves "Error logging to API" on the officer's terminal.
    logging.raiseExceptions = False
    try:
        # Held already now: two servers that start on the same files would break each other's database.
        with exclusive(settings), _server(settings):
            return nightly(settings)
    except (PrefectException, httpx.HTTPError) as broken:
        raise ServerLost(PREFECT_API_URL.value(), broken) from broken
    finally:
        _on_progress.reset(token)
        _is_held.reset(held)
        _end_threads()


def _night_name() -> str:
    """The flow run's name: the night, since that is what the operator looks for."""
    settings = flow_run.parameters.get("settings") or Settings()
    night = settings.night if isinstance(settings, Settings) else Settings.model_validate(settings).night
    return f"night-{night:%Y-%m-%d}"


@flow(name="nightly", flow_run_name=_night_name, persist_result=False)
def nightly(settings: Settings | None = None) -> NightResult:
    """From tonight's files to what each department reads."""
    settings = settings or Settings()
    tell = _on_progress.get() or _silent
    counts: dict[str, Counts] = {}
    with nullcontext() if _is_held.get() else exclusive(settings):
        run = open_run(settings)
        progress = create_progress_artifact(0.0, key="progress", description=run.run_id)
        assert isinstance(progress, UUID)
        for number, hop in enumerate(HOPS, start=1):
            tell(hop, None)
            counts[hop.name] = hop_task(hop)(run)
            update_progress_artifact(progress, 100 * number / len(HOPS), description=f"{run.run_id}: {hop.title_vi}")
            tell(hop, counts[hop.name])
        if told := owner_only.exposed(settings.workspace):
            get_run_logger().warning(told)
        _publish(run)
        close(run)
    return NightResult(run=run, counts=counts)


def hop_task(hop: Hop) -> Task[[Run], Counts]:
    """The hop as a task that is tried again only when the error's type says that it may help."""

    @task(
        name=hop.name,
        task_run_name=hop.name,
        description=f"{hop.title_vi} / {hop.title_en}",
        retries=len(RETRY_DELAYS_S),
        retry_delay_seconds=RETRY_DELAYS_S,
        retry_condition_fn=is_transient,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    def run_once(run: Run) -> Counts:
        return run_hop(run, hop)

    return run_once


def is_transient(task: Task[..., Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Whether the failed attempt raised a Transient."""
    return isinstance(state.result(raise_on_failure=False), Transient)


def serve() -> None:
    """Runs the schedule from this process until it is stopped; needs a server (docs/operations.md)."""
    # A restart of the machine must not leave the schedule paused.
    nightly.serve(name="nightly", schedule=SCHEDULE, limit=1, pause_on_shutdown=False)


def _silent(hop: Hop, counts: Counts | None) -> None:
    del hop, counts


FIGURES_SQL = f"""
SELECT sector, status, count(*) AS records FROM ({run_schema.OUTCOMES_SQL})
GROUP BY sector, status ORDER BY sector, status
"""


def _publish(run: Run) -> None:
    """The night's figures and the way to its summary, on Prefect's pages. Counts only: no personal data."""
    with run_tables.connect(run, read_only=True) as connection:
        figures = run_tables.query(connection, FIGURES_SQL)
    create_table_artifact(figures.to_dicts(), key="figures", description=f"{run.run_id}: sector × status")
    summary = run.reports / "summary.html"
    create_link_artifact(summary.resolve().as_uri(), link_text=run.run_id, key="summary")


# uvicorn, and an end to it when the parent is gone, however it went: then the pipe on stdin closes.
_SERVER_PROGRAM = """
import os, sys, threading
import uvicorn
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
app = "prefect.server.api.server:create_app"
uvicorn.run(app, factory=True, fd=int(sys.argv[1]), log_level="error", lifespan="on")
"""


@contextmanager
def _server(settings: Settings) -> Iterator[None]:
    """The configured Prefect server, or one of our own for as long as the block lasts.

    Prefect can start one by itself, but then its log and its last tracebacks are the officer's to read, a Ctrl-C
    stops it before the flow could say so, it outlives a killed run, and it takes 3 s more.
    """
    home = (settings.workspace / "work" / "prefect").resolve()
    home.mkdir(parents=True, exist_ok=True)
    if address := PREFECT_API_URL.value():
        if silence := get_client(sync_client=True).api_healthcheck():
            raise ServerLost(address, silence)
        with temporary_settings({PREFECT_HOME: home}):
            yield
        return
    server, port = _started(home)
    try:
        with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{port}/api", PREFECT_HOME: home}):
            try:
                yield
            finally:
                _drain()
    finally:
        server.terminate()
        server.communicate()


def _started(home: Path) -> tuple["subprocess.Popen[bytes]", int]:
    """A server that answers, and its port. Its history is put aside if it cannot start on it."""
    try:
        return _start(home)
    except ServerLost:
        if shutil.disk_usage(home).free < SERVER_NEEDS_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(home)) from None
        kept = list(home.glob("prefect.db*"))
        if not kept:
            raise
        for path in kept:
            path.replace(path.with_name(f"broken-{path.name}"))
        return _start(home)


def _start(home: Path) -> tuple["subprocess.Popen[bytes]", int]:
    # Bound here and handed down: nobody else can take the port, and a question waits until it is answered.
    with socket.create_server(("127.0.0.1", 0)) as listening, (home / "server.log").open("wb") as log:
        port = listening.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-c", _SERVER_PROGRAM, str(listening.fileno())],
            env=os.environ | _server_environment(home),
            pass_fds=[listening.fileno()],
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
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
