"""Examines the machine and its installation as a night will find them."""

from pathlib import Path

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.night.doctor import installation, machine, services
from pipelines.night.doctor.finding import Finding, of_error
from pipelines.workspace import settings_sources


def examine(workspace: Path) -> list[Finding]:
    """Every finding, in the order of `finding.TITLES`; where the settings are wrong, the defaults are examined."""
    try:
        gathered = settings_sources.gathered(workspace, {})
        settings = gathered.settings
        file = settings.workspace / settings_sources.FILE
        where = f"«{file}» / «{file}»" if file.is_file() else "mặc định và môi trường / defaults and the environment"
        first = Finding("settings", "ok", where)
    except BadInput as error:
        settings, first = Settings(workspace=workspace), of_error("settings", error)
    return [
        first,
        machine.python(),
        machine.packages(),
        machine.memory(settings),
        machine.encoding(),
        machine.fonts(),
        machine.clock(settings),
        installation.workspace(settings),
        installation.disk(settings),
        installation.sectors(settings),
        installation.inbox(settings),
        installation.registry(settings),
        installation.state_database(settings),
        services.gateway(settings),
        services.prefect(),
    ]
