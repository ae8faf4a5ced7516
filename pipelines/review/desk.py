"""Holds what the review pages share: the state database, the newest handed-on run's worklist, and its standings.

A night that runs is not touched: the worklist is a file of the last run that was handed on, and the next run's takes
its place once it is built.
"""

import logging
import threading
import time
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from matching.model import Model
from pipelines.config import Run, Settings
from pipelines.errors import BadInput, PipelineError
from pipelines.link.explain import model_of
from pipelines.night import runs
from pipelines.review import answers, claims, index
from pipelines.review.answers import Key
from pipelines.review.standings import Standings
from pipelines.review.worklist import Filters, Line, Worklist
from pipelines.sectors import schema
from pipelines.sectors.schema import Sector

_LOG = logging.getLogger(__name__)
LOOK_EVERY_S = 10
"""Seconds after which it is looked again whether a newer run was handed on."""


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
        self._looked_at = 0.0
        self._building: threading.Thread | None = None
        self._open: Open | None = None
        self.model_of = cache(self._model_of)

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

    def sectors(self) -> dict[str, Sector]:
        """All sectors of the run, by name."""
        return dict(schema.of_settings(self.opened().run.settings))

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


def next_line(
    found: Open,
    connection: Connection,
    name: str,
    filters: Filters,
    tenants: Sequence[str] | None,
    after: int,
    *,
    is_second: bool,
    done: Key | None = None,
) -> Line | None:
    """The next record that waits for this person, claimed for them; from the beginning once the end is reached.

    `done` is what they have just answered, which the standings need not know yet.
    """
    held = claims.held_by_others(connection, name)

    def is_wanted(position: int) -> bool:
        return found.standings.is_open(position, name, is_second=is_second)

    for start in (after, 0):
        for position in found.worklist.positions(filters, tenants, start):
            if not is_wanted(position):
                continue
            (line,) = found.worklist.lines([position])
            key: Key = (line.sector, line.content)
            if key != done and key not in held and claims.claim(connection, key, name) == name:
                # Somebody may have answered between what the standings know and the claim.
                given = answers.of_records(connection, [key])[key]
                if is_wanted(position) and (not given or given[-1].number <= found.standings.seen):
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
