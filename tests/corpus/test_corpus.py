"""Each case of the corpus is read as its row of the table says; the heavy ones within time and memory."""

import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.corpus.table import Case, cases
from tests.corpus.trial import faults

READ_TWICE = {case.name for case in cases()[::5]}
"""`python -m tests.corpus --try` reads all of them twice."""
LIMIT_S = 120
LIMIT_MB = 1_000


def _named(chosen: Iterable[Case]) -> list[object]:
    return [
        pytest.param(
            case,
            id=f"{case.topic}-{case.name}",
            marks=[pytest.mark.xfail(strict=True, reason=case.xfail)] if case.xfail else [],
        )
        for case in chosen
    ]


@pytest.mark.parametrize("case", _named(case for case in cases() if not case.heavy))
def test_a_file_is_read_as_the_table_says(case: Case, tmp_path: Path) -> None:
    assert faults(case, tmp_path, again=case.name in READ_TWICE) == [], f"{case.vi} / {case.en}"


@pytest.mark.long
@pytest.mark.parametrize("case", _named(case for case in cases() if case.heavy))
def test_a_heavy_file_is_read_as_the_table_says_within_time_and_memory(case: Case) -> None:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.corpus", "--try", f"{case.topic}/{case.name}"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - started < LIMIT_S
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 < LIMIT_MB


def test_the_table_is_as_large_as_promised_and_says_what_each_case_is() -> None:
    assert len(cases()) >= 150
    assert all(case.vi and case.en for case in cases())
