"""`sachsong review user` makes accounts for the log to see; no pages are served where passwords could be overheard."""

import json
from pathlib import Path

import pytest
from sqlalchemy import insert

from pipelines.config import Settings
from pipelines.workspace import audit_log, state
from pipelines.workspace.state_tables import second_factors
from tests.pipelines.terminal import Sachsong


def test_accounts_are_made_listed_given_new_passwords_and_disabled(sachsong: Sachsong, tmp_path: Path) -> None:
    where = ("--workspace", tmp_path)
    made = sachsong("review", "user", "add", "an", "--role", "reviewer", "--tenant", "students-79", *where, "--json")
    assert (made.code, json.loads(made.out)["name"]) == (0, "an")
    again = sachsong("review", "user", "password", "an", *where, "--json")
    assert json.loads(again.out)["password"] != json.loads(made.out)["password"]
    assert sachsong("review", "user", "disable", "an", "--by", "quan", *where).code == 0
    (told,) = json.loads(sachsong("review", "user", "list", *where, "--json").out)
    assert (told["role"], told["tenants"], told["is_disabled"]) == ("reviewer", ["students-79"], True)
    assert "password" not in told
    assert "students-79" in sachsong("review", "user", "list", *where).out
    settings = Settings(workspace=tmp_path)
    with state.opened(settings) as engine, state.reading(engine) as connection:
        acts = [(entry.details["act"], entry.by) for entry in audit_log.entries(connection, "account")]
    assert [act for act, _ in acts] == ["add", "reset", "disable"]
    assert acts[-1][1] == "quan"


def test_who_lost_the_phone_is_rid_of_the_second_factor(sachsong: Sachsong, tmp_path: Path) -> None:
    where = ("--workspace", tmp_path)
    sachsong("review", "user", "add", "an", "--role", "officer", *where)
    off = ("review", "user", "second-factor-off", "an", "--by", "quan", *where)
    assert sachsong(*off).code == 2, "there is none yet"
    with state.opened(Settings(workspace=tmp_path)) as engine, state.transaction(engine) as connection:
        row = {"name": "an", "secret": "A" * 32, "confirmed_at": 1.0, "last_step": 0}
        connection.execute(insert(second_factors), row)
    (told,) = json.loads(sachsong("review", "user", "list", *where, "--json").out)
    assert told["has_second_factor"] is True
    assert sachsong(*off).code == 0
    with state.opened(Settings(workspace=tmp_path)) as engine, state.reading(engine) as connection:
        last = audit_log.newest(connection, 1, "account")[0]
    assert (last.details, last.by) == ({"act": "second_factor_off", "name": "an"}, "quan")


@pytest.mark.parametrize(
    "words",
    [
        ("--host", "0.0.0.0"),
        ("--public-url", "http://review.example"),
        ("user", "add", "An", "--role", "officer"),
        ("user", "add", "an", "--role", "reviewer"),
        ("user", "disable", "nobody"),
    ],
)
def test_what_would_be_unsafe_or_wrong_is_refused(sachsong: Sachsong, tmp_path: Path, words: tuple[str, ...]) -> None:
    told = sachsong("review", *words, "--workspace", tmp_path)
    assert told.code == 2
    assert told.err


def test_pages_without_a_finished_night_are_refused(sachsong: Sachsong, tmp_path: Path) -> None:
    told = sachsong("review", "--port", "0", "--workspace", tmp_path)
    assert told.code == 2
    assert "nightly" in told.err
