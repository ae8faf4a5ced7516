"""Knows which records of a worklist are decided and for whom the others wait, whoever decided them and where.

Held in memory and brought up to date from the state database: what was added there since is read, no more.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select

from pipelines.link import human_decisions
from pipelines.review import answers
from pipelines.review.answers import Key
from pipelines.review.disagreement import Standing, standing
from pipelines.review.worklist import Worklist
from pipelines.workspace.state_tables import decisions, review_answers

NEW = Standing("first", frozenset())
OVERLAP = {"sqlite": 0, "postgresql": 50}
"""Numbers that are read again: PostgreSQL may commit a lower one later."""


class Standings:
    """What the people's answers about the records of one worklist come to."""

    def __init__(self, worklist: Worklist) -> None:
        self._worklist = worklist
        self._lock = threading.Lock()
        self._seen = {decisions.name: 0, review_answers.name: 0}
        self._readers: dict[str, int] = {}
        self.decided: set[int] = set()
        """Positions of the records that need nobody any more."""
        self.waiting: dict[int, Standing] = {}
        """Position → for whom it waits, of records that somebody has answered."""

    def refresh(self, connection: Connection) -> None:
        """Reads what was decided and answered since the last time."""
        with self._lock:
            readers = answers.readers_of(connection)
            changed = self._new(connection, decisions, "decision") | self._new(connection, review_answers, "answer")
            if readers != self._readers:
                changed |= self._answered_keys(connection)
                self._readers = readers
            if changed:
                self._evaluate(connection, sorted(changed))

    @property
    def seen(self) -> int:
        """Number of the last answer that was read."""
        return self._seen[review_answers.name]

    def of(self, position: int) -> Standing:
        """For whom the record waits."""
        return self.waiting.get(position, NEW)

    def is_open(self, position: int, name: str, *, is_second: bool) -> bool:
        """Whether the record waits for this person; only a second reviewer settles what two see differently."""
        if position in self.decided:
            return False
        found = self.waiting.get(position)
        return found is None or (name not in found.answered and (is_second or found.waits_for != "third"))

    def _new(self, connection: Connection, table: Table, number: str) -> set[Key]:
        column, seen = table.c[number], self._seen[table.name]
        newest = connection.execute(select(func.max(column))).scalar() or 0
        since = seen - OVERLAP[connection.dialect.name]
        if newest <= since:
            return set()
        self._seen[table.name] = newest
        rows = connection.execute(select(table.c.sector, table.c.content).where(column > since).distinct())
        return {(row.sector, row.content) for row in rows}

    def _answered_keys(self, connection: Connection) -> set[Key]:
        rows = connection.execute(select(review_answers.c.sector, review_answers.c.content).distinct())
        return {(row.sector, row.content) for row in rows}

    def _evaluate(self, connection: Connection, keys: Sequence[Key]) -> None:
        places: dict[Key, list[tuple[int, str | None]]] = {}
        for start in range(0, len(keys), answers.CHUNK):
            contents = [content for _, content in keys[start : start + answers.CHUNK]]
            for position, sector, content, person_id in self._worklist.of_contents(contents):
                places.setdefault((sector, content), []).append((position, person_id))
        ours = [key for key in keys if key in places]
        in_force = self._in_force(connection, ours)
        given = answers.of_records(connection, ours)
        for key in ours:
            for position, person_id in places[key]:
                self.decided.discard(position)
                self.waiting.pop(position, None)
                if _closes(in_force.get(key, ()), person_id):
                    self.decided.add(position)
                elif given[key]:
                    needed = self._readers.get(given[key][-1].tenant, 1)
                    found = standing([each.answer for each in given[key]], needed)
                    if found.decided is None:  # one that is decided all the same has lapsed: its person has changed
                        self.waiting[position] = found

    def _in_force(self, connection: Connection, keys: Sequence[Key]) -> Mapping[Key, list[tuple[str, str | None]]]:
        """Verdict and person of the decisions that hold about these records and the registry's people of today."""
        told = answers.decisions_of(connection, keys).values()
        names = ("decision", "sector", "content", "verdict", "person_id", "person")
        # An only decision is the last word; what each visit reads anew is nearly always that.
        only = [each[0]._mapping for each in told if len(each) == 1]
        held: list[dict[str, Any]] = [{name: row[name] for name in names} for row in only]
        held = [each for each in held if each["verdict"] != "revoked"]
        several = [tuple(map(row._mapping.get, names)) for each in told if len(each) > 1 for row in each]
        if several:
            held += human_decisions.last_words(several).to_dicts()
        known = self._worklist.fingerprints([row["person_id"] for row in held if row["person_id"]])
        found: dict[Key, list[tuple[str, str | None]]] = {}
        for row in held:
            if row["person_id"] is None or known.get(row["person_id"]) == row["person"]:
                found.setdefault((row["sector"], row["content"]), []).append((row["verdict"], row["person_id"]))
        return found


def _closes(held: Sequence[tuple[str, str | None]], proposed: str | None) -> bool:
    """Whether the decisions leave nothing to decide about a record whose proposed person this is."""
    return any(verdict in ("same", "nobody") or person_id == proposed for verdict, person_id in held)
