"""The process of a gateway that answers beside: `python -m pipelines.gateway.client.gateway_process`.

Its input is a pickled `FarEnd`, then messages with their signatures; its output a reply to each, or the error that was
raised instead. It ends when its input does.
"""

import pickle
import signal
import sys
from collections.abc import Iterator
from typing import Any

from pipelines.errors import PipelineError
from pipelines.gateway.protocol import clock
from pipelines.gateway.simulator import service


def main() -> None:
    """Answers one message after the other."""
    # Ctrl-C is for whoever started this: its end is the end of the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = _told()
    far = next(told)
    try:
        with service.open_service(
            far.registry, far.memory_file, cap=far.daily_cap, secret=far.secret, now=clock.fixed(far.day)
        ) as desk:
            for request, signature in told:
                _say(_reply(desk, request, signature))
    except PipelineError as fault:
        _say(fault)


def _reply(desk: service.Service, request: Any, signature: str) -> object:
    try:
        return desk.receive(request, signature)
    except PipelineError as fault:
        return fault


def _told() -> Iterator[Any]:
    while True:
        try:
            yield pickle.load(sys.stdin.buffer)
        except EOFError:
            return


def _say(what: object) -> None:
    pickle.dump(what, sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
