"""The second factor on both databases: RFC 6238's own codes, each once and in its time; recovery codes, each once."""

import base64
import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update

from pipelines.errors import BadInput
from pipelines.review import people, second_factor
from pipelines.review.people import Role
from pipelines.review.second_factor import Factor
from pipelines.workspace import key_files, state
from pipelines.workspace.state_tables import recovery_codes, second_factors

RFC_SECRET = b"12345678901234567890"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The file of a key."""
    file = tmp_path / "keys" / "second-factor.key"
    key_files.make(file, bytes(range(32)))
    return file


def set_up(engine: Engine, key: Path, name: str = "an", confirmed_at: float | None = 0.0) -> None:
    """An account whose secret is that of RFC 6238's examples."""
    with state.transaction(engine) as connection:
        people.add(connection, name, Role.officer, [], "test")
        kept = second_factor.encrypted(RFC_SECRET, name, key)
        row = {"name": name, "secret": kept, "confirmed_at": confirmed_at, "last_step": 0}
        connection.execute(insert(second_factors), row)


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
     (2_000_000_000, "279037"), (20_000_000_000, "353130")],
)  # fmt: skip
def test_the_codes_are_those_of_rfc_6238(engine: Engine, key: Path, at: int, code: str) -> None:
    """Appendix B, SHA-1, the last six digits of eight."""
    set_up(engine, key)
    with state.transaction(engine) as connection:
        assert second_factor.shown(connection, "an", "000000", key, now=at) is None
        assert second_factor.shown(connection, "an", f"{code[:3]} {code[3:]}", key, now=at) is Factor.code


@pytest.mark.parametrize(
    ("late", "told"), [(-1, None), (0, Factor.code), (30, Factor.code), (59, Factor.code), (60, None)]
)
def test_a_code_is_good_in_its_half_minute_and_the_next(
    engine: Engine, key: Path, late: int, told: Factor | None
) -> None:
    set_up(engine, key)
    with state.transaction(engine) as connection:
        assert second_factor.shown(connection, "an", "081804", key, now=1_111_111_080 + late) is told


def test_a_code_is_taken_once_and_none_before_it_afterwards(engine: Engine, key: Path) -> None:
    set_up(engine, key)
    with state.transaction(engine) as connection:
        assert second_factor.shown(connection, "an", "050471", key, now=1_111_111_111) is Factor.code
        assert second_factor.shown(connection, "an", "050471", key, now=1_111_111_112) is None
        assert second_factor.shown(connection, "an", "081804", key, now=1_111_111_112) is None, "of the step before"


def test_a_secret_counts_once_a_code_of_it_was_seen(engine: Engine, key: Path) -> None:
    set_up(engine, key, confirmed_at=None)
    with state.transaction(engine) as connection:
        assert not people.find(connection, "an").has_second_factor
        assert second_factor.shown(connection, "an", "", key, now=59) is Factor.none
        assert second_factor.confirm(connection, "an", "000000", key, now=59) is None
        codes = second_factor.confirm(connection, "an", "287082", key, now=59)
        assert codes is not None
        assert (len(set(codes)), second_factor.left(connection, "an")) == (10, 10)
        assert people.find(connection, "an").has_second_factor
        assert second_factor.shown(connection, "an", "287082", key, now=59) is None, (
            "the code that confirmed is used up"
        )
        assert second_factor.confirm(connection, "an", "287082", key, now=59) is None
        with pytest.raises(BadInput):
            second_factor.begin(connection, "an", key)


def test_a_recovery_code_is_good_once_however_it_is_typed_and_is_nowhere_kept(engine: Engine, key: Path) -> None:
    set_up(engine, key, confirmed_at=None)
    with state.transaction(engine) as connection:
        codes = second_factor.confirm(connection, "an", "287082", key, now=59)
        assert codes is not None
        typed = codes[0].upper().replace("-", " ")
        assert second_factor.shown(connection, "an", typed, key) is Factor.recovery
        assert second_factor.shown(connection, "an", codes[0], key) is None
        assert second_factor.left(connection, "an") == 9
        kept = connection.execute(select(recovery_codes.c.digest)).scalars().all()
        assert not set(kept) & {*codes, *(each.replace("-", "") for each in codes)}


