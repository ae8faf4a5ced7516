"""Checks that a name can be a tenant's: an order for one that cannot would never bear on anything."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from pipelines.errors import BadInput
from pipelines.workspace.state_tables import WAITING, questions, tenant_days
from vn import territories

UNKNOWN = "00"
"""Province in the tenant's name for records without a province."""


def require(connection: Connection, tenant: str, sectors: Iterable[str]) -> None:
    """Returns if the tenant was given places, waits, or is a sector and a province; BadInput otherwise.

    A tenant of another worker's own sector, which has no table here, is known once it has asked.
    """
    known = set(sectors)
    sector, _, province = tenant.rpartition("-")
    is_possible = sector in known and (province == UNKNOWN or territories.province_name(province) is not None)
    if not (is_possible or _is_seen(connection, tenant)):
        raise BadInput(
            "no_tenant",
            f"«{tenant}» không thể là tên đơn vị: viết <ngành>-<mã tỉnh>, ví dụ students-79, mã {UNKNOWN} nếu không "
            f"rõ tỉnh; ngành có ở đây: {', '.join(sorted(known))} / no tenant can be called «{tenant}»: write "
            f"<sector>-<province>, like students-79; sectors known here: {', '.join(sorted(known))}.",
        )


def _is_seen(connection: Connection, tenant: str) -> bool:
    asked = select(tenant_days.c.tenant).where(tenant_days.c.tenant == tenant).limit(1)
    waits = select(questions.c.tenant).where(WAITING, questions.c.tenant == tenant).limit(1)
    return any(connection.execute(each).first() is not None for each in (asked, waits))
