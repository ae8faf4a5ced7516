"""Examines the machine itself: Python, packages, memory, locale, fonts, clock."""

import locale
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.config import TIME_ZONE, Settings
from pipelines.night.doctor.finding import Finding
from pipelines.workspace import provenance

LEAST_PYTHON = (3, 11)
BESIDE_DUCKDB_MB = 1_500
"""Memory that a night needs besides DuckDB's limit: Polars, Great Expectations, Prefect."""
SHOWN = 3


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Whether Python is new enough."""
    told = ".".join(map(str, version))
    if version < LEAST_PYTHON:
        return Finding("python", "fault", f"{told}, cần 3.11 trở lên / {told}, 3.11 or later is needed",
                       "cài Python 3.11 rồi chạy: make install / install Python 3.11, then: make install")  # fmt: skip
    return Finding("python", "ok", f"{told}, {platform.machine()} / {told}, {platform.machine()}")


def packages(lock: Path = provenance.ROOT / "requirements.lock", there: Mapping[str, str] | None = None) -> Finding:
    """Whether the packages are those of the lock; `there` is name → version, by default what is installed."""
    if not lock.is_file():
        return Finding("packages", "ok", "không có requirements.lock để so / there is no requirements.lock to compare")
    if there is None:
        there = {_plain(each.name): each.version for each in distributions()}
    pinned = re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    other = [name for name, version in pinned if there.get(_plain(name)) != version]
    if not other:
        return Finding("packages", "ok", f"{len(pinned)} gói đúng bản đã khóa / {len(pinned)} packages as locked")
    named = ", ".join(other[:SHOWN]) + (" …" if len(other) > SHOWN else "")
    return Finding(
        "packages",
        "warning",
        f"{len(other)} gói thiếu hoặc khác bản đã khóa («{named}») / {len(other)} are missing or of another version",
        "chạy: make install / run: make install",
    )


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def memory(settings: Settings, bytes_there: int | None = None) -> Finding:
    """Whether the memory is enough for what DuckDB may take and the rest of a night."""
    there = (bytes_there or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) // 1_000_000
    needed = settings.memory_mb + BESIDE_DUCKDB_MB
    if there >= needed:
        return Finding("memory", "ok", f"{there} MB, một đêm cần {needed} MB / {there} MB, a night needs {needed} MB")
    return Finding(
        "memory",
        "fault",
        f"{there} MB, một đêm cần {needed} MB / {there} MB, a night needs {needed} MB",
        f"đặt memory_mb = {max(256, there - BESIDE_DUCKDB_MB)} trong sachsong.toml, hoặc thêm bộ nhớ "
        f"/ set memory_mb = {max(256, there - BESIDE_DUCKDB_MB)} in sachsong.toml, or add memory",
    )


def encoding(name: str | None = None) -> Finding:
    """Whether the terminal can show Vietnamese."""
    name = name or locale.getencoding()
    if name.lower().replace("-", "") == "utf8":
        return Finding("locale", "ok", f"{name} / {name}")
    return Finding(
        "locale",
        "warning",
        f"{name} không viết được đủ dấu tiếng Việt / {name} lacks Vietnamese letters",
        "đặt LC_ALL=C.UTF-8 trước khi chạy / set LC_ALL=C.UTF-8",
    )


def fonts(listing: str | None = None) -> Finding:
    """Whether a page or a list that is opened on this machine has letters for Vietnamese; a night needs none."""
    if listing is None:
        program = shutil.which("fc-list")
        if program is None:
            return Finding(
                "fonts", "ok", "không có fc-list để hỏi; đêm chạy không cần phông / not asked: none is needed"
            )
        done = subprocess.run([program, ":lang=vi", "family"], capture_output=True, text=True, check=False, timeout=20)
        listing = done.stdout
    if listing.strip():
        return Finding("fonts", "ok", "có phông tiếng Việt / there are fonts for Vietnamese")
    return Finding(
        "fonts",
        "warning",
        "không có phông tiếng Việt, cần khi mở báo cáo ở đây / no font for Vietnamese: needed to read reports here",
        "cài một phông, ví dụ: apt install fonts-dejavu-core / install one, such as fonts-dejavu-core",
    )


def clock(settings: Settings, now: datetime | None = None, zone: str = TIME_ZONE.key) -> Finding:
    """Whether the clock can be right: not before the last night, nor before this program was made."""
    now = now or datetime.now(UTC)
    try:
        here = now.astimezone(ZoneInfo(zone))
    except ZoneInfoNotFoundError:
        return Finding("clock", "fault", f"không có múi giờ {zone} / the time zone {zone} is missing",
                       "cài gói tzdata / install tzdata")  # fmt: skip
    made = datetime.fromtimestamp(Path(provenance.__file__).stat().st_mtime, UTC)
    last = max((path.name[:10] for path in settings.runs_directory.glob("????-??-??-*")), default="")
    if now < made or f"{here:%Y-%m-%d}" < last:
        earlier = f"{here:%Y-%m-%d %H:%M}"
        return Finding(
            "clock",
            "fault",
            f"{earlier} sớm hơn đêm gần nhất hoặc bản cài đặt / {earlier} is before the last night or the installation",
            "chỉnh đồng hồ của máy, bật đồng bộ: timedatectl set-ntp true / set the clock: timedatectl set-ntp true",
        )
    return Finding("clock", "ok", f"{here:%Y-%m-%d %H:%M} {zone} / {here:%Y-%m-%d %H:%M} {zone}")
