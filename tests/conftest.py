"""What holds for every test: how Hypothesis searches, one PostgreSQL, and a process that no test leaves changed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.pipelines.verify import postgres

settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(autouse=True)
def same_process_after() -> Iterator[None]:
    """A command that a test runs in this process makes files private and is deaf to its terminal; the next is not."""
    umask, hang_up = os.umask(0o022), signal.getsignal(signal.SIGHUP)
    os.umask(umask)
    yield
    os.umask(umask)
    signal.signal(signal.SIGHUP, hang_up)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The folder of its socket. Who stops or kills a server has one of its own."""
    with postgres.or_skipped() as folder:
        yield folder
