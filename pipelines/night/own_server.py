"""Starts a Prefect server of our own for one night, without Prefect's import here: both take seconds, side by side.

Import this before Prefect, which reads its environment once, at its own import.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pipelines.config import Settings
from pipelines.workspace.outside import NOWHERE, choose_profiles

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

# uvicorn, and an end to it when the parent is gone, however it went: then the pipe on stdin closes.
# Its imports make a million objects that stay: garbage is looked for rarely.
_PROGRAM = """
import gc, os, sys, threading
gc.set_threshold(100_000, 50, 100)
import uvicorn
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
app = "prefect.server.api.server:create_app"
uvicorn.run(app, factory=True, fd=int(sys.argv[1]), log_level="error", lifespan="on")
"""


class Server(NamedTuple):
    """A server that was started; it may not answer yet."""

    process: "subprocess.Popen[bytes]"
    port: int

    def end(self) -> None:
        """Ends it, if it has not ended yet."""
        self.process.terminate()
        self.process.communicate()

    def kill(self) -> None:
        """Ends it at once."""
        self.process.kill()
        self.process.communicate()


def home_of(settings: Settings) -> Path:
    """The folder of the workspace in which the server keeps its own things."""
    return (settings.work_directory / "prefect").resolve()


def may_be_named(environment: Mapping[str, str]) -> bool:
    """Whether the environment may name a server, by its address or by a profile: only Prefect itself can say."""
    profiles = environment.get("PREFECT_PROFILES_PATH")
    try:
        return bool(environment.get("PREFECT_API_URL")) or profiles is None or Path(profiles).exists()
    except OSError:
        return True


def start(home: Path) -> Server:
    """A server that begins to start; its log is `server.log` in its home."""
    home.mkdir(parents=True, exist_ok=True)
    # Bound here and handed down: nobody else can take the port, and a question waits until it is answered.
    with socket.create_server(("127.0.0.1", 0)) as listening, (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, str(listening.fileno())],
            env=os.environ | _environment(home),
            pass_fds=[listening.fileno()],
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        return Server(process, listening.getsockname()[1])


def _environment(home: Path) -> dict[str, str]:
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
