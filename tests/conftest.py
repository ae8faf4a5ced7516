"""What holds for every test: how Hypothesis searches, one PostgreSQL, and a process that no test leaves changed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from pipelines.cli import language
from tests.pipelines.verify import postgres

settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session", autouse=True)
def keys_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keys that are made or read lie in a folder of the tests, not in that of whoever runs them."""
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("config"))


@pytest.fixture(autouse=True)
def same_process_after() -> Iterator[None]:
    """A command that a test runs in this process makes files private, is deaf to its terminal and speaks a language;
    the next test begins with what the process had, and in Vietnamese.
    """
    umask, hang_up = os.umask(0o022), signal.getsignal(signal.SIGHUP)
    os.umask(umask)
    environment, folder = dict(os.environ), Path.cwd()
    language.choose("vi")
    yield
    language.choose("vi")
    if dict(os.environ) != environment:
        os.environ.clear()
        os.environ.update(environment)
    os.chdir(folder)
    os.umask(umask)
    signal.signal(signal.SIGHUP, hang_up)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The folder of its socket. Who stops or kills a server has one of its own."""
    with postgres.or_skipped() as folder:
        yield folder
