"""Which gateway a night asks: the one that the settings name, over HTTP, or the embedded one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.config import Settings
from pipelines.gateway import clock, secret
from pipelines.verify.gateway import Transport
from pipelines.verify.line import Sender, SignedLine
from pipelines.verify.simulator import embedded

MEMORY = "gateway.sqlite"
"""The embedded gateway's memory, in the workspace."""


@contextmanager
def opened(
    settings: Settings, people: Path, on_step: Callable[[str], None] = lambda _name: None
) -> Iterator[Transport]:
    """The line to `gateway_url`; without one, to the gateway embedded over the registry snapshot `people`.

    Errors: BadInput if the address or the secret cannot be used.
    """
    if settings.gateway_url is None:
        memory = settings.workspace / MEMORY
        with embedded(people, memory, day=settings.night, daily_cap=settings.daily_cap, on_step=on_step) as line:
            yield line
        return
    from pipelines.verify.http_line import Http

    key = secret.read(settings.gateway_secret_file)
    sender = Sender(unit=settings.gateway_unit, officer=settings.gateway_officer)
    with Http(settings.gateway_url, settings.gateway_timeout_s) as carrier:
        yield SignedLine(carrier, key, sender, clock.named(settings.gateway_clock))
