"""Connects to the gateway that a night asks: the one that the settings name, over HTTP, or the embedded one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.gateway.client.beside import beside
from pipelines.gateway.client.client import Transport
from pipelines.gateway.client.embedded import embedded
from pipelines.gateway.client.signed import Sender, SignedTransport
from pipelines.gateway.protocol import clock, secret
from pipelines.registry import snapshot

MEMORY = "gateway.sqlite"
"""File name of the embedded gateway's memory, in the workspace."""
WORTH_QUESTIONS = 20_000
"""With fewer the embedded gateway answers in this process: one of its own takes a second to begin."""


@contextmanager
def open_transport(
    settings: Settings,
    people: Path | None = None,
    on_step: Callable[[str], None] = lambda _name: None,
    questions: int = 0,
) -> Iterator[Transport]:
    """The transport to `gateway_url`; without one, to the gateway embedded over the registry snapshot `people`.

    `people` is by default the loaded one: whoever asks a gateway elsewhere needs none. If many `questions` are likely
    to be asked, the embedded gateway answers in another process, where `on_step` is not called.
    Errors: BadInput if the address, the sender's names or the secret cannot be used, or there is no registry.
    """
    if settings.gateway_url is None:
        memory, people = settings.workspace / MEMORY, people or snapshot.current(settings).path
        if questions >= WORTH_QUESTIONS and settings.threads > 1:
            with beside(people, memory, day=settings.night, daily_cap=settings.daily_cap) as ahead:
                yield ahead
            return
        with embedded(people, memory, day=settings.night, daily_cap=settings.daily_cap, on_step=on_step) as line:
            yield line
        return
    from pipelines.gateway.client.http import Http

    key = secret.read(settings.gateway_secret_file)
    sender = Sender(_name(settings.gateway_unit), _name(settings.gateway_officer))
    with Http(settings.gateway_url, settings.gateway_timeout_s) as carrier:
        yield SignedTransport(carrier, key, sender, clock.clock_of(settings.gateway_clock))


def _name(text: str) -> str:
    """Of who asks: it stands in a header, where other letters and outer spaces do not arrive as they were sent."""
    if not text or not text.isascii() or not text.isprintable() or text != text.strip():
        raise BadInput(
            "bad_sender",
            "Mã đơn vị (SACHSONG_GATEWAY_UNIT) và mã cán bộ (SACHSONG_GATEWAY_OFFICER) chỉ gồm chữ không dấu, số "
            "/ unit and officer: ASCII letters, digits and signs only.",
        )
    return text
