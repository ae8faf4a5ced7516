"""Things put into an inbox on purpose: what is read, what is refused, and that nothing is opened that must not be."""

import hashlib
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.read import inbox, write_detection
from pipelines.read.inbox import Arrived, arrivals

NOBODY = 65534


@pytest.fixture
def sector(tmp_path: Path) -> Path:
    """The folder of one sector in an inbox that is otherwise empty."""
    folder = tmp_path / "inbox" / "insurance"
    folder.mkdir(parents=True)
    return folder


def told(folder: Path) -> dict[str, str | None]:
    """Sector and name of each thing in the inbox → why it is refused, None if it is to be read."""
    found = arrivals(Settings(workspace=folder.parents[1]))
    return {f"{each.sector}|{each.source_file}": each.refused.code if each.refused else None for each in found}


def one(folder: Path) -> Arrived:
    (found,) = arrivals(Settings(workspace=folder.parents[1]))
    return found


def bind(path: Path) -> None:
    """A socket; its own name must be short, so it is made elsewhere and moved."""
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as made:
        made.bind(f"{short}/s")
        Path(f"{short}/s").rename(path)


@pytest.mark.parametrize(
    ("name", "make", "code", "why"),
    [
        ("a.csv", lambda path: path.write_text("x"), None, "a plain file"),
        ("a", lambda path: path.write_text("x"), None, "no ending: the content will tell"),
        ("a.csv", lambda path: path.write_text(""), None, "empty: a plain file, whose reader refuses it"),
        ("a.csv", os.mkfifo, "not_a_file", "a pipe: opening it would wait for ever"),
        ("a.csv", bind, "not_a_file", "a socket"),
        ("a.csv", lambda path: path.symlink_to("/etc/passwd"), "not_a_file", "a link out of the inbox"),
        ("a.csv", lambda path: path.symlink_to("nowhere"), "not_a_file", "a link to nothing"),
        ("a.csv", lambda path: path.symlink_to("a.csv"), "not_a_file", "a link to itself"),
        ("d", lambda path: path.symlink_to("/etc"), "not_a_file", "a link to a folder is not gone into"),
        ("d", lambda path: path.symlink_to(".."), "not_a_file", "a link to the folder above: would never end"),
        ("a.csv.part", lambda path: path.write_text("x"), "partial_file", "a browser's or a copier's partial file"),
        ("a.xlsx.crdownload", lambda path: path.write_text("x"), "partial_file", "Chrome's"),
        ("A.CSV.FILEPART", lambda path: path.write_text("x"), "partial_file", "WinSCP's, in capitals"),
    ],
)
def test_what_lies_in_a_sector(sector: Path, name: str, make: Callable[[Path], object], code: str, why: str) -> None:
    make(sector / name)
    assert told(sector) == {f"insurance|{name}": code}, why


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a device")
def test_a_device_is_refused(sector: Path) -> None:
    os.mknod(sector / "a.csv", 0o666 | 0o020000, os.makedev(1, 5))  # /dev/zero: reading it never ends
    assert told(sector) == {"insurance|a.csv": "not_a_file"}


@pytest.mark.parametrize(
    "name",
    [
        "~$list.xlsx",
        ".list.csv.aB3x",
        ".~lock.list.ods#",
        "x.tmp",
        "Thumbs.db",
        "desktop.ini",
        "mapping.toml",
        ".DS_Store",
    ],
)
def test_locks_and_the_systems_own_files_are_no_data(sector: Path, name: str) -> None:
    (sector / name).write_text("x")
    (sector / "__MACOSX").mkdir()
    (sector / "__MACOSX" / "list.csv").write_text("x")
    assert told(sector) == {}


def test_a_writer_at_a_pipe_is_not_even_woken(sector: Path) -> None:
    os.mkfifo(sector / "a.csv")
    woken = threading.Event()

    def write() -> None:
        os.close(os.open(sector / "a.csv", os.O_WRONLY))
        woken.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert told(sector) == {"insurance|a.csv": "not_a_file"}
    assert not woken.wait(0.05)
    os.close(os.open(sector / "a.csv", os.O_RDONLY | os.O_NONBLOCK))
    writer.join()


def test_the_order_is_by_sector_then_name(sector: Path) -> None:
    for name in (
        "insurance/b.csv",
        "insurance/a/z.csv",
        "insurance/B.csv",
        "insurance/Đ.csv",
        "a.csv",
        "drivers/x.csv",
    ):
        path = sector.parent / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    assert list(told(sector)) == [
        "|a.csv",
        "drivers|x.csv",
        "insurance|B.csv",
        "insurance|a/z.csv",
        "insurance|b.csv",
        "insurance|Đ.csv",
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"danh s\xe1ch.csv", "danh s\\xe1ch.csv"),
        (b"a\n2026-11-22 INFO ok.csv", "a\\n2026-11-22 INFO ok.csv"),
        ("a\u202evsc.exe".encode(), "a\\u202evsc.exe"),
        (b"\x1b[2Ja.csv", "\\x1b[2Ja.csv"),
        ("Danh sách Đống Đa (1).csv".encode(), "Danh sách Đống Đa (1).csv"),
    ],
)
def test_names_are_fit_to_be_stored_and_shown(sector: Path, name: bytes, shown: str) -> None:
    Path(os.fsdecode(os.fsencode(sector) + b"/" + name)).write_text("x")
    found = one(sector)
    assert (found.source_file, found.refused) == (shown, None)
    assert found.path.read_text() == "x"
    found.source_file.encode()


def test_folders_beyond_any_sense_are_told(sector: Path) -> None:
    deep = sector
    for _ in range(inbox.DEEPEST + 5):
        deep = deep / "d"
        deep.mkdir()
    (sector / "a.csv").write_text("x")
    assert sorted(told(sector).values(), key=str) == [None, "too_deep"]


