"""Examines who else takes part in a night: the gateway, and a Prefect server."""

import http.client
import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.config import Settings
from pipelines.errors import PipelineError
from pipelines.gateway.client import connect
from pipelines.night.doctor.finding import Finding, of_error

WAIT_S = 5.0
SKEW_S = 60
"""Seconds by which the gateway's clock may differ: messages are dated."""


def gateway(settings: Settings, now: datetime | None = None) -> Finding:
    """Whether the gateway answers, takes our secret's form, and has the same time. Nothing is asked of it."""
    if settings.gateway_url is None:
        return Finding(
            "gateway",
            "warning",
            "giả lập trên dữ liệu dân cư đã nạp / simulated over the loaded registry",
            "đặt gateway_url trong sachsong.toml khi có cổng thật / set gateway_url in sachsong.toml for a real one",
        )
    try:
        with connect.open_transport(settings):
            pass
    except PipelineError as error:
        return of_error("gateway", error)
    told = _answer(settings.gateway_url)
    if told is None:
        return Finding(
            "gateway",
            "fault",
            "không kết nối được / it cannot be reached",
            "kiểm tra gateway_url, đường truyền và chứng thư / check gateway_url, the line and the certificate",
        )
    their, ours = told.get("Date"), now or datetime.now(UTC)
    with suppress(TypeError, ValueError):
        skew = abs((parsedate_to_datetime(their or "") - ours).total_seconds())
        if skew > SKEW_S and settings.gateway_clock == "real":
            return Finding(
                "gateway",
                "fault",
                f"đồng hồ của cổng lệch {skew:.0f} giây / its clock differs by {skew:.0f} s",
                "chỉnh đồng hồ của máy này: timedatectl set-ntp true / set this machine's clock",
            )
    return Finding("gateway", "ok", "trả lời / it answers")


def prefect(environment: Mapping[str, str] = os.environ) -> Finding:
    """Whether the Prefect server that the environment names answers; without one a night starts its own."""
    named, fault = environment.get("PREFECT_API_URL"), None
    if profile := environment.get("PREFECT_PROFILE"):
        profiles = Path(environment.get("PREFECT_PROFILES_PATH", ""))
        try:
            named = named or tomllib.loads(profiles.read_text(encoding="utf-8"))["profiles"][profile]["PREFECT_API_URL"]
        except (OSError, ValueError, KeyError, TypeError):
            fault = f"hồ sơ «{profile}» không có trong «{profiles}» / the profile «{profile}» is not in «{profiles}»"
    if fault and not named:
        return Finding("prefect", "fault", fault, "sửa PREFECT_PROFILE, hoặc bỏ nó / mend PREFECT_PROFILE, or unset it")
    if not named:
        return Finding("prefect", "ok", "mỗi đêm một máy chủ riêng / each night starts its own server")
    if _answer(f"{named.rstrip('/')}/health") is None:
        return Finding(
            "prefect",
            "fault",
            f"«{_host(named)}» không trả lời / «{_host(named)}» does not answer",
            "bật máy chủ, hoặc bỏ PREFECT_API_URL / start the server, or unset PREFECT_API_URL",
        )
    return Finding("prefect", "ok", f"«{_host(named)}» trả lời / «{_host(named)}» answers")


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _answer(url: str) -> Mapping[str, str] | None:
    """The headers of whatever it says; None for silence."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=WAIT_S)
        try:
            connection.request("GET", parts.path or "/")
            return dict(connection.getresponse().getheaders())
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return None
