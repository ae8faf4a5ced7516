"""A worker of its own on a machine that shares nothing with the night's but the state database and the gateway."""

from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from pipelines.config import TIME_ZONE, Settings
from pipelines.gateway.protocol import secret
from pipelines.gateway.simulator import service
from pipelines.verify.queue import enqueue
from pipelines.verify.worker.options import WorkerOptions
from pipelines.verify.worker.work import work
from pipelines.workspace import state
from tests.pipelines.gateway.far_end import SECRET, served
from tests.pipelines.verify.stage import asking
from tests.pipelines.verify.world import Hands, registry


def test_it_asks_what_waits_without_a_registry_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(secret.VARIABLE, SECRET.decode())
    clock = Hands()
    now = datetime.fromtimestamp(clock.database, TIME_ZONE)
    questions = asking(range(20))
    people = registry(tmp_path / "far" / "r.parquet", [{"person_id": one} for one in questions["person_id"]])
    shared = f"sqlite:///{tmp_path / 'state.sqlite'}"
    memory = tmp_path / "far" / "gateway.sqlite"
    with (
        service.open_service(people, memory, cap=1_000, secret=SECRET, now=lambda: now) as desk,
        served(desk) as url,
    ):
        settings = Settings(
            workspace=tmp_path / "here", state_url=shared, gateway_url=url, gateway_clock=now.isoformat(), daily_cap=15
        )
        with state.opened(settings) as engine:
            enqueue.take_in(engine, partial(state.transaction, engine), questions, ["students"], now.date().isoformat())
        ended = work(settings, WorkerOptions(), lambda _done, _of: None, clock)
    assert (ended.stopped_by, ended.asked, ended.settled) == ("cap", 15, 15)
