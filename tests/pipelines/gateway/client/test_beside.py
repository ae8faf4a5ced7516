"""The gateway in a process of its own: the embedded one's answers and memory; it never outlives its line."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from pipelines.config import Settings
from pipelines.errors import GatewayTimeout, RegistryInvalid
from pipelines.gateway.client import connect
from pipelines.gateway.client.beside import BesideTransport, beside
from pipelines.gateway.client.client import Beside, Gateway
from pipelines.gateway.client.embedded import embedded
from pipelines.gateway.protocol.answers import QUESTION
from tests.pipelines.verify.world import FIRST, number, registry

PEOPLE = [{"person_id": number(1)}, {"person_id": number(2), "status": "deceased"}]
AN = {"id_number": number(1), "full_name": "Nguyễn Văn An", "date_of_birth": "1987-09-05", "sex": "Nam"}
ASKED = [{}, {"id_number": number(2)}, {"id_number": "1"}, {"full_name": "Văn An Nguyễn"}]
QUESTIONS = pl.DataFrame([{"request_id": f"r{n}", **AN, **row} for n, row in enumerate(ASKED)], schema=QUESTION)
OPENS_AND_WAITS = """
import sys, time
from datetime import date
from pathlib import Path
from pipelines.gateway.client.beside import beside
place = Path(sys.argv[1])
with beside(place / "registry.parquet", place / "gateway.sqlite", day=date(2026, 11, 22), daily_cap=9) as line:
    line.results(["r0"])
    print(line._beside._process.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    registry(tmp_path / "registry.parquet", PEOPLE)
    return tmp_path


def process_of(line: BesideTransport) -> int:
    process = line._beside._process
    assert process is not None
    return process.pid


def has_ended(process: int) -> bool:
    """Within ten seconds. A zombie, whose parent is gone, has ended."""
    for _ in range(100):
        try:
            if Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False


def test_the_answers_are_those_of_the_embedded_gateway_and_so_is_what_it_remembers(place: Path) -> None:
    people = place / "registry.parquet"
    with embedded(people, place / "here.sqlite", day=FIRST, daily_cap=3) as line:
        wanted = line.ask(QUESTIONS)
    with beside(people, place / "there.sqlite", day=FIRST, daily_cap=3) as line:
        assert line.ask(QUESTIONS).equals(wanted)
        pid = process_of(line)
    assert has_ended(pid)
    for name in ("here.sqlite", "there.sqlite"):
        with embedded(people, place / name, day=FIRST, daily_cap=0) as line:
            given = wanted.filter(wanted["error"].is_null())
            assert line.results(QUESTIONS["request_id"].to_list()).sort("request_id").equals(given.sort("request_id"))


def test_a_message_is_answered_while_the_caller_does_something_else(place: Path) -> None:
    with beside(place / "registry.parquet", place / "gateway.sqlite", day=FIRST, daily_cap=9) as line:
        gateway = Gateway(line)
        assert gateway.answers_beside
        first = gateway.ask_beside(QUESTIONS.head(1))
        assert first()["request_id"].to_list() == ["r0"]
        gateway.ask_beside(QUESTIONS.slice(1, 1))  # nobody waits for these
        assert gateway.results(["r1"])["request_id"].to_list() == ["r1"], "the next message's reply is not taken for it"


def test_a_process_that_is_killed_gives_no_answer_and_another_one_remembers(place: Path) -> None:
    with beside(place / "registry.parquet", place / "gateway.sqlite", day=FIRST, daily_cap=9) as line:
        known = line.ask(QUESTIONS.head(1))
        os.kill(process_of(line), signal.SIGKILL)
        with pytest.raises(GatewayTimeout):
            line.ask(QUESTIONS.head(1))
        assert line.results(["r0"]).equals(known)
        assert line.ask(QUESTIONS.head(1)).equals(known), "asked again: the same answer, charged once"


def test_what_the_gateway_raises_is_raised_here(place: Path) -> None:
    twins = registry(place / "twins.parquet", [*PEOPLE, PEOPLE[0]])
    with (
        pytest.raises(RegistryInvalid) as raised,
        beside(twins, place / "gateway.sqlite", day=FIRST, daily_cap=9) as line,
    ):
        line.ask(QUESTIONS)
    assert raised.value.code == "not_sorted"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_however_its_caller_ends(place: Path, how: signal.Signals) -> None:
    caller = subprocess.Popen([sys.executable, "-c", OPENS_AND_WAITS, str(place)], stdout=subprocess.PIPE, text=True)
    assert caller.stdout is not None
    pid = int(caller.stdout.readline())
    caller.send_signal(how)
    caller.wait(20)
    assert has_ended(pid)


@pytest.mark.parametrize(
    ("questions", "threads", "is_beside"),
    [(connect.WORTH_QUESTIONS, 2, True), (connect.WORTH_QUESTIONS - 1, 2, False), (connect.WORTH_QUESTIONS, 1, False)],
)
def test_many_questions_and_a_second_processor_are_worth_a_process(
    place: Path, questions: int, threads: int, is_beside: bool
) -> None:
    settings = Settings(workspace=place, night=FIRST, threads=threads)
    with connect.open_transport(settings, place / "registry.parquet", questions=questions) as line:
        assert isinstance(line, Beside) == is_beside
