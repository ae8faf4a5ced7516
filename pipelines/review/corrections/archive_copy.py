"""Writes an archive again with some of its members replaced: the others, the order, names and dates as they were."""

import gzip
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from pipelines.files.containers import inflate, member_names, unpack


def rewrite_zip(source: Path, target: Path, replaced: Mapping[int | None, Path]) -> None:
    """Writes the ZIP file; `replaced`: where a member begins in it → the file of its new content.

    A name that did not say in which letters it was written comes out as UTF-8.
    Errors: UnreadableFile if another member has a password, is damaged or unpacks to too much.
    """
    allowance = inflate.Allowance(source.stat().st_size)
    with source.open("rb") as file, zipfile.ZipFile(target, "w") as copy:
        for entry in inflate.entries(source, unpack.MOST_MEMBERS):
            written = zipfile.ZipInfo(member_names.text(entry), entry.date_time)
            written.compress_type = zipfile.ZIP_STORED if written.is_dir() else zipfile.ZIP_DEFLATED
            written.external_attr = entry.external_attr
            new = replaced.get(entry.header_offset)
            with copy.open(written, "w") as into:
                if new is not None:
                    with new.open("rb") as content:
                        shutil.copyfileobj(content, into)
                    continue
                unpack.require_open(entry)
                for block in inflate.blocks(file, entry):
                    allowance.spend(len(block))
                    into.write(block)


def rewrite_gzip(target: Path, content: Path) -> None:
    """Writes a gzip file of this content; without a moment of its own, so that the same content is the same bytes."""
    with target.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as into, content.open("rb") as file:
        shutil.copyfileobj(file, into)