def test_no_inbox_is_an_empty_one(tmp_path: Path) -> None:
    assert arrivals(Settings(workspace=tmp_path)) == []


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder of everybody's; the test goes on as a user who is nobody in particular, not as root."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        was = os.geteuid()
        if was == 0:
            os.seteuid(NOBODY)
        try:
            yield Path(folder)
        finally:
            os.seteuid(was)


def test_what_may_not_be_read_is_told(as_nobody: Path) -> None:
    sector = as_nobody / "inbox" / "insurance"
    (sector / "closed").mkdir(parents=True)
    (sector / "closed" / "a.csv").write_text("x")
    (sector / "b.csv").write_text("x")
    (sector / "c.csv").write_text("x")
    (sector / "closed").chmod(0)
    (sector / "b.csv").chmod(0)
    assert told(sector) == {
        "insurance|b.csv": "no_permission",
        "insurance|c.csv": None,
        "insurance|closed": "unreadable_folder",
    }
    (sector / "closed").chmod(0o700)


def test_a_file_that_another_process_has_open_for_writing(sector: Path) -> None:
    (sector / "b.csv").write_text("x")
    # A shell that writes a line, says so, and keeps the file open until its input ends.
    script = 'exec 3>"$1"; echo x >&3; echo ready; read line'
    with subprocess.Popen(
        ["/bin/sh", "-c", script, "sh", sector / "a.csv"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert told(sector) == {"insurance|a.csv": "still_written", "insurance|b.csv": None}
        process.communicate()
    assert told(sector)["insurance|a.csv"] is None


def test_whoever_only_reads_is_no_writer(sector: Path) -> None:
    (sector / "a.csv").write_text("x")
    with (sector / "a.csv").open():
        assert told(sector) == {"insurance|a.csv": None}


def _append(path: Path) -> None:
    with path.open("a") as file:
        file.write("y")


def _rewrite_in_the_same_moment(path: Path) -> None:
    before = path.stat()
    path.write_text("z")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _replace_by_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def _replace_by_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _replace_by_another(path: Path) -> None:
    (path.parent / "new").write_text("x")
    (path.parent / "new").rename(path)


@pytest.mark.parametrize(
    "change",
    [
        _append,
        _rewrite_in_the_same_moment,
        _replace_by_a_link,
        _replace_by_a_pipe,
        _replace_by_another,
        Path.unlink,
    ],
)
def test_a_change_while_it_was_read_is_noticed(sector: Path, change: Callable[[Path], object]) -> None:
    (sector / "a.csv").write_text("x")
    found = one(sector)
    assert found.unchanged()
    assert found.sha256() == hashlib.sha256(b"x").hexdigest()
    assert found.unchanged()
    change(sector / "a.csv")
    assert not found.unchanged()
    assert found.sha256() is None


def test_a_writer_who_came_while_it_was_read_is_noticed(sector: Path) -> None:
    (sector / "a.csv").write_text("x")
    found = one(sector)
    with (sector / "a.csv").open("r+"):
        assert not found.unchanged()


def test_a_folder_exchanged_for_a_link_while_it_was_read_is_noticed(sector: Path, tmp_path: Path) -> None:
    (sector / "d").mkdir()
    (sector / "d" / "a.csv").write_text("x")
    found = one(sector)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.csv").write_text("x")
    (sector / "d").rename(tmp_path / "gone")
    (sector / "d").symlink_to(tmp_path / "elsewhere")
    assert not found.unchanged()


def test_where_no_lease_is_given_two_looks_find_the_writer(as_nobody: Path) -> None:
    """A file of another user's: the system gives no lease on it."""
    sector = as_nobody / "inbox" / "insurance"
    sector.mkdir(parents=True)
    if os.getuid() != 0:
        pytest.skip("needs a file of another user's")
    os.seteuid(0)
    (sector / "a.csv").write_text("x")
    (sector / "b.csv").write_text("x")
    for name in ("a.csv", "b.csv"):
        (sector / name).chmod(0o644)
    os.seteuid(NOBODY)
    assert one_look(sector / "a.csv").written is None
    stop = threading.Event()
    os.seteuid(0)
    handle = os.open(sector / "a.csv", os.O_WRONLY | os.O_APPEND)
    os.seteuid(NOBODY)
    writer = threading.Thread(target=_keep_writing, args=(handle, stop))
    writer.start()
    try:
        assert told(sector) == {"insurance|a.csv": "still_written", "insurance|b.csv": None}
    finally:
        stop.set()
        writer.join()


def one_look(path: Path) -> write_detection.FileStamp:
    return write_detection.stamp(path, leases=True)


def _keep_writing(handle: int, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        os.write(handle, b"x")
    os.close(handle)


def test_a_file_is_hashed_once_until_somebody_writes(sector: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *given: hashed.append(1) or digest(*given))  # type: ignore[func-returns-value]
    file = sector / "a.csv"
    file.write_text("x")
    assert one(sector).sha256() == one(sector).sha256() == hashlib.sha256(b"x").hexdigest()
    assert len(hashed) == 1
    file.write_text("y")
    assert one(sector).sha256() == hashlib.sha256(b"y").hexdigest()
    assert len(hashed) == 2


def test_a_quiet_inbox_is_not_waited_for(sector: Path) -> None:
    for number in range(20):
        path = sector / f"{number}.csv"
        path.write_text("x")
        os.utime(path, (1_600_000_000, 1_600_000_000))
    begun = time.perf_counter()
    assert set(told(sector).values()) == {None}
    assert time.perf_counter() - begun < inbox.PAUSE_S
