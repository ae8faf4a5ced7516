"""A PostgreSQL server of the tests' own: in a temporary folder, on a unix socket, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
"""Debian's; None where PostgreSQL is not installed."""
NOBODY = "postgres"
"""As whom the server runs when the tests are root's: it refuses to be root."""


@contextmanager
def server(*, durable: bool = False) -> Iterator[Path]:
    """The folder of a running server's socket. Only a durable one waits for the disk, which tests need not."""
    assert PROGRAMS is not None
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        if os.getuid() == 0:
            user = pwd.getpwnam(NOBODY)
            os.chown(folder, user.pw_uid, user.pw_gid)
        _run(folder, "initdb", "--auth=trust", f"--username={NOBODY}", "--encoding=UTF8", "--no-sync", "-D", "data")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=50"
        options += f" -c fsync={'on' if durable else 'off'}"
        _run(folder, "pg_ctl", "-D", "data", "-o", options, "-l", "log", "-w", "start")
        try:
            yield folder
        finally:
            _run(folder, "pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def database(folder: Path, name: str) -> str:
    """The URL of a new, empty database."""
    _run(folder, "createdb", "-h", str(folder), "-U", NOBODY, "--template=template0", name)
    return f"postgresql://{NOBODY}@/{name}?host={folder}"


def _run(folder: Path, program: str, *arguments: str) -> None:
    assert PROGRAMS is not None
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--init-groups"] if os.getuid() == 0 else []
    done = subprocess.run(
        [*as_nobody, PROGRAMS / program, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
