"""Archives, honest and hostile: what comes out of each, and that nothing comes out anywhere else."""

import gzip
import io
import resource
import struct
import tracemalloc
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.files.containers import unpack
from pipelines.files.containers.unpack import Member, members
from tests.pipelines.files.containers.packed import STORED, deflated, deflated_zeros, entry, gzip_bomb, zip_of

LIST = b"ho_ten,ngay_sinh\nA,1987\n"
OTHER = b"ho_ten,ngay_sinh\nB,1988\n"


def unpacked(tmp_path: Path, data: bytes, name: str = "a.zip") -> list[Member]:
    """What comes out of a file with these bytes; fails if anything is made outside the scratch folder."""
    inbox, scratch = tmp_path / "inbox", tmp_path / "one" / "two" / "scratch"
    inbox.mkdir(exist_ok=True)
    scratch.mkdir(parents=True, exist_ok=True)
    (inbox / name).write_bytes(data)
    before = outside(tmp_path, scratch)
    found = list(members(inbox / name, name, scratch))
    assert outside(tmp_path, scratch) == before
    kept = {one.path for one in found if one.refused is None and one.path.parent == scratch}
    assert set(scratch.iterdir()) == kept, "what was refused leaves nothing behind"
    return found


def outside(tmp_path: Path, scratch: Path) -> dict[Path, bytes]:
    files = (path for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(scratch))
    return {path: path.read_bytes() for path in files}


def summary(found: list[Member]) -> list[tuple[str, str | bytes]]:
    """Each member with why it is refused, or its bytes."""
    return [(one.source_file, one.refused.code if one.refused else one.path.read_bytes()) for one in found]


def workbook() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        book.add_worksheet().write("A1", "x")
    return made.getvalue()


def strange(name: str, mode: int) -> bytes:
    return zip_of(entry(name, b"/etc/passwd", mode=mode), entry("b.csv", LIST))


BOMB = deflated_zeros(900)
TWIN = entry("a.csv", LIST)
GOOD = ("a.zip/b.csv", LIST)


