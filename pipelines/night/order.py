"""Defines the order of a night's hops and their names; imports nothing, so that `--help` may read it."""

from typing import NamedTuple


class Step(NamedTuple):
    """A hop's name and its titles."""

    name: str
    title_vi: str
    title_en: str


ORDER: tuple[Step, ...] = (
    Step("read", "Đọc tệp", "read"),
    Step("standardise", "Chuẩn hóa", "standardise"),
    Step("check", "Kiểm tra đúng, đủ, sạch", "check"),
    Step("link", "Đối chiếu dân cư", "link"),
    Step("verify", "Xác thực", "verify"),
    Step("live", "Kiểm tra sống", "check live"),
    Step("report", "Báo cáo", "report"),
)


def before(name: str) -> list[str]:
    """Names of the hops that come before the named one."""
    names = [step.name for step in ORDER]
    return names[: names.index(name)]
