"""How Hypothesis searches: the same examples on every default run, new ones on the long run. One PostgreSQL for all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.pipelines.verify import postgres

settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The folder of its socket. Who stops or kills a server has one of its own."""
    with postgres.or_skipped() as folder:
        yield folder