@pytest.mark.parametrize(
    ("data", "expected", "why"),
    [
        (zip_of(entry("a.csv", LIST), entry("b.csv", OTHER)), [("a.zip/a.csv", LIST), ("a.zip/b.csv", OTHER)], "two"),
        (zip_of(entry("b.csv", LIST, method=STORED)), [GOOD], "stored, not packed"),
        (zip_of(entry("d/", b"", mode=0o40755), entry("d/b.csv", LIST)), [("a.zip/d/b.csv", LIST)], "a folder"),
        (zip_of(entry("b.csv", LIST), comment="nén ngày 21".encode()), [GOOD], "a comment"),
        (zip_of(entry("__MACOSX/._b.csv", b"x"), entry("b.csv", LIST), entry(".DS_Store", b"x")), [GOOD], "from a Mac"),
        (zip_of(entry("b.csv", b"")), [("a.zip/b.csv", b"")], "an empty file: its reader says so"),
        (zip_of(), [("a.zip", "empty_file")], "an empty archive"),
        (zip_of(entry("d/", b"")), [("a.zip", "empty_file")], "only folders"),
        (b"PK\x03\x04", [("a.zip", "damaged_file")], "four bytes"),
        (zip_of(entry("b.csv", LIST))[:-30], [("a.zip", "damaged_file")], "cut off"),
        (zip_of(entry("b.csv", LIST))[:-3], [("a.zip", "damaged_file")], "cut off in its last bytes"),
        (zip_of(entry("a.csv", LIST, at=2**31)), [("a.zip", "damaged_file")], "a member behind the end"),
        (b"PK\x03\x04" + zip_of(TWIN)[60:], [("a.zip", "damaged_file")], "cut off in front: it begins before the file"),
        (
            zip_of(entry("a.csv", OTHER, check=7), entry("b.csv", LIST)),
            [("a.zip/a.csv", "damaged_file"), GOOD],
            "checksum",
        ),
        (zip_of(entry("a.csv", OTHER, size=5), entry("b.csv", LIST)), [("a.zip/a.csv", "damaged_file"), GOOD], "size"),
        (
            zip_of(entry("a.csv", OTHER, packed=deflated(OTHER)[:-4]), entry("b.csv", LIST)),
            [("a.zip/a.csv", "damaged_file"), GOOD],
            "a stream without its end",
        ),
        (
            zip_of(entry("a.csv", OTHER, packed=deflated(OTHER) + b"more"), entry("b.csv", LIST)),
            [("a.zip/a.csv", "damaged_file"), GOOD],
            "bytes behind a stream's end",
        ),
        (
            zip_of(entry("a.csv", OTHER, packed=b"\xff" * 40), entry("b.csv", LIST)),
            [("a.zip/a.csv", "damaged_file"), GOOD],
            "no stream at all",
        ),
        (
            zip_of(entry("a.csv", OTHER, flags=1), entry("b.csv", LIST)),
            [("a.zip/a.csv", "password"), GOOD],
            "a password",
        ),
        (zip_of(entry("a.csv", OTHER, method=99), entry("b.csv", LIST)), [("a.zip/a.csv", "password"), GOOD], "AES"),
        (
            zip_of(entry("a.csv", OTHER, method=14), entry("b.csv", LIST)),
            [("a.zip/a.csv", "unknown_packing"), GOOD],
            "LZMA",
        ),
        (
            zip_of(entry("a.csv", OTHER, method=12), entry("b.csv", LIST)),
            [("a.zip/a.csv", "unknown_packing"), GOOD],
            "bz2",
        ),
        (strange("a.csv", 0o120777), [("a.zip/a.csv", "not_a_file"), GOOD], "a link"),
        (strange("a.csv", 0o010644), [("a.zip/a.csv", "not_a_file"), GOOD], "a pipe"),
        (strange("a.csv.part", 0o100644), [("a.zip/a.csv.part", "partial_file"), GOOD], "a partial file"),
        (
            zip_of(entry("a.zip", zip_of(TWIN)), entry("b.csv", LIST)),
            [("a.zip/a.zip", "nested_archive"), GOOD],
            "an archive in an archive",
        ),
        (
            zip_of(entry("a.csv", gzip.compress(LIST, mtime=0)), entry("b.csv", LIST)),
            [("a.zip/a.csv", "nested_archive"), GOOD],
            "a gzip in an archive, whatever it is called",
        ),
        (
            zip_of(entry("a.csv", b"", packed=BOMB, size=900 * 2**20), entry("b.csv", LIST)),
            [("a.zip/a.csv", "zip_bomb"), GOOD],
            "an honest bomb",
        ),
        (
            zip_of(entry("a.csv", LIST, packed=BOMB), entry("b.csv", LIST)),
            [("a.zip/a.csv", "zip_bomb"), GOOD],
            "a bomb that claims to be small",
        ),
        (
            zip_of(TWIN, entry("b.csv", LIST, at=0), entry("c.csv", LIST, at=0)),
            [("a.zip", "zip_bomb")],
            "members that share their bytes",
        ),
        (
            zip_of(entry("a.csv", LIST, claimed=100), entry("b.csv", LIST)),
            [("a.zip", "zip_bomb")],
            "a member that claims the next one's bytes too",
        ),
        (zip_of(*[entry(f"{n}.csv", b"x") for n in range(1001)]), [("a.zip", "too_many_members")], "1,001 members"),
        (
            zip_of(*[entry(f"{n}" * 200, b"") for n in range(10_000)]),
            [("a.zip", "too_many_members")],
            "a directory of megabytes is not even read",
        ),
    ],
)
def test_zip(tmp_path: Path, data: bytes, expected: list[tuple[str, str | bytes]], why: str) -> None:
    found = unpacked(tmp_path, data)
    assert summary(found) == expected, why
    assert all(str(one.refused).count(" / ") == 1 for one in found if one.refused)