def test_somebody_elses_recovery_code_is_none(engine: Engine, key: Path) -> None:
    set_up(engine, key, confirmed_at=None)
    set_up(engine, key, "binh")
    with state.transaction(engine) as connection:
        codes = second_factor.confirm(connection, "an", "287082", key, now=59)
        assert codes is not None
        assert second_factor.shown(connection, "binh", codes[0], key) is None


def test_a_new_secret_takes_the_place_of_one_that_was_never_confirmed(engine: Engine, key: Path) -> None:
    set_up(engine, key, confirmed_at=None)
    with state.transaction(engine) as connection:
        one, other = second_factor.begin(connection, "an", key), second_factor.begin(connection, "an", key)
        assert one.text != other.text
        assert len(base64.b32decode(other.text.replace(" ", ""))) == 20
        told = f"secret={other.text.replace(' ', '')}"
        assert other.uri.startswith("otpauth://totp/Sach%20Song:an?")
        assert told in other.uri
        assert second_factor.confirm(connection, "an", "287082", key, now=59) is None


def test_once_it_is_taken_away_the_password_is_enough(engine: Engine, key: Path) -> None:
    set_up(engine, key)
    with state.transaction(engine) as connection:
        second_factor.remove(connection, "an")
        assert second_factor.shown(connection, "an", "", key, now=59) is Factor.none
        with pytest.raises(BadInput):
            second_factor.remove(connection, "an")


def test_what_the_database_holds_makes_no_codes(engine: Engine, key: Path) -> None:
    with state.transaction(engine) as connection:
        people.add(connection, "an", Role.officer, [], "test")
        told = second_factor.begin(connection, "an", key).text.replace(" ", "")
        kept = connection.execute(select(second_factors.c.secret)).scalar_one()
    assert base64.b32decode(told) not in base64.b64decode(kept)
    assert told not in kept


def test_the_first_secret_makes_a_key_that_only_its_owner_reads(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "config" / "second-factor.key"
    with state.transaction(engine) as connection:
        for name in ("an", "binh"):
            people.add(connection, name, Role.officer, [], "test")
            second_factor.begin(connection, name, file)
    assert (len(file.read_bytes()), stat.S_IMODE(file.stat().st_mode)) == (32, 0o600)
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_somebody_elses_secret_under_ones_own_name_opens_nothing(engine: Engine, key: Path) -> None:
    """Who can write to the database, but has no key, cannot give an account the secret of an app of their own."""
    set_up(engine, key)
    set_up(engine, key, "binh")
    with state.transaction(engine) as connection:
        mine = select(second_factors.c.secret).where(second_factors.c.name == "binh").scalar_subquery()
        connection.execute(update(second_factors).where(second_factors.c.name == "an").values(secret=mine))
        with pytest.raises(BadInput, match="key does not open"):
            second_factor.shown(connection, "an", "287082", key, now=59)


@pytest.mark.parametrize("found", [None, bytes(32), b"short"])
def test_without_its_key_a_factor_says_what_helps_and_recovery_codes_do(
    engine: Engine, key: Path, found: bytes | None
) -> None:
    set_up(engine, key, confirmed_at=None)
    with state.transaction(engine) as connection:
        codes = second_factor.confirm(connection, "an", "287082", key, now=59)
        assert codes is not None
        key.unlink()
        if found is not None:
            assert key_files.make(key, found)
        with pytest.raises(BadInput, match="second-factor-off"):
            second_factor.shown(connection, "an", "287082", key, now=89)
        assert second_factor.shown(connection, "an", codes[0], key) is Factor.recovery
