"""Reads the records that wait for a human out of a run's index: by filters and search, a page at a time, by key.

The position of a record is its key: the next page begins behind the last one's position, however deep it is.
"""

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from pipelines.review.people import ANY
from vn.names import fold

PAGE = 25
"""Records of a page."""
SAMPLES = 5
"""Records of a pattern that are shown before it can be decided."""
MOST_TOGETHER = 5_000
"""Most records of a pattern that are decided in one go."""

WORD = re.compile(r"[^\W_][\w-]*")
"""A word that can be searched for, without marks."""
_COLUMNS = (
    "position, record_id, sector, province, decision, status, person_id, content, pattern, probability, name, birth, "
    "number, source_file, source_row, reason, unit"
)
_EVERY = "SELECT position FROM items WHERE position > ? ORDER BY position"
_FOUND = "SELECT rowid FROM terms WHERE terms MATCH ? AND rowid > ? ORDER BY rowid"
_LINES = f"SELECT {_COLUMNS} FROM items WHERE position IN (SELECT value FROM json_each(?)) ORDER BY position"
_BY_RECORD = f"SELECT {_COLUMNS} FROM items WHERE record_id = ?"
_OF_CONTENTS = (
    "SELECT position, sector, content, person_id FROM items WHERE content IN (SELECT value FROM json_each(?))"
)
_DETAIL = "SELECT record, link, candidates, compared, issues FROM details WHERE position = ?"
_PEOPLE = "SELECT person_id, fingerprint, entry FROM people WHERE person_id IN (SELECT value FROM json_each(?))"
_COUNTS = "SELECT sector, province, decision, status, records FROM counts ORDER BY sector, province, decision, status"
_PATTERNS = (
    "SELECT pattern, patterns.sector, decision, status, levels, province, records "
    "FROM patterns JOIN pattern_counts USING (pattern) ORDER BY pattern, province"
)


class Filters(BaseModel):
    """What a list shows; None: all."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    sector: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$")
    province: str | None = Field(None, pattern=r"^[0-9]{2}$")
    decision: str | None = Field(None, pattern=r"^(link|review|none)$")
    status: str | None = Field(None, pattern=r"^[a-z_]+$")
    unit: str | None = Field(None, max_length=200)
    """Words of a unit's name, with or without marks."""
    text: str | None = Field(None, max_length=200)
    """Words of a name (with or without marks), a record's id, or the record's own numbers."""


class Line(NamedTuple):
    """One record of the worklist, with values that nobody has masked yet."""

    position: int
    record_id: str
    sector: str
    province: str
    decision: str
    status: str
    person_id: str | None
    content: str
    pattern: int
    probability: float | None
    name: str | None
    birth: str | None
    number: str | None
    source_file: str
    source_row: int
    reason: str
    unit: str | None
    """School, employer or vaccination site."""


class Detail(NamedTuple):
    """One record with its candidates as the night weighed them."""

    line: Line
    record: Mapping[str, Any]
    link: Mapping[str, Any]
    candidates: Sequence[Mapping[str, Any]]
    """The proposed person first, then the strongest."""
    compared: int
    """Number of people the record was compared with."""
    issues: Sequence[Mapping[str, str]]
    people: Mapping[str, Mapping[str, Any]]
    """Each candidate's entry in the registry, by number."""
    fingerprints: Mapping[str, str]
    """Fingerprint of each candidate's entry, by number."""


class Pattern(NamedTuple):
    """Records that agree with their nearest candidate in the same way."""

    pattern: int
    sector: str
    decision: str
    status: str
    levels: tuple[str, ...]
    """`field/level` of each comparison."""
    records: int


class Choices(NamedTuple):
    """Values that a list can be filtered by, each in order."""

    sectors: list[str]
    provinces: list[str]
    statuses: list[str]


