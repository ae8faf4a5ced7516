"""A night is signed on the pages by two people, each with their password, and by nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from pipelines.audit import sign_off
from pipelines.config import Settings
from pipelines.night import runs
from pipelines.workspace import audit_log, state
from tests.pipelines.audit import whole
from tests.pipelines.audit.whole import RUN
from tests.pipelines.review.web.visitor import PASSWORD, Visitor, served


@pytest.fixture
def workspace(audited: Settings, tmp_path: Path) -> Settings:
    """A whole night that may be signed."""
    return whole.copy(audited, tmp_path / "signed")


@pytest.fixture
def engine(workspace: Settings) -> Iterator[Engine]:
    """Its state database."""
    with state.opened(workspace) as opened:
        yield opened


@pytest.fixture
def origin(workspace: Settings, engine: Engine) -> Iterator[str]:
    """Where its pages are served meanwhile."""
    with served(runs.last_run(workspace), engine) as url:
        yield url


def test_two_people_sign_the_night_each_once(workspace: Settings, engine: Engine, origin: str) -> None:
    dung, em = (Visitor(origin, engine, name) for name in ("dung", "em"))
    assert "Chưa ai ký" in dung.get("/signatures").text
    form = {"run_id": RUN, "password": PASSWORD}
    assert dung.post("/signatures", form).status_code == 303
    again = dung.post("/signatures", form)
    assert (again.status_code, "cần một người khác" in again.text) == (400, True)
    assert em.post("/signatures", form).status_code == 303
    assert "<td>auditor</td>" in dung.get("/signatures").text
    (signed,) = sign_off.signatures(workspace)
    assert signed.is_complete
    assert [(each.by, each.role) for each in signed.signatures] == [("dung", "officer"), ("em", "auditor")]


def test_without_the_password_nothing_is_signed(workspace: Settings, engine: Engine, origin: str) -> None:
    dung = Visitor(origin, engine, "dung")
    for password in ("", "x"):
        assert dung.post("/signatures", {"run_id": RUN, "password": password}).status_code == 400
    assert sign_off.signatures(workspace) == []
    with state.reading(engine) as connection:
        told = [(entry.by, entry.details["act"]) for entry in audit_log.entries(connection, "sign_in")]
    assert told == [("dung", "failed")] * 2


def test_a_night_that_was_touched_is_signed_by_nobody(workspace: Settings, engine: Engine, origin: str) -> None:
    with (workspace.runs_directory / RUN / "links.parquet").open("ab") as file:
        file.write(b" ")
    answer = Visitor(origin, engine, "em").post("/signatures", {"run_id": RUN, "password": PASSWORD})
    assert (answer.status_code, "links.parquet" in answer.text) == (400, True)
    assert sign_off.signatures(workspace) == []
    with (workspace.runs_directory / RUN / "links.parquet").open("ab") as file:
        file.truncate(file.tell() - 1)
    page = Visitor(origin, engine, "em").get("/signatures").text
    assert "Chưa ai ký" in page
