"""Unpacks an archive (ZIP, gzip) into a scratch folder, its files under numbers for names.

A member's own name never becomes a path. What is unpacked is counted as it comes; no header is believed.
"""

import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from pipelines.errors import BadInput, UnreadableFile
from pipelines.files import file_names
from pipelines.files.containers import identify, inflate, member_names
from pipelines.files.file_names import not_a_file, partial
from pipelines.files.sheet import Note

MOST_MEMBERS = 1_000


@dataclass(frozen=True)
class Member:
    """One file to read: a plain file, or a member of an archive."""

    source_file: str
    """The archive's name, then the member's: `lists.zip/district 1/a.csv`; a gzip's content has the gzip's name."""
    path: Path
    """Path of its bytes: the file itself, or its copy in the scratch folder; for a refused one, the archive."""
    notes: tuple[Note, ...] = ()
    refused: BadInput | None = None
    begins: int | None = None
    """Where it begins in the ZIP file that it was in."""


def members(path: Path, source_file: str, scratch: Path) -> Iterator[Member]:
    """Each file that `path` holds; a plain file is its own single member.

    Shape: in the archive's order, at least one; a member that is refused comes out with its reason and the others go
    on. Files in `scratch` are the caller's to delete.
    """
    whole = Member(source_file, path)
    try:
        kind = identify.container(path)
        if kind == "zip":
            yield from _zip_members(whole, scratch)
        elif kind == "gzip":
            with path.open("rb") as file:
                allowance = inflate.Allowance(path.stat().st_size)
                yield replace(whole, path=_written(inflate.gzip_blocks(file), (allowance,), scratch))
        else:
            yield whole
    except BadInput as refusal:
        yield replace(whole, refused=refusal)


def _zip_members(archive: Member, scratch: Path) -> Iterator[Member]:
    data = [entry for entry in inflate.entries(archive.path, MOST_MEMBERS) if not _is_no_data(entry)]
    if not data:
        raise UnreadableFile("empty_file", "Tệp nén không có tệp dữ liệu nào / the archive holds no data file.")
    allowance = inflate.Allowance(archive.path.stat().st_size)
    taken: set[str] = set()
    for entry in data:
        name, notes = member_names.name_in_archive(entry, taken)
        taken.add(name)
        member = Member(f"{archive.source_file}/{name}", archive.path, notes, begins=entry.header_offset)
        try:
            yield replace(member, path=_unpacked(archive.path, entry, allowance, scratch))
        except BadInput as refusal:
            yield replace(member, refused=refusal)


def _is_no_data(entry: zipfile.ZipInfo) -> bool:
    name = member_names.text(entry).replace("\\", "/")
    return name.endswith("/") or any(file_names.is_ignored(part) for part in PurePosixPath(name).parts if part != "..")


def _unpacked(archive: Path, entry: zipfile.ZipInfo, allowance: inflate.Allowance, scratch: Path) -> Path:
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise not_a_file(mode)
    if file_names.is_partial(member_names.text(entry)):
        raise partial()
    require_open(entry)
    allowance.spend(0)  # used up by the members before?
    with archive.open("rb") as file:
        own = inflate.Allowance(entry.compress_size)
        return _written(inflate.blocks(file, entry), (own, allowance), scratch)


def require_open(entry: zipfile.ZipInfo) -> None:
    """Errors: UnreadableFile if the member has a password."""
    if inflate.is_encrypted(entry):
        raise UnreadableFile(
            "password",
            "Thành phần có mật khẩu nên không bung được; hãy nén lại không đặt mật khẩu / the member has a password: "
            "make the archive again without one.",
        )


def _written(blocks: Iterable[bytes], allowances: tuple[inflate.Allowance, ...], scratch: Path) -> Path:
    """A new file with these bytes. Errors: UnreadableFile if they are too many or an archive again; nothing is left."""
    path = _next_free(scratch)
    try:
        with path.open("xb") as file:
            for block in blocks:
                for allowance in allowances:
                    allowance.spend(len(block))
                file.write(block)
        if identify.container(path):
            raise identify.nested_archive()
    except OSError as fault:
        path.unlink(missing_ok=True)
        raise UnreadableFile(
            "not_unpacked",
            f"Không bung được tệp nén ({fault.strerror}); hãy giải phóng ổ đĩa rồi chạy lại / the archive could not be "
            "unpacked: make room on the disk and run again.",
        ) from fault
    except BadInput:
        path.unlink()
        raise
    return path


def _next_free(scratch: Path) -> Path:
    number = max((int(path.name) for path in scratch.iterdir() if path.name.isdigit()), default=0) + 1
    return scratch / f"{number:06d}"
