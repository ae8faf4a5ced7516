"""A small registry, tonight's links, and the laws that the queue, the ledger and the gateway must keep."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, text

from pipelines.config import Run, Settings
from pipelines.gateway.client.client import Transport
from pipelines.gateway.client.embedded import embedded
from pipelines.verify import hop as worker
from pipelines.verify.clock import RealClock
from pipelines.workspace import run_schema, run_tables, state

FIRST = date(2026, 11, 22)
SECOND = date(2026, 11, 23)
PERSON = {
    "full_name": "Nguyễn Văn An",
    "date_of_birth": "1987-09-05",
    "sex": "Nam",
    "old_ids": [],
    "other_names": [],
    "status": "alive",
}


def number(person: int) -> str:
    return f"0790870{person:05}"


def registry(path: Path, people: list[dict[str, Any]]) -> Path:
    """A snapshot of these people; what is not said of one is as in PERSON."""
    schema = {
        "person_id": pl.String,
        "full_name": pl.String,
        "date_of_birth": pl.String,
        "sex": pl.String,
        "old_ids": pl.List(pl.String),
        "other_names": pl.List(pl.String),
        "status": pl.String,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame([PERSON | person for person in people], schema=schema).sort("person_id").write_parquet(path)
    return path


def record(person: int, **other: Any) -> dict[str, Any]:
    """A pupil of HCMC whose four fields agree with that person."""
    row: dict[str, Any] = {
        "sector": "students",
        "province": "79",
        "source_file": "a.csv",
        "decision": "link",
        "status": "agreed",
        "differs": "",
        "askable": False,
        "sheet": "",
        "probability": 1.0,
        "person_id": number(person),
        "id_number": number(person),
        "full_name": PERSON["full_name"],
        "date_of_birth": PERSON["date_of_birth"],
        "sex": PERSON["sex"],
    }
    return row | other


class Hands(RealClock):
    """A clock that only tests move: waiting takes no time, and the database's clock can be put anywhere."""

    def __init__(self, now: float = 1_795_300_000.0) -> None:
        self.database = now
        self.machine = 0.0
        self.slept: list[float] = []

    def now(self, connection: Connection) -> float:
        return self.database

    def elapsed(self) -> float:
        return self.machine

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.go(seconds)

    def go(self, seconds: float) -> None:
        """So much later, by both clocks."""
        self.database += seconds
        self.machine += seconds


