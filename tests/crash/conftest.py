"""What the crash tests share: a process that forks workers, and a server of PostgreSQL that they may kill."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.crash import forge
from tests.crash.forge import Forge
from tests.crash.job import Job
from tests.crash.lost import CAP, DAY, QUESTIONS
from tests.pipelines.verify import postgres

_numbers = count(1)


@pytest.fixture(scope="package")
def smithy() -> Iterator[Forge]:
    with forge.opened() as opened:
        yield opened


@pytest.fixture(scope="package")
def server() -> Iterator[Path]:
    with postgres.or_skipped() as folder:
        yield folder


@pytest.fixture
def job(tmp_path: Path, server: Path) -> Job:
    url = postgres.database(server, f"lost{next(_numbers)}")
    return Job(folder=tmp_path, state_url=url, day=DAY, cap=CAP, questions=QUESTIONS, busy_timeout_s=5)
