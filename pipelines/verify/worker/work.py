"""Runs a separate worker that asks what waits, beside or after the night, on this machine or another one of the same
state.
"""

from pipelines.config import Settings
from pipelines.gateway.client import connect
from pipelines.gateway.client.client import Gateway
from pipelines.quota import orders
from pipelines.verify.clock import Clock, RealClock, in_viet_nam
from pipelines.verify.worker import worker_name
from pipelines.verify.worker.options import Progress, TurnResult, WorkerOptions
from pipelines.verify.worker.turn import Turn
from pipelines.workspace import state


def work(settings: Settings, conduct: WorkerOptions, progress: Progress, clock: Clock | None = None) -> TurnResult:
    """Counts of what was asked, and why the worker stopped: empty, cap, outage, paused, closed.

    The day is the state database's, in Việt Nam; over midnight it follows the gateway. A worker that is started before
    its hours waits for them. Errors: BadInput if there is no gateway to ask, or another works under its name; Terminal
    if the gateway refuses our messages.
    """
    ticking = clock or RealClock()
    with state.opened(settings) as engine:
        with state.reading(engine) as connection:
            now = in_viet_nam(ticking.now(connection))
            cap = orders.cap(connection, settings.daily_cap)
        if conduct.hours:
            ticking.sleep(conduct.hours.wait_s(now))
        today = settings.model_copy(update={"night": now.date(), "daily_cap": cap})
        with worker_name.take_name(settings) as name, connect.open_transport(today) as line:
            turn = Turn(
                engine,
                Gateway(line),
                now.date().isoformat(),
                name,
                "",
                settings.daily_cap,
                conduct=conduct,
                clock=ticking,
                progress=progress,
            )
            ended = turn.run()
            if turn.refused:
                raise turn.refused
            return ended