@dataclass
class World:
    """A workspace in which nights can be run, and looked into afterwards."""

    workspace: Path
    people: list[dict[str, Any]] = field(default_factory=list)
    state_url: str | None = None
    clock: Hands = field(default_factory=Hands)
    runs: int = 0

    def settings(self, night: date = FIRST, cap: int = 1_000) -> Settings:
        return Settings(workspace=self.workspace, night=night, daily_cap=cap, threads=1, state_url=self.state_url)

    def prepare(self, records: list[dict[str, Any]], night: date = FIRST, cap: int = 1_000) -> Run:
        """A run whose links and core tables say `records`."""
        self.runs += 1
        run = Run(settings=self.settings(night, cap), run_id=f"{night}-{self.runs}")
        schema = dict.fromkeys((*record(0), "record_id", "tenant", "content_hash"), pl.String) | {
            "source_row": pl.Int32,
            "probability": pl.Float64,
            "askable": pl.Boolean,
        }
        frame = pl.DataFrame([_complete(row, n) for n, row in enumerate(records)], schema=schema)
        with run_tables.connect(run) as connection:
            links = (
                "record_id",
                "sector",
                "source_file",
                "source_row",
                "person_id",
                "decision",
                "status",
                "differs",
                "askable",
                "sheet",
                "probability",
            )
            run_tables.replace_table(connection, "links", frame.select(links))
            for (sector,), part in frame.group_by("sector"):
                core = part.drop("person_id", "decision", "status", "differs", "askable", "probability", "province")
                run_tables.replace_table(connection, run_schema.core_table(str(sector)), core)
        return run

    def snapshot(self) -> Path:
        path = self.workspace / "registry.parquet"
        return path if path.exists() else registry(path, self.people)

    def verify(self, run: Run, on_step: Callable[[str], None] = lambda _name: None) -> dict[str, int]:
        """The hop over the embedded gateway."""
        settings = run.settings
        with embedded(
            self.snapshot(),
            self.workspace / "gateway.sqlite",
            day=settings.night,
            daily_cap=settings.daily_cap,
            on_step=on_step,
        ) as line:
            return self.ask(run, line, on_step=on_step)

    def ask(self, run: Run, line: Transport, **options: Any) -> dict[str, int]:
        """The hop over any line."""
        return worker.verify(run, transport=line, registry=self.snapshot(), clock=self.clock, **options)

    def night(self, records: list[dict[str, Any]], night: date = FIRST, cap: int = 1_000) -> dict[str, int]:
        return self.verify(self.prepare(records, night, cap))

    def table(self, run: Run) -> pl.DataFrame:
        with run_tables.connect(run, read_only=True) as connection:
            return run_tables.read_table(connection, "verifications")

    def rows(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        engine = state.connect(self._url(database))
        try:
            with state.reading(engine) as connection:
                return [tuple(row) for row in connection.execute(text(sql))]
        finally:
            engine.dispose()

    def change(self, database: str, sql: str) -> None:
        engine = state.connect(self._url(database))
        with state.transaction(engine) as connection:
            connection.execute(text(sql))
        engine.dispose()

    def _url(self, database: str) -> str:
        if database == "state" and self.state_url:
            return self.state_url
        return f"sqlite:///{self.workspace / database}.sqlite"

    def states(self) -> dict[str, int]:
        return dict(self.rows("state", "SELECT state, count(*) FROM questions GROUP BY state"))

    def accepted(self) -> dict[str, int]:
        """Questions that the gateway charged, by its day."""
        return {day: count for day, count in self.rows("gateway", "SELECT day, accepted FROM days") if count}

    def check_while_stopped(self, caps: dict[date, int]) -> None:
        """What must hold after any crash, before the resumption: see `check`. Enqueued is all or nothing."""
        for database in ("state", "gateway"):
            if self._url(database).startswith("sqlite") and (self.workspace / f"{database}.sqlite").exists():
                assert self.rows(database, "PRAGMA integrity_check") == [("ok",)]
        self.check(caps, enqueued=sum(self.states().values()))

    def check(self, caps: dict[date, int], enqueued: int) -> None:
        """Nothing lost, nothing charged twice, never over the cap, the book adds up, settled texts forgotten."""
        assert sum(self.states().values()) == enqueued
        book = {
            day: (reserved, charged)
            for day, reserved, charged in self.rows(
                "state", "SELECT day, sum(reserved), sum(charged) FROM ledger GROUP BY day"
            )
        }
        days = self.rows("state", "SELECT day, cap, reserved, charged FROM quota_days")
        by_tenant = "SELECT day, sum(reserved) FROM {} GROUP BY day HAVING sum(reserved) <> 0 ORDER BY day"
        assert self.rows("state", by_tenant.format("tenant_days")) == self.rows("state", by_tenant.format("ledger"))
        accepted = self.accepted()
        remembered = dict(self.rows("gateway", "SELECT quota_day, count(*) FROM answered GROUP BY quota_day"))
        assert remembered == accepted
        for day, cap, reserved, charged in days:
            assert cap == caps[date.fromisoformat(day)]
            assert book.get(day, (0, 0)) == (reserved, charged)
            assert charged <= accepted.get(day, 0) <= reserved <= cap
        kept = "full_name IS NOT NULL OR id_number IS NOT NULL OR date_of_birth IS NOT NULL OR sex IS NOT NULL"
        settled = "state IN ('answered', 'cancelled')"
        assert self.rows("state", f"SELECT count(*) FROM questions WHERE {settled} AND ({kept})") == [(0,)]

    def check_at_rest(self) -> None:
        """With nothing in flight, our book and the gateway's agree to the question."""
        assert not {"reserved", "asked"} & set(self.states())
        ours = dict(self.rows("state", "SELECT day, charged FROM quota_days WHERE charged > 0"))
        assert ours == self.accepted()
        assert self.rows("state", "SELECT count(*) FROM quota_days WHERE reserved <> charged") == [(0,)]


def _complete(row: dict[str, Any], position: int) -> dict[str, Any]:
    content = "|".join(str(row[name]) for name in ("id_number", "full_name", "date_of_birth", "sex"))
    return row | {
        "record_id": row.get("record_id", f"f-1-{position + 2}"),
        "source_row": position + 2,
        "tenant": f"{row['sector']}-{row['province']}",
        "content_hash": hashlib.sha256(content.encode()).hexdigest()[:32],
    }
