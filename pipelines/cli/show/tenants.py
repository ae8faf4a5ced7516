"""Names a tenant in the terminal's language."""

from pathlib import Path

from pipelines.cli.language import say
from pipelines.quota.tenant_names import display_name


def tenant_name(tenant: str, own_sectors: Path) -> str:
    """A tenant's name, as "Hồ Chí Minh · Học sinh (students-79)", or with the sector's English title; custom sectors by
    their titles.
    """
    from pipelines.sectors import custom

    titles = {name: (say(*both), both[1]) for name, both in custom.titles(own_sectors).items()}
    return display_name(tenant, titles, say("Không rõ tỉnh", "no province"))
