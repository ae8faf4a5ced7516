"""Sessions end after a while, and names or addresses that fail too often are refused, on both databases."""

from sqlalchemy import Engine, select

from pipelines.review import people, sessions
from pipelines.review.people import Role
from pipelines.workspace import state
from pipelines.workspace.state_tables import sessions as table


def test_a_session_ends_after_silence_and_after_a_day_of_work(engine: Engine) -> None:
    with state.transaction(engine) as connection:
        people.add(connection, "an", Role.officer, [], "test")
        token = sessions.begin(connection, "an", {"decision": "review"}, now=0)
        found = sessions.find(connection, token, now=sessions.IDLE_S - 1)
        assert found is not None
        assert (found.account.name, found.view, found.is_stale) == ("an", {"decision": "review"}, True)
        assert sessions.find(connection, token, now=sessions.IDLE_S + 1) is None
        for at in range(0, sessions.LONGEST_S, sessions.IDLE_S // 2):
            sessions.seen(connection, found, now=at)
        assert sessions.find(connection, token, now=sessions.LONGEST_S - 1) is not None
        assert sessions.find(connection, token, now=sessions.LONGEST_S + 1) is None


def test_the_token_itself_is_nowhere_kept_and_each_is_another(engine: Engine) -> None:
    with state.transaction(engine) as connection:
        people.add(connection, "an", Role.officer, [], "test")
        one, other = sessions.begin(connection, "an", {}), sessions.begin(connection, "an", {})
        kept = connection.execute(select(table.c.token, table.c.csrf)).all()
        assert one != other
        assert not {one, other} & {value for row in kept for value in row}
        assert sessions.find(connection, "x" * 43) is None
        found = sessions.find(connection, one)
        assert found is not None
        sessions.keep_view(connection, found, {"text": "an"})
        sessions.end(connection, found)
        assert sessions.find(connection, one) is None
        assert sessions.find(connection, other) is not None


def test_the_sixth_try_of_a_name_is_refused_for_a_quarter_of_an_hour(engine: Engine) -> None:
    with state.transaction(engine) as connection:
        tries = [sessions.attempt(connection, "an", f"10.0.0.{at}", now=at) for at in range(6)]
        assert tries == [True] * 5 + [False]
        assert sessions.attempt(connection, "binh", "10.0.0.1", now=6)
        assert sessions.attempt(connection, "an", "10.0.0.9", now=sessions.FAILURE_WINDOW_S + 5)


def test_a_success_forgets_the_names_failures_but_not_those_of_the_address(engine: Engine) -> None:
    with state.transaction(engine) as connection:
        for at in range(4):
            assert sessions.attempt(connection, "an", "10.0.0.1", now=at)
        assert sessions.attempt(connection, "an", "10.0.0.1", now=5)
        sessions.succeeded(connection, "an", "10.0.0.1")
        tries = [sessions.attempt(connection, f"n{at}", "10.0.0.1", now=10) for at in range(27)]
    assert tries == [True] * 26 + [False], "30 of the address: 4 failures of before and 26"
