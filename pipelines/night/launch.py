"""Launches a night: the workspace is held, and Prefect is imported while a server of our own starts."""

import os
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from pipelines.config import Settings
from pipelines.night import own_server
from pipelines.workspace.lock import exclusive


def launch(settings: Settings, on_progress: Callable[..., None] | None = None) -> Any:
    """The result of tonight's run (`flows.NightResult`), once it is finished. Errors: as `flows.run_nightly`."""
    # Held before a server starts: two that start on the same files would break each other's database.
    with exclusive(settings):
        ahead = None if own_server.may_be_named(os.environ) else own_server.start(own_server.home_of(settings))
        try:
            # The flow stands above this package: it is found as an entry point, which no linter of imports sees.
            run_nightly = next(iter(entry_points(group="sachsong.nightly"))).load()
            return run_nightly(settings, ahead=ahead, on_progress=on_progress)
        finally:
            if ahead:
                ahead.end()
