"""The second factor on both databases: RFC 6238's own codes, each once and in its time; recovery codes, each once."""

import base64

import pytest
from sqlalchemy import Engine, insert, select

from pipelines.errors import BadInput
from pipelines.review import people, second_factor
from pipelines.review.people import Role
from pipelines.review.second_factor import Factor
from pipelines.workspace import state
from pipelines.workspace.state_tables import recovery_codes, second_factors

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


def set_up(engine: Engine, name: str = "an", confirmed_at: float | None = 0.0) -> None:
    """An account whose secret is that of RFC 6238's examples."""
    with state.transaction(engine) as connection:
        people.add(connection, name, Role.officer, [], "test")
        row = {"name": name, "secret": RFC_SECRET, "confirmed_at": confirmed_at, "last_step": 0}
        connection.execute(insert(second_factors), row)


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
     (2_000_000_000, "279037"), (20_000_000_000, "353130")],
)  # fmt: skip
def test_the_codes_are_those_of_rfc_6238(engine: Engine, at: int, code: str) -> None:
    """Appendix B, SHA-1, the last six digits of eight."""
    set_up(engine)
    with state.transaction(engine) as connection:
        assert second_factor.shown(connection, "an", "000000", now=at) is None
        assert second_factor.shown(connection, "an", f"{code[:3]} {code[3:]}", now=at) is Factor.code


@pytest.mark.parametrize(
    ("late", "told"), [(-1, None), (0, Factor.code), (30, Factor.code), (59, Factor.code), (60, None)]
)
def test_a_code_is_good_in_its_half_minute_and_the_next(engine: Engine, late: int, told: Factor | None) -> None:
    set_up(engine)
    with state.transaction(engine) as connection:
        assert second_factor.shown(connection, "an", "081804", now=1_111_111_080 + late) is told


def test_a_code_is_taken_once_and_none_before_it_afterwards(engine: Engine) -> None:
    set_up(engine)
    with state.transaction(engine) as connection:
        assert second_factor.shown(connection, "an", "050471", now=1_111_111_111) is Factor.code
        assert second_factor.shown(connection, "an", "050471", now=1_111_111_112) is None
        assert second_factor.shown(connection, "an", "081804", now=1_111_111_112) is None, "of the step before"


def test_a_secret_counts_once_a_code_of_it_was_seen(engine: Engine) -> None:
    set_up(engine, confirmed_at=None)
    with state.transaction(engine) as connection:
        assert not people.find(connection, "an").has_second_factor
        assert second_factor.shown(connection, "an", "", now=59) is Factor.none
        assert second_factor.confirm(connection, "an", "000000", now=59) is None
        codes = second_factor.confirm(connection, "an", "287082", now=59)
        assert codes is not None
        assert (len(set(codes)), second_factor.left(connection, "an")) == (10, 10)
        assert people.find(connection, "an").has_second_factor
        assert second_factor.shown(connection, "an", "287082", now=59) is None, "the code that confirmed is used up"
        assert second_factor.confirm(connection, "an", "287082", now=59) is None
        with pytest.raises(BadInput):
            second_factor.begin(connection, "an")


def test_a_recovery_code_is_good_once_however_it_is_typed_and_is_nowhere_kept(engine: Engine) -> None:
    set_up(engine, confirmed_at=None)
    with state.transaction(engine) as connection:
        codes = second_factor.confirm(connection, "an", "287082", now=59)
        assert codes is not None
        typed = codes[0].upper().replace("-", " ")
        assert second_factor.shown(connection, "an", typed) is Factor.recovery
        assert second_factor.shown(connection, "an", codes[0]) is None
        assert second_factor.left(connection, "an") == 9
        kept = connection.execute(select(recovery_codes.c.digest)).scalars().all()
        assert not set(kept) & {*codes, *(each.replace("-", "") for each in codes)}


def test_somebody_elses_recovery_code_is_none(engine: Engine) -> None:
    set_up(engine, confirmed_at=None)
    set_up(engine, "binh")
    with state.transaction(engine) as connection:
        codes = second_factor.confirm(connection, "an", "287082", now=59)
        assert codes is not None
        assert second_factor.shown(connection, "binh", codes[0]) is None


def test_a_new_secret_takes_the_place_of_one_that_was_never_confirmed(engine: Engine) -> None:
    set_up(engine, confirmed_at=None)
    with state.transaction(engine) as connection:
        one, other = second_factor.begin(connection, "an"), second_factor.begin(connection, "an")
        assert one.text != other.text
        assert len(base64.b32decode(other.text.replace(" ", ""))) == 20
        told = f"secret={other.text.replace(' ', '')}"
        assert other.uri.startswith("otpauth://totp/Sach%20Song:an?")
        assert told in other.uri
        assert second_factor.confirm(connection, "an", "287082", now=59) is None


def test_once_it_is_taken_away_the_password_is_enough(engine: Engine) -> None:
    set_up(engine)
    with state.transaction(engine) as connection:
        second_factor.remove(connection, "an")
        assert second_factor.shown(connection, "an", "", now=59) is Factor.none
        with pytest.raises(BadInput):
            second_factor.remove(connection, "an")
