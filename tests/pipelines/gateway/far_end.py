"""A gateway over a small registry, reached over either transport: the tests' bodies do not know which."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.config import TIME_ZONE
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.client.embedded import InProcess
from pipelines.gateway.client.http import Http
from pipelines.gateway.client.signed import Carrier, Sender, SignedTransport
from pipelines.gateway.protocol.answers import QUESTION
from pipelines.gateway.simulator import http_server
from pipelines.gateway.simulator import service as service
from pipelines.gateway.simulator.fault_plan import Faults
from pipelines.gateway.simulator.service import Service
from tests.pipelines.verify.world import PERSON, number, registry

TRANSPORTS = ["embedded", "http"]
SECRET = b"not a secret, only a test's"
BEGUN = datetime(2026, 11, 22, 12, tzinfo=TIME_ZONE)
AN = {"full_name": PERSON["full_name"], "date_of_birth": PERSON["date_of_birth"], "sex": PERSON["sex"]}


def asked(*rows: dict[str, Any]) -> pl.DataFrame:
    """Questions r0, r1, …: person 1's values, but for what each row says."""
    common = {"unit": "students-79", "purpose": "students", "id_number": number(1)} | AN
    return pl.DataFrame([{"request_id": f"r{n}"} | common | row for n, row in enumerate(rows)], schema=QUESTION)


@dataclass
class Hand:
    """A clock that the test moves."""

    at: datetime = BEGUN

    def __call__(self) -> datetime:
        return self.at

    def step(self, seconds: float) -> None:
        """Forward, or back."""
        self.at += timedelta(seconds=seconds)


@dataclass
class FarEnd:
    """A place with a registry and the gateway's memory, and the clock that both ends go by."""

    transport: str
    place: Path
    people: list[dict[str, Any]] = field(default_factory=lambda: [{"person_id": number(n)} for n in range(10)])
    now: Hand = field(default_factory=Hand)

    @contextmanager
    def line(self, *, timeout_s: float = 2.0, sender: Any = None, **options: Any) -> Iterator[SignedTransport]:
        """A signed line; `sender` overrides what SignedTransport is made with, `options` go to the service."""
        with self.carrier(timeout_s, **options) as carrier:
            given = {"secret": SECRET, "sender": Sender(), "now": self.now} | (sender or {})
            yield SignedTransport(carrier, **given)

    @contextmanager
    def gateway(self, **options: Any) -> Iterator[Gateway]:
        """The client over that line."""
        with self.line(**options) as line:
            yield Gateway(line)

    @contextmanager
    def carrier(self, timeout_s: float, **options: Any) -> Iterator[Carrier]:
        """The bare transport."""
        path = self.place / "registry.parquet"
        people = path if path.exists() else registry(path, self.people)
        options = {"cap": 100, "secret": SECRET, "now": self.now} | options
        with service.open_service(people, self.place / "gateway.sqlite", **options) as far_end:
            if self.transport == "embedded":
                yield InProcess(far_end, timeout_s)
            else:
                with served(far_end) as url, Http(url, timeout_s) as carrier:
                    yield carrier

    def charged(self) -> dict[str, int]:
        """Charges by the gateway's day, each of a request of its own."""
        connection = sqlite3.connect(self.place / "gateway.sqlite")
        try:
            days = dict(connection.execute("SELECT day, accepted FROM days WHERE accepted > 0"))
            assert days == dict(connection.execute("SELECT quota_day, count(*) FROM answered GROUP BY quota_day"))
            return days
        finally:
            connection.close()


@contextmanager
def served(far_end: Service) -> Iterator[str]:
    """The service in a thread of this process; its address."""
    listening = http_server.bound("127.0.0.1", 0)
    service = http_server.service(far_end)
    thread = threading.Thread(target=service.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        service.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def first(kind: str, count: int = 1, **other: Any) -> Faults:
    """A fault that the first messages meet, and no later one."""
    return Faults.model_validate({"window": [{"kind": kind, "first": 1, "last": count}], **other})