class Worklist:
    """The index of one run, open for reading by many threads."""

    def __init__(self, path: Path) -> None:
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._own = threading.local()
        ((self.run_id,),) = self._rows("SELECT run_id FROM run")
        self._counts = self._rows(_COUNTS)

    def positions(self, filters: Filters, tenants: Sequence[str] | None, after: int = 0) -> Iterator[int]:
        """Positions behind `after` of the records that fit, lazily. `tenants`: those that may be seen; None: all."""
        match = _match(filters, tenants)
        rows = self._execute(_FOUND, (match, after)) if match else self._execute(_EVERY, (after,))
        yield from (position for (position,) in rows)

    def page(
        self,
        filters: Filters,
        tenants: Sequence[str] | None,
        wanted: Callable[[int], bool],
        after: int,
        most: int = PAGE,
    ) -> tuple[list[Line], bool]:
        """Up to `most` wanted records behind `after`, and whether there are more."""
        found = []
        for position in self.positions(filters, tenants, after):
            if wanted(position):
                found.append(position)
                if len(found) > most:
                    break
        return self.lines(found[:most]), len(found) > most

    def lines(self, positions: Sequence[int]) -> list[Line]:
        """The records at these positions, in order."""
        return [Line(*row) for row in self._rows(_LINES, (json.dumps(list(positions)),))]

    def line(self, record_id: str) -> Line | None:
        """The record of this id; None if the worklist does not hold it."""
        rows = self._rows(_BY_RECORD, (record_id,))
        return Line(*rows[0]) if rows else None

    def of_contents(self, contents: Sequence[str]) -> list[tuple[int, str, str, str | None]]:
        """`position, sector, content, person_id` of the records that say this."""
        return self._rows(_OF_CONTENTS, (json.dumps(list(contents)),))

    def fingerprints(self, person_ids: Sequence[str]) -> dict[str, str]:
        """Fingerprint of the registry's entry of each candidate, by number."""
        return {row[0]: row[1] for row in self._rows(_PEOPLE, (json.dumps(list(person_ids)),))}

    def detail(self, line: Line) -> Detail:
        """All that is known of a record."""
        ((record, link, candidates, compared, issues),) = self._rows(_DETAIL, (line.position,))
        weighed = json.loads(candidates)
        people = self._rows(_PEOPLE, (json.dumps([each["person_id"] for each in weighed] + [line.person_id]),))
        return Detail(
            line,
            json.loads(record),
            json.loads(link),
            [each for each in weighed if each["person_id"] in {row[0] for row in people}],
            compared,
            json.loads(issues),
            {person_id: json.loads(entry) for person_id, _, entry in people},
            {person_id: fingerprint for person_id, fingerprint, _ in people},
        )

    def tenants(self) -> list[tuple[str, str]]:
        """Sector and province of the records, in order."""
        return sorted({(sector, province) for sector, province, *_ in self._counts})

    def choices(self, concerns: Callable[[str, str], bool]) -> Choices:
        """What a list of the tenants that `concerns` allows can be filtered by."""
        seen = {tenant for tenant in self.tenants() if concerns(*tenant)}
        return Choices(
            sorted({sector for sector, _ in seen}),
            sorted({province for _, province in seen}),
            sorted({status for sector, province, _, status, _ in self._counts if (sector, province) in seen}),
        )

    def patterns(self, concerns: Callable[[str, str], bool]) -> list[Pattern]:
        """The patterns of the tenants that `concerns` allows, those of most records first."""
        found: dict[int, Pattern] = {}
        for pattern, sector, decision, status, levels, province, records in self._rows(_PATTERNS):
            if concerns(sector, province):
                known = found.get(pattern)
                many = records + (known.records if known else 0)
                found[pattern] = Pattern(pattern, sector, decision, status, tuple(levels.split()), many)
        return sorted(found.values(), key=lambda each: (-each.records, each.pattern))

    def of_pattern(self, pattern: int, tenants: Sequence[str] | None, wanted: Callable[[int], bool]) -> list[int]:
        """Positions of the pattern's wanted records, MOST_TOGETHER at most."""
        match = " AND ".join(filter(None, [f'"_a{pattern}"', _scope(tenants)]))
        found = []
        for (position,) in self._execute(_FOUND, (match, 0)):
            if wanted(position):
                found.append(position)
                if len(found) == MOST_TOGETHER:
                    break
        return found

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        if not hasattr(self._own, "connection"):
            self._own.connection = sqlite3.connect(self._uri, uri=True)
        return self._own.connection.execute(sql, values)  # type: ignore[no-any-return]

    def _rows(self, sql: str, values: tuple[object, ...] = ()) -> list[Any]:
        return self._execute(sql, values).fetchall()


def samples(positions: Sequence[int]) -> list[int]:
    """SAMPLES of the positions, spread evenly: the same ones each time."""
    most = min(SAMPLES, len(positions))
    return [positions[at * (len(positions) - 1) // max(most - 1, 1)] for at in range(most)]


def _match(filters: Filters, tenants: Sequence[str] | None) -> str:
    """The full-text query; empty where everything fits."""
    facets = {"_s": filters.sector, "_p": filters.province, "_d": filters.decision, "_k": filters.status}
    words = [f'"{facet}{value}"' for facet, value in facets.items() if value]
    searched = [f'"{word}"' for word in WORD.findall(fold(filters.text or ""))]
    units = [f'"_u{word}"' for word in WORD.findall(fold(filters.unit or ""))]
    if (filters.text and not searched) or (filters.unit and not units):
        searched = ['"_nothing"']
    return " AND ".join(filter(None, [*searched, *units, *words, _scope(tenants)]))


def _scope(tenants: Sequence[str] | None) -> str:
    if tenants is None or f"{ANY}-{ANY}" in tenants:
        return ""
    told = []
    for tenant in tenants:
        sector, _, province = tenant.rpartition("-")
        told.append(f"_p{province}" if sector == ANY else f"_s{sector}" if province == ANY else f"_t{tenant}")
    return "(" + " OR ".join(f'"{word}"' for word in told or ["_nothing"]) + ")"
