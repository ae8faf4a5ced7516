"""Password and code of who approves: from a descriptor, a line each, or asked for; never guessed."""

import os
from pathlib import Path

import pytest

from pipelines.cli.who import proven
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.review import people, second_factor
from pipelines.review.people import Role
from pipelines.workspace import audit_log, state
from tests.pipelines.review.authenticator import app_code
from tests.pipelines.terminal import Sachsong

GOOD = "một câu dài và dễ nhớ"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A workspace with the accounts of an officer and of an administrator."""
    settings = Settings(workspace=tmp_path)
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        for name, role in (("an", Role.officer), ("chi", Role.administrator)):
            made = people.add(connection, name, role, [], "test")
            people.change_password(connection, people.find(connection, name), made, GOOD)
    return settings


SECTOR_FILE = "so_cccd,ho_ten\n079087000001,Nguyễn Văn An\n"
NAMED = (
    ("decide", "x", "same", "--because", "giấy khai sinh"),
    ("decide", "--file", "decisions.csv"),
    ("audit", "trace", "x", "--unmasked", "--because", "kiểm tra"),
    ("registry", "newborns", "--list", "children.csv", "--because", "kiểm tra"),
    ("load", "a.csv", "--sector", "insurance", "--takes-away", "--reason", "sửa"),
)
"""Verbs at the terminal that are about records of all tenants, without the name of who gives them."""


def lines(*told: str) -> int:
    """A descriptor from which these lines can be read."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as file:
        file.write("".join(f"{each}\n" for each in told))
    return reading


def recovery_code(settings: Settings) -> str:
    """A code of the second factor that the account has from now on."""
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        key = settings.second_factor_key_file
        secret = second_factor.begin(connection, "an", key).text.replace(" ", "")
        codes = second_factor.confirm(connection, "an", app_code(secret), key)
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


@pytest.mark.parametrize("verb", NAMED, ids=lambda verb: " ".join(verb[:2]))
def test_what_is_about_all_tenants_is_done_by_an_account_that_may(
    verb: tuple[str, ...], settings: Settings, tmp_path: Path, sachsong: Sachsong, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(SECTOR_FILE, encoding="utf-8")
    Path("decisions.csv").write_text("record_id,verdict,person_id,by,because\nx,same,,chi,giấy\n", encoding="utf-8")
    command = (*verb, "-w", tmp_path) if "--file" in verb else (*verb, "--by", "chi", "-w", tmp_path)
    refused = sachsong(*command)
    assert (refused.code, "--password-fd" in refused.err) == (2, True)
    monkeypatch.setenv("SACHSONG_PASSWORD", GOOD)
    refused = sachsong(*command)
    assert (refused.code, "role" in refused.err) == (2, True)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        (entry,) = audit_log.entries(connection, "refused")
    assert entry.by == "chi", "that it was tried is in the log"


def test_a_file_of_decisions_is_handed_in_by_the_one_person_who_decided(
    settings: Settings, tmp_path: Path, sachsong: Sachsong
) -> None:
    file = tmp_path / "decisions.csv"
    rows = "record_id,verdict,person_id,by,because\nx,same,,an,giấy\ny,nobody,,Bình,giấy\n"
    file.write_text(rows, encoding="utf-8")
    told = sachsong("decide", "--file", file, "-w", tmp_path, "--password-fd", lines(GOOD))
    assert (told.code, "Bình" in told.err) == (2, True)
