"""What one has open the other cannot take, until it is given back or the time has run out; on both databases."""

from sqlalchemy import Engine

from pipelines.review import claims
from pipelines.workspace import state

KEY, OTHER = ("students", "c" * 64), ("students", "d" * 64)


def test_a_record_is_one_persons_until_it_is_given_back_or_time_runs_out(engine: Engine) -> None:
    with state.transaction(engine) as connection:
        assert claims.claim(connection, KEY, "an", now=0) == "an"
        assert claims.claim(connection, KEY, "binh", now=1) == "an"
        assert claims.claim(connection, OTHER, "binh", now=1) == "binh"
        assert claims.held_by_others(connection, "binh", now=1) == {KEY: "an"}
        assert claims.claim(connection, KEY, "an", now=500) == "an", "a sign of life"
        assert claims.claim(connection, KEY, "binh", now=claims.LEASE_S + 1) == "an"
        assert claims.claim(connection, KEY, "binh", now=500 + claims.LEASE_S + 1) == "binh"
        claims.release(connection, "binh", KEY)
        assert claims.claim(connection, KEY, "an", now=9_999) == "an"
        claims.release(connection, "binh")
        assert claims.held_by_others(connection, "", now=9_999) == {KEY: "an"}
