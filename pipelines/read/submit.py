"""Copies a file into a sector's inbox so that it is never seen half written."""

import shutil
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.read.hop import MAPPING
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector
from pipelines.workspace import atomic_files
from pipelines.workspace.checksums import sha256


def sector_of(settings: Settings, name: str) -> Sector:
    """The sector with this name. Errors: BadInput tells the names that there are."""
    known = schema.known(settings.sectors_directory)
    if name not in known:
        raise BadInput(
            "unknown_sector",
            f"Không rõ ngành «{name}»{_near(name, known, 'có phải')}; hãy thêm --sector với một trong: "
            f"{', '.join(known)} / no sector «{name}»{_near(name, known, 'did you mean')}; --sector with one of: "
            f"{', '.join(known)}.",
        )
    return schema.load(name, settings.sectors_directory)


def _near(name: str, known: Sequence[str], asked: str) -> str:
    """The name that was probably meant, as a question."""
    near = get_close_matches(name.lower(), known, n=1)
    return f" ({asked} «{near[0]}»?)" if near else ""


def sectors_of(settings: Settings, name: str | None, file: Path, *, must_be_one: bool) -> list[Sector]:
    """The named sector, else that of the file's folder; all sectors where neither names one.

    Errors: BadInput tells the names that there are, if one must be known or the one that was named is not.
    """
    known, folder = schema.known(settings.sectors_directory), file.absolute().parent.name
    if name or must_be_one or folder in known:
        return [sector_of(settings, name or folder)]
    return list(schema.of_settings(settings).values())


def mapping_of(settings: Settings, sector: Sector, file: Path) -> Path:
    """The mapping file for a file: beside it, else in the sector's inbox."""
    beside = file.with_name(MAPPING)
    return beside if beside.is_file() else settings.inbox_directory / sector.name / MAPPING


def submit(settings: Settings, file: Path, sector: Sector) -> Path:
    """Path of the file in the sector's inbox, into which it is copied whole or not at all. One that lies there already
    stays.

    Errors: BadInput if another file of that name is there.
    """
    if file.resolve().is_relative_to((settings.inbox_directory / sector.name).resolve()):
        return file
    target = settings.inbox_directory / sector.name / file.name
    if target.exists() and sha256(target) != sha256(file):
        raise BadInput(
            "name_taken",
            f"Trong «{target.parent}» đã có tệp «{file.name}» nội dung khác; hãy đổi tên (…_v2) để thay theo mã của "
            "ngành, hoặc tự xóa tệp cũ / another file of that name is there: rename it or remove the old one.",
        )
    with atomic_files.atomic(target) as temporary:
        shutil.copyfile(file, temporary)
    return target
