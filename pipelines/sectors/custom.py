"""Loads the custom sectors of a night: tables checked before any work, and kept with the run that was made by them."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.sectors import schema, table_errors
from pipelines.workspace import atomic_files

Tables = Mapping[str, bytes]
"""File name of a table → its content, sorted by name."""


def tables(settings: Settings) -> Tables:
    """The custom tables that the night is made by; none if there is no such folder.

    Errors: BadInput if a folder that was named is not there, or with every fault of every table.
    """
    folder = settings.sectors_directory
    if settings.own_sectors is not None and not folder.is_dir():
        raise BadInput("no_sectors", f"Không có thư mục bảng ngành «{folder}» / no such folder of sectors.")
    found = {path.name: path.read_bytes() for path in _files(folder)}
    refused = [refusal for name, content in found.items() if (refusal := _refusal(name, content))]
    if refused:
        raise table_errors.several(refused)
    return found


def kept(run: Run, held: Tables) -> Run:
    """The run with a copy of the tables in its own folder, by which it is read whatever becomes of the others."""
    folder = run.directory / "sectors"
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in held.items():
        with atomic_files.atomic(folder / name) as temporary:
            temporary.write_bytes(content)
    return with_kept(run)


def with_kept(run: Run) -> Run:
    """An earlier run, read by the tables that it kept."""
    own = run.directory / "sectors"
    return run.model_copy(update={"settings": run.settings.model_copy(update={"own_sectors": own})})


def titles(folder: Path | None) -> dict[str, tuple[str, str]]:
    """Name → Vietnamese and English title of every sector, except custom ones whose table cannot be used."""
    found = dict(schema.load_all())
    for path in _files(folder) if folder else []:
        if _refusal(path.name, path.read_bytes()) is None:
            found[path.stem] = schema.read(path)
    return {name: (sector.title_vi, sector.title_en) for name, sector in sorted(found.items())}


def _files(folder: Path) -> list[Path]:
    """Also those whose names no sector may have, since they were meant as one."""
    if not folder.is_dir():
        return []
    named = (path for path in folder.iterdir() if path.suffix.lower() == ".toml" and path.name[0] != ".")
    return sorted(path for path in named if path.is_file())


def _refusal(name: str, content: bytes) -> BadInput | None:
    if (schema.DIRECTORY / name).is_file():
        return BadInput("sector_table", f"{name}: đã có ngành tên này / there is a sector of this name.")
    try:
        sector = schema.parsed(name, content)
    except BadInput as refusal:
        return refusal
    if sector.foreign or sector.registry is not None:
        return BadInput(
            "sector_table",
            f"{name}: đối chiếu với danh sách người khác thì không chạy được hằng đêm; hãy bỏ tệp này ra và dùng "
            "sachsong match / people of another register have no place in a night: use sachsong match.",
        )
    return None
