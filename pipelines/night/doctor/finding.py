"""Shapes what the doctor found: one thing of this machine, how it is, how to mend it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pipelines.errors import PipelineError

TITLES: Mapping[str, str] = {
    "settings": "Cài đặt / settings",
    "python": "Python / Python",
    "packages": "Gói phần mềm / packages",
    "memory": "Bộ nhớ / memory",
    "locale": "Bảng mã của máy / locale",
    "fonts": "Phông chữ / fonts",
    "clock": "Đồng hồ và múi giờ / clock and time zone",
    "workspace": "Thư mục làm việc / workspace",
    "disk": "Ổ đĩa / disk",
    "sectors": "Bảng ngành / tables of sectors",
    "inbox": "Tệp đến / inbox",
    "registry": "Dữ liệu dân cư / registry",
    "state": "CSDL trạng thái / state database",
    "gateway": "Cổng xác thực / gateway",
    "prefect": "Prefect / Prefect",
}
"""What is examined, in this order → its title."""


class Finding(NamedTuple):
    """One thing of this machine, Vietnamese / English."""

    check: str
    """A key of TITLES."""
    grade: Literal["ok", "warning", "fault"]
    found: str
    remedy: str = ""

    @property
    def title(self) -> str:
        """What was examined, in words."""
        return TITLES[self.check]


def of_error(check: str, error: PipelineError) -> Finding:
    """The fault that an error of the pipeline names; its sentence holds the remedy."""
    return Finding(check, "fault", str(error))