@pytest.mark.parametrize(
    ("data", "expected", "why"),
    [
        (gzip.compress(LIST, mtime=0), LIST, "one"),
        (gzip.compress(LIST, mtime=0) + gzip.compress(OTHER, mtime=0), LIST + OTHER, "two parts are one content"),
        (gzip.compress(LIST, mtime=0) + bytes(5000), LIST, "filled up with zeros"),
        (gzip.compress(b"", mtime=0), b"", "nothing: its reader says so"),
        (gzip.compress(workbook(), mtime=0), workbook(), "a workbook"),
        (gzip.compress(LIST, mtime=0)[:-1], "damaged_file", "cut off in its last byte"),
        (gzip.compress(LIST, mtime=0)[:-9], "damaged_file", "cut off"),
        (gzip.compress(LIST, mtime=0)[:5], "damaged_file", "cut off in its header"),
        (gzip.compress(LIST, mtime=0)[:-8] + bytes(8), "damaged_file", "checksum"),
        (gzip.compress(LIST, mtime=0) + b"and more", "damaged_file", "more behind its end"),
        (b"\x1f\x8b\x08\x08" + b"n" * 300_000, "damaged_file", "a name without an end"),
        (gzip_bomb(900), "zip_bomb", "a bomb"),
        (gzip.compress(gzip.compress(LIST, mtime=0), mtime=0), "nested_archive", "twice"),
        (gzip.compress(zip_of(TWIN), mtime=0), "nested_archive", "an archive in it"),
        (gzip.compress(b"", mtime=0) * 100_001, "zip_bomb", "more parts than work for a minute"),
    ],
)
def test_gzip(tmp_path: Path, data: bytes, expected: str | bytes, why: str) -> None:
    assert summary(unpacked(tmp_path, data, "list.csv.gz")) == [("list.csv.gz", expected)], why


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.csv", LIST), ("a.xlsx", workbook()), ("a.zip", workbook()), ("a.zip", LIST), ("a.zip", b""), ("a.gz", LIST)],
)
def test_what_is_no_archive_is_its_own_member(tmp_path: Path, name: str, data: bytes) -> None:
    """A workbook is a ZIP file, and none to be unpacked, whatever it is called."""
    assert unpacked(tmp_path, data, name) == [Member(name, tmp_path / "inbox" / name)]


def test_an_archive_that_is_called_a_workbook_is_unpacked(tmp_path: Path) -> None:
    assert summary(unpacked(tmp_path, zip_of(TWIN), "a.xlsx")) == [("a.xlsx/a.csv", LIST)]


@pytest.mark.parametrize(
    ("name", "shown", "noted"),
    [
        ("../../../inbox/evil.csv", "inbox/evil.csv", True),
        ("/etc/cron.d/evil.csv", "etc/cron.d/evil.csv", True),
        ("C:\\Windows\\evil.csv", "Windows/evil.csv", True),
        ("C:evil.csv", "evil.csv", True),
        ("..\\..\\evil.csv", "evil.csv", True),
        ("a/../../b/evil.csv", "a/b/evil.csv", True),
        ("//server/share/evil.csv", "server/share/evil.csv", True),
        ("..", "…", True),
        ("evil\x00.csv", "evil\\x00.csv", False),
        ("a\nINFO.csv", "a\\nINFO.csv", False),
        ("Quận 1/Danh sách.csv", "Quận 1/Danh sách.csv", False),
        ("a" * 5000 + ".csv", "a" * 5000 + ".csv", False),
    ],
)
def test_a_name_is_never_a_path(tmp_path: Path, name: str, shown: str, noted: bool) -> None:
    (found,) = unpacked(tmp_path, zip_of(entry(name, LIST)))
    assert (found.source_file, found.path.read_bytes()) == (f"a.zip/{shown}", LIST)
    assert [note.code for note in found.notes] == ["unsafe_member_name"] * noted


def test_two_members_of_one_name_are_both_read(tmp_path: Path) -> None:
    twins = [entry("d/b.csv", LIST), entry("d/b.csv", OTHER), entry("d\\b (2).csv", LIST), entry("d/b.csv", LIST)]
    found = unpacked(tmp_path, zip_of(*twins))
    assert [one.source_file[6:] for one in found] == ["d/b.csv", "d/b (2).csv", "d/b (2) (2).csv", "d/b (3).csv"]
    assert [one.path.read_bytes() for one in found] == [LIST, OTHER, LIST, LIST]
    assert [note.code for one in found for note in one.notes].count("duplicate_member") == 3


