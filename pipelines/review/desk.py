"""Holds what the review pages share: the state database, the newest handed-on run's worklist, and its standings.

A night that runs is not touched: the worklist is a file of the last run that was handed on, and the next run's takes
its place once it is built.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from matching.model import Model
from pipelines.config import Run, Settings
from pipelines.errors import BadInput, PipelineError
from pipelines.link.explain import model_of
from pipelines.night import runs
from pipelines.review import answers, claims, index
from pipelines.review.answers import Key
from pipelines.review.explain import single_changes
from pipelines.review.standings import Standings
from pipelines.review.worklist import Filters, Line, Worklist
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector
from pipelines.workspace import state

_LOG = logging.getLogger(__name__)
LOOK_EVERY_S = 10
"""Seconds after which it is looked again whether a newer run was handed on."""
AHEAD = 40
"""Records that are looked out for somebody's next one: others may be faster with the first of them."""


class Open(NamedTuple):
    """One run's worklist, open."""

    run: Run
    worklist: Worklist
    standings: Standings


class Desk:
    """What all visits of the review pages share."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings, self.engine = settings, engine
        self._lock = threading.Lock()
        # SQLite has one writer, and who finds it busy sleeps up to 100 ms before looking again: here the next in turn
        # goes on at once.
        is_sqlite = engine.dialect.name == "sqlite"
        self._one_writer: AbstractContextManager[object] = threading.Lock() if is_sqlite else nullcontext()
        self._looked_at = 0.0
        self._building: threading.Thread | None = None
        self._open: Open | None = None
        self.model_of = cache(self._model_of)
        self._one_asker = threading.Lock()

    def opened(self) -> Open:
        """The newest worklist that is built; the very first one is waited for. Errors: BadInput if no night is over."""
        with self._lock:
            if self._open is None:
                self._open = _opened(runs.last_run(self.settings))
            elif time.monotonic() > self._looked_at + LOOK_EVERY_S and not self._is_building():
                self._looked_at = time.monotonic()
                newest = runs.last_run(self.settings)
                if newest.run_id != self._open.run.run_id:
                    self._building = threading.Thread(target=self._take_up, args=(newest,), daemon=True)
                    self._building.start()
            return self._open

    def current(self, connection: Connection) -> Open:
        """The worklist with its standings as the state database has them now."""
        found = self.opened()
        found.standings.refresh(connection)
        return found

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in one write transaction, durable at its end; of a process's visits one at a time on SQLite."""
        with self._one_writer, state.transaction(self.engine) as connection:
            yield connection

    def sectors(self) -> dict[str, Sector]:
        """All sectors of the run, by name."""
        return dict(schema.of_settings(self.opened().run.settings))

    def single_changes(self, record_id: str) -> tuple[str, ...]:
        """As `pipelines.review.explain.single_changes`, of the open run; one visit at a time links records again."""
        with self._one_asker:
            return single_changes(self.opened().run, record_id)

    def _is_building(self) -> bool:
        return self._building is not None and self._building.is_alive()

    def _take_up(self, run: Run) -> None:
        try:
            found = _opened(run)
        except PipelineError as fault:  # its tables may be held for a moment: looked at again later
            _LOG.warning("%s", fault)
            return
        with self._lock:
            self._open = found
            self.model_of.cache_clear()

    def _model_of(self, sector: str) -> Model:
        return model_of(sector, self.opened().run.settings)


def upcoming(
    found: Open,
    connection: Connection,
    name: str,
    filters: Filters,
    tenants: Sequence[str] | None,
    after: int,
    *,
    is_second: bool,
    done: Key | None = None,
) -> list[Line]:
    """The next records that wait for this person and nobody has open; from the beginning once the end is reached.

    `done` is what they are just answering. To be read before anything is written: it may be a long way to the next.
    """
    held = claims.held_by_others(connection, name)
    for start in (after, 0):
        positions = found.worklist.positions(filters, tenants, start)
        waiting = (each for each in positions if found.standings.is_open(each, name, is_second=is_second))
        lines = found.worklist.lines(list(islice(waiting, AHEAD + len(held))))
        free = [line for line in lines if (line.sector, line.content) not in held]
        free = [line for line in free if (line.sector, line.content) != done]
        if free:
            return free[:AHEAD]
    return []


def take(found: Open, connection: Connection, name: str, lines: Sequence[Line], *, is_second: bool) -> Line | None:
    """The first of these records that nobody has taken or answered meanwhile, claimed for this person."""
    held = claims.held_by_others(connection, name)
    for line in lines:
        key: Key = (line.sector, line.content)
        if key in held or claims.claim(connection, key, name) != name:
            continue
        # Somebody may have answered between what the standings know and the claim.
        given = answers.of_records(connection, [key])[key]
        is_open = found.standings.is_open(line.position, name, is_second=is_second)
        if is_open and (not given or given[-1].number <= found.standings.seen):
            return line
        claims.release(connection, name, key)
    return None


def require_line(found: Open, record_id: str) -> Line:
    """The record of this id. Errors: BadInput if the worklist does not hold it."""
    line = found.worklist.line(record_id)
    if line is None:
        raise BadInput("unknown_record", "Danh sách không có hồ sơ này / the worklist has no such record.")
    return line


def _opened(run: Run) -> Open:
    worklist = Worklist(index.build(run))
    return Open(run, worklist, Standings(worklist))
