"""Examines what lies in the workspace: its folder, disk, tables of sectors, inbox, registry, state database."""

import os
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import func, inspect, select

from pipelines.config import Settings
from pipelines.errors import PipelineError
from pipelines.night.doctor.finding import Finding, of_error
from pipelines.read.inbox import arrivals
from pipelines.registry import snapshot
from pipelines.sectors import custom
from pipelines.workspace import key_files, owner_only, state
from pipelines.workspace.state_tables import schema, second_factors

LEAST_DISK_MB = 2_000
TIMES_THE_FILES = 6
"""Disk that a night takes, as a multiple of the files in the inbox: its tables, its outputs, what is spilled."""


def workspace(settings: Settings) -> Finding:
    """Whether the folder can be written, for its owner only."""
    folder = settings.workspace
    there = _existing(folder)
    if not (there.is_dir() and os.access(there, os.R_OK | os.W_OK | os.X_OK)):
        return Finding(
            "workspace",
            "fault",
            f"«{there}» không ghi được / «{there}» cannot be written",
            "sửa quyền của thư mục, hoặc chọn --workspace khác / mend its permissions, or choose another --workspace",
        )
    with tempfile.NamedTemporaryFile(dir=there, prefix=".doctor-") as probe:
        Path(probe.name).chmod(0o600)
        is_private = not Path(probe.name).stat().st_mode & owner_only.OTHERS
    if not is_private or owner_only.exposed(folder):
        return Finding(
            "workspace",
            "warning",
            f"«{folder}»: người khác trên máy đọc được / «{folder}» can be read by others on this machine",
            "đặt thư mục làm việc trên ổ có phân quyền (ext4, xfs) / put it on a file system with permissions",
        )
    told = "" if folder.is_dir() else " (chưa có, đêm đầu tiên sẽ tạo)"
    told_en = "" if folder.is_dir() else " (the first night makes it)"
    return Finding("workspace", "ok", f"«{folder}» ghi được{told} / «{folder}» can be written{told_en}")


def disk(settings: Settings, free: int | None = None) -> Finding:
    """Whether the disk has room for a night over the files that have come."""
    free_mb = (shutil.disk_usage(_existing(settings.workspace)).free if free is None else free) // 1_000_000
    waiting = sum(path.stat().st_size for path in settings.inbox_directory.rglob("*") if path.is_file()) // 1_000_000
    needed = LEAST_DISK_MB + TIMES_THE_FILES * waiting
    told = f"còn {free_mb} MB, đêm nay cần {needed} MB / {free_mb} MB are free, tonight needs {needed} MB"
    if free_mb >= needed:
        return Finding("disk", "ok", told)
    return Finding(
        "disk", "fault", told, "dọn chỗ, hoặc giảm kept_tables trong sachsong.toml / make room, or lower kept_tables"
    )


def sectors(settings: Settings) -> Finding:
    """Whether the tables of own sectors are in order."""
    try:
        own = custom.tables(settings)
    except PipelineError as error:
        return of_error("sectors", error)
    return Finding("sectors", "ok", f"{len(own)} ngành tự thêm, đúng mẫu / {len(own)} of your own, in order")


def inbox(settings: Settings) -> Finding:
    """Whether files have come."""
    folder = settings.inbox_directory
    if not folder.is_dir():
        return Finding(
            "inbox",
            "warning",
            f"không có thư mục «{folder}» / there is no folder «{folder}»",
            "tạo thư mục cho mỗi ngành, ví dụ inbox/students, hoặc sửa inbox trong sachsong.toml "
            "/ make a folder for each sector, such as inbox/students, or mend inbox in sachsong.toml",
        )
    try:
        found = arrivals(settings)
    except PipelineError as error:
        return of_error("inbox", error)
    if not found:
        return Finding("inbox", "warning", f"«{folder}» không có tệp nào / «{folder}» holds no file",
                       "chép tệp vào, hoặc: sachsong load TỆP / put files there, or: sachsong load FILE")  # fmt: skip
    return Finding("inbox", "ok", f"{len(found)} tệp / {len(found)} files")


def registry(settings: Settings) -> Finding:
    """Whether a registry is loaded, and the file that the nights load is there."""
    if settings.registry is not None and not settings.registry.is_file():
        return Finding(
            "registry",
            "fault",
            f"không có tệp «{settings.registry}» / there is no file «{settings.registry}»",
            "chép tệp vào đó, hoặc sửa registry trong sachsong.toml / put it there, or mend registry in sachsong.toml",
        )
    try:
        people = snapshot.current(settings)
    except PipelineError as error:
        if settings.registry is not None:
            return Finding("registry", "ok", "đêm sau sẽ nạp / the next night loads it")
        return of_error("registry", error)
    return Finding("registry", "ok", f"«{people.source_file}», {people.people} người / {people.people} people")


def state_database(settings: Settings) -> Finding:
    """Whether the state database answers, has this program's version, and its second factors can be decrypted; it is
    not made.
    """
    if not settings.has_state:
        return Finding("state", "ok", "chưa có, đêm đầu tiên sẽ tạo / the first night makes it")
    try:
        engine = state.connect(settings.state_url or state.sqlite_file(settings.workspace / "state.sqlite"))
        try:
            with state.reading(engine) as connection:
                is_made = inspect(connection).has_table(schema.name)
                version = connection.execute(select(schema.c.version)).scalar() if is_made else state.SCHEMA
                has_factors = inspect(connection).has_table(second_factors.name) and bool(
                    connection.execute(select(func.count()).select_from(second_factors)).scalar()
                )
                key = key_files.read(settings.second_factor_key_file) if has_factors else b""
        finally:
            engine.dispose()
    except PipelineError as error:
        return of_error("state", error)
    kind = engine.dialect.name
    if version != state.SCHEMA:
        return Finding(
            "state",
            "fault",
            f"{kind}, phiên bản {version}, chương trình cần {state.SCHEMA} "
            f"/ {kind}, version {version}, this program needs {state.SCHEMA}",
            "dùng bản chương trình đã tạo nó, hoặc theo mục Upgrading của CHANGELOG.md "
            "/ use the program that made it, or see Upgrading in CHANGELOG.md",
        )
    if key is None:
        return Finding(
            "state",
            "warning",
            f"không có khóa «{settings.second_factor_key_file}» của xác thực hai lớp "
            "/ the key of the second factors is missing",
            "chép lại tệp khóa đã dùng khi bật, hoặc sửa second_factor_key trong sachsong.toml "
            "/ put the file back, or mend second_factor_key in sachsong.toml",
        )
    return Finding("state", "ok", f"{kind}, phiên bản {version} / {kind}, version {version}")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next((each for each in (folder.absolute(), *folder.absolute().parents) if each.exists()), Path("/"))