def test_all_members_together_stay_within_the_archives_allowance(tmp_path: Path) -> None:
    """Each small enough for itself; together 900 MB from 1 MB, were there no end."""
    large = entry("0.csv", bytes(2**20 - 1))
    data = zip_of(*[replace(large, name=f"{n}.csv".encode()) for n in range(900)])
    codes = [one.refused.code if one.refused else None for one in unpacked(tmp_path, data)]
    read = codes.count(None)
    assert codes == [None] * read + ["zip_bomb"] * (900 - read)
    assert read == 50 * len(data) // (2**20 - 1)


@pytest.mark.parametrize("data", [zip_of(entry("a.csv", LIST, packed=BOMB)), gzip_bomb(900)], ids=["zip", "gzip"])
def test_memory_stays_small_before_a_bomb(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bomb").write_bytes(data)
    tracemalloc.start()
    try:
        (found,) = members(tmp_path / "bomb", "bomb", tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.refused is not None
    assert peak < 8 * 2**20


def test_memory_stays_small_before_a_large_honest_archive(tmp_path: Path) -> None:
    packer = zlib.compressobj(1, wbits=-15)
    line = bytes(range(256)) * 4096
    packed = b"".join(packer.compress(line + bytes([n])) for n in range(64)) + packer.flush()
    check = 0
    for n in range(64):
        check = zlib.crc32(line + bytes([n]), check)
    size = 64 * (len(line) + 1)
    padding = entry("b.bin", packed[:1] * 2_000_000, method=STORED)
    (tmp_path / "a.zip").write_bytes(zip_of(entry("a.csv", b"", packed=packed, check=check, size=size), padding))
    tracemalloc.start()
    try:
        found = list(members(tmp_path / "a.zip", "a.zip", tmp_path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    codes = [one.refused and one.refused.code for one in found]
    assert codes[1] is None
    assert codes[0] == (None if size <= 50 * len(packed) else "zip_bomb")
    assert peak < 8 * 2**20


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_of(TWIN))
    (tmp_path / "scratch").mkdir()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        (found,) = members(tmp_path / "a.zip", "a.zip", tmp_path / "scratch")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert found.refused is not None
    assert found.refused.code == "not_unpacked"
    assert not list((tmp_path / "scratch").iterdir())


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(NAMES, st.binary(max_size=3000)), min_size=1, max_size=6), st.booleans())
def test_members_come_out_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, bytes]], packed: bool
) -> None:
    """Python's own writer as the peer; names only count for being no two alike."""
    folder = tmp_path_factory.mktemp("zip")
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(folder / "a.zip", "w", method) as archive:
        for number, (name, data) in enumerate(files):
            archive.writestr(
                f"n{number}{name.replace('/', '').replace('.part', '').replace(chr(92), '')}n", b"-" + data
            )
    found = list(unpack.members(folder / "a.zip", "a.zip", folder))
    assert [one.path.read_bytes() for one in found] == [b"-" + data for _, data in files]
    assert len({one.source_file for one in found}) == len(files)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_spoilt_archive_never_stops_the_night(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Some bytes changed, anywhere: every member comes out whole or refused, and never an exception."""
    folder = tmp_path_factory.mktemp("spoilt")
    whole = bytearray(zip_of(entry("a.csv", LIST), entry("b.csv", OTHER * 50), comment=b"c"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    (folder / "a.zip").write_bytes(whole)
    for one in members(folder / "a.zip", "a.zip", folder):
        assert one.refused or one.path.exists()


def test_a_directory_of_64_bit_sizes_that_lies_is_not_held_in_memory(tmp_path: Path) -> None:
    """The end record of 64 bits says that the directory is as large as the file: 40 MB."""
    filler = bytes(40 * 2**20)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(filler), 4)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 4 + len(filler), 1)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04" + filler + record + locator + end)
    del filler
    tracemalloc.start()
    try:
        (found,) = members(tmp_path / "a.zip", "a.zip", tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.refused is not None
    assert found.refused.code == "too_many_members"
    assert peak < 16 * 2**20
