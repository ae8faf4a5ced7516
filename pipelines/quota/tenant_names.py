"""Names a tenant for people: its province and its sector's title, and the name that commands take."""

from collections.abc import Mapping


def display_name(tenant: str, titles: Mapping[str, tuple[str, str]], no_province: str = "Không rõ tỉnh") -> str:
    """A tenant's name for people, as "Hồ Chí Minh · Học sinh (students-79)"; one without sector or province stays as it
    is.

    `titles` as sectors.custom.titles gives them. A sector that has no table here, as one of another worker's may, is
    called by its name.
    """
    from vn import territories  # loads polars, which a what-if on a file does not need

    sector, _, province = tenant.rpartition("-")
    place = territories.province_name(province)
    if place is None and sector not in titles:
        return tenant
    title, _ = titles.get(sector, (sector, sector))
    return f"{place or no_province} · {title} ({tenant})"
