"""Accounts on both databases: names, roles and tenants, passwords as they are made, chosen and checked."""

import pytest
from sqlalchemy import Engine, select

from pipelines.errors import BadInput
from pipelines.review import people, sessions
from pipelines.review.people import Account, Role
from pipelines.workspace import state
from pipelines.workspace.state_tables import accounts

GOOD = "một câu dài và dễ nhớ"


def add(
    engine: Engine, name: str = "an", role: Role = Role.reviewer, tenants: tuple[str, ...] = ("students-79",)
) -> str:
    with state.transaction(engine) as connection:
        return people.add(connection, name, role, tenants, "test")


def test_a_new_account_has_a_made_password_that_must_be_changed(engine: Engine) -> None:
    password = add(engine)
    assert len(password) == 24
    with state.reading(engine) as connection:
        found = people.check(connection, "an", password)
        assert found == Account(name="an", role=Role.reviewer, tenants=("students-79",), must_change=True)
        assert people.check(connection, "an", password + "x") is None
        assert people.check(connection, "binh", password) is None
        kept = connection.execute(select(accounts.c.password)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert password not in kept


def test_a_chosen_password_takes_its_place_and_ends_every_session(engine: Engine) -> None:
    password = add(engine)
    with state.transaction(engine) as connection:
        token = sessions.begin(connection, "an", {})
        people.change_password(connection, people.find(connection, "an"), password, GOOD)
        assert sessions.find(connection, token) is None
        assert people.check(connection, "an", password) is None
        found = people.check(connection, "an", GOOD)
    assert found is not None
    assert not found.must_change


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("mười bốn ký tự", "fourteen characters"),
        ("a" * 129, "longer than anybody types"),
        ("ababababababababab", "two letters over and over"),
        ("toi ten la nguyen van annam", "the account's name in it"),
        ("sachsong sachsong 2026", "the program's name"),
        ("my password is long", "the word itself"),
        ("ManchesterUnited", "leaked"),
    ],
)
def test_weak_passwords_are_refused(engine: Engine, new: str, why: str) -> None:
    password = add(engine, "annam")
    with state.transaction(engine) as connection, pytest.raises(BadInput):
        people.change_password(connection, people.find(connection, "annam"), password, new)
    with state.reading(engine) as connection:
        assert people.check(connection, "annam", password) is not None, why


def test_the_old_password_is_needed_and_the_new_one_is_another(engine: Engine) -> None:
    password = add(engine)
    with state.transaction(engine) as connection:
        account = people.find(connection, "an")
        for old, new in (("wrong", GOOD), (password, password)):
            with pytest.raises(BadInput):
                people.change_password(connection, account, old, new)


def test_a_disabled_account_can_do_nothing_and_keeps_its_name(engine: Engine) -> None:
    password = add(engine)
    with state.transaction(engine) as connection:
        token = sessions.begin(connection, "an", {})
        people.disable(connection, "an")
        assert people.check(connection, "an", password) is None
        assert sessions.find(connection, token) is None
        assert [each.is_disabled for each in people.every(connection)] == [True]
    with pytest.raises(BadInput):
        add(engine)


@pytest.mark.parametrize(
    ("name", "role", "tenants"),
    [
        ("An", Role.officer, ()),
        ("a", Role.officer, ()),
        ("nguyễn", Role.officer, ()),
        ("an", Role.reviewer, ()),
        ("an", Role.officer, ("students-79",)),
        ("an", Role.second, ("students",)),
        ("an", Role.reviewer, ("students-7",)),
    ],
)
def test_bad_names_and_tenants_are_refused(engine: Engine, name: str, role: Role, tenants: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        add(engine, name, role, tenants)


@pytest.mark.parametrize(
    ("tenants", "sector", "province", "concerns"),
    [
        (("students-79",), "students", "79", True),
        (("students-79",), "students", "01", False),
        (("students-79",), "insurance", "79", False),
        (("students-*",), "students", "01", True),
        (("*-79",), "insurance", "79", True),
        (("students-00",), "students", None, True),
        (("students-79",), "students", None, False),
        ((), "students", "79", False),
    ],
)
def test_what_an_account_is_concerned_with(
    tenants: tuple[str, ...], sector: str, province: str | None, concerns: bool
) -> None:
    assert Account(name="an", role=Role.reviewer, tenants=tenants).concerns(sector, province) is concerns
