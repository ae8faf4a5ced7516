"""Password and code of who approves: from a descriptor, a line each, or asked for; never guessed."""

import os
import time
from pathlib import Path

import pytest

from pipelines.cli.who import proven
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.review import people, second_factor
from pipelines.review.people import Role
from pipelines.workspace import state

GOOD = "một câu dài và dễ nhớ"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A workspace with an officer's account."""
    settings = Settings(workspace=tmp_path)
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        made = people.add(connection, "an", Role.officer, [], "test")
        people.change_password(connection, people.find(connection, "an"), made, GOOD)
    return settings


def lines(*told: str) -> int:
    """A descriptor from which these lines can be read."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as file:
        file.write("".join(f"{each}\n" for each in told))
    return reading


def recovery_code(settings: Settings) -> str:
    """A code of the second factor that the account has from now on."""
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        secret = second_factor.begin(connection, "an").text.replace(" ", "")
        codes = second_factor.confirm(connection, "an", second_factor._totp(secret).generate(time.time()).decode())
    assert codes is not None
    return codes[0]


def test_one_line_is_enough_without_a_second_factor(settings: Settings) -> None:
    assert proven(settings, "an", "approve", lines(GOOD)).role == "officer"


def test_the_second_line_is_the_code(settings: Settings) -> None:
    code = recovery_code(settings)
    assert proven(settings, "an", "approve", lines(GOOD, code)).name == "an"
    with pytest.raises(BadInput, match="wrong"):
        proven(settings, "an", "approve", lines(GOOD, code))


def test_without_a_terminal_a_code_that_is_not_given_is_asked_for_in_words(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovery_code(settings)
    monkeypatch.setenv("SACHSONG_PASSWORD", GOOD)
    with pytest.raises(BadInput, match="second line of --password-fd"):
        proven(settings, "an", "approve", None)
    assert "SACHSONG_PASSWORD" not in os.environ, "no child process inherits it"


def test_a_descriptor_that_is_none_is_refused(settings: Settings) -> None:
    with pytest.raises(BadInput, match="--password-fd 999"):
        proven(settings, "an", "approve", 999)
