"""A PostgreSQL server of the tests' own: in a temporary folder, on a unix socket, gone afterwards."""

import os
import pwd
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
"""Debian's; None where PostgreSQL is not installed."""
NOBODY = "postgres"
"""As whom the server runs when the tests are root's: it refuses to be root."""


@contextmanager
def or_skipped() -> Iterator[Path]:
    """A server's folder for a fixture; the test is skipped by name where PostgreSQL is not installed."""
    if PROGRAMS is None:
        pytest.skip("PostgreSQL is not installed")
    with server() as folder:
        yield folder


@contextmanager
def server(*, durable: bool = False) -> Iterator[Path]:
    """The folder of a running server's socket. Only a durable one waits for the disk, which tests need not."""
    assert PROGRAMS is not None
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        if os.getuid() == 0:
            user = pwd.getpwnam(NOBODY)
            os.chown(folder, user.pw_uid, user.pw_gid)
        making = ("--auth=trust", f"--username={NOBODY}", "--encoding=UTF8", "--no-sync", "--data-checksums")
        _run(folder, "initdb", *making, "-D", "data")
        with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nmax_connections = 50\n")
            file.write(f"fsync = {'on' if durable else 'off'}\n")
        start(folder)
        try:
            yield folder
        finally:
            stop(folder, "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path, *, wait: bool = True) -> None:
    """The server of this folder, which is not running; without `wait` it may still be starting."""
    _run(folder, "pg_ctl", "-D", "data", "-l", "log", "-w" if wait else "-W", "start")


def wait(folder: Path) -> None:
    """Returns once a server that was started without waiting lets people in."""
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(host=str(folder), user=NOBODY, dbname=NOBODY).close()
        except psycopg.OperationalError:
            assert time.monotonic() < until, "the server does not come back"
            time.sleep(0.02)
        else:
            return


def stop(folder: Path, mode: str) -> None:
    """The server that is running, by `pg_ctl`'s mode: `fast`, or `immediate`, after which it has to recover."""
    _run(folder, "pg_ctl", "-D", "data", "-m", mode, "-w", "stop")


def promote(folder: Path) -> None:
    """The server, which was started as a standby, may be written to from now on."""
    _run(folder, "pg_ctl", "-D", "data", "-w", "promote")


def crash(folder: Path) -> None:
    """kill -9 to the server and all its sessions at once, as if the machine had lost its processes."""
    server_ = int((folder / "data" / "postmaster.pid").read_text().partition("\n")[0])
    children = Path(f"/proc/{server_}/task/{server_}/children").read_text().split()
    handles = [os.pidfd_open(pid) for pid in (server_, *map(int, children)) if Path(f"/proc/{pid}").exists()]
    for handle in handles:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    for handle in handles:
        ended, _, _ = select.select([handle], [], [], 30)
        assert ended, "a process that was killed does not end"
        os.close(handle)
    # Nobody may have collected the dead yet, and a new server would take them for living.
    for lock in (folder / "data" / "postmaster.pid", *folder.glob(".s.PGSQL.*.lock")):
        lock.unlink()


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
