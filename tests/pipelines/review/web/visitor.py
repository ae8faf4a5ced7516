"""A visitor of the review pages without a browser: signed in by a session of their own, forms with their token."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from sqlalchemy import Engine

from pipelines.config import Run
from pipelines.review import people, sessions
from pipelines.review.desk import Desk
from pipelines.review.people import Role
from pipelines.review.web import app
from pipelines.workspace import state
from tests.pipelines.review.small_worklist import settings_of

PASSWORD = "một câu dài và dễ nhớ"
ROLES = {
    "an": (Role.reviewer, ["students-79"]),
    "binh": (Role.reviewer, ["students-79"]),
    "chi": (Role.second, ["students-79"]),
    "dung": (Role.officer, []),
    "em": (Role.auditor, []),
    "giang": (Role.administrator, []),
}
"""Account → role and tenants."""


@contextmanager
def served(night: Run, engine: Engine, **settings: object) -> Iterator[str]:
    """The origin under which the pages of a night are served meanwhile, as `sachsong review` serves them."""
    desk = Desk(settings_of(night).model_copy(update=settings), engine)
    listening = app.bound("127.0.0.1", 0)
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = app.server(app.application(desk, [origin]), None)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield origin
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def signed_in(engine: Engine, name: str) -> str:
    """The token of a new session of somebody, whose account is made if there is none."""
    role, tenants = ROLES[name]
    with state.transaction(engine) as connection:
        if name not in [each.name for each in people.every(connection)]:
            made = people.add(connection, name, role, tenants, "test")
            people.change_password(connection, people.find(connection, name), made, PASSWORD)
        return sessions.begin(connection, name, {"decision": "review"})


class Visitor:
    """One browser of one person."""

    def __init__(self, origin: str, engine: Engine, name: str | None) -> None:
        self.origin, self.csrf = origin, ""
        self.client = httpx.Client(base_url=origin, trust_env=False, timeout=30)
        if name is not None:
            token = signed_in(engine, name)
            with state.reading(engine) as connection:
                found = sessions.find(connection, token)
            assert found is not None
            self.csrf = found.csrf
            self.client.cookies.set("sachsong", token)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> httpx.Response:
        data = {"csrf": self.csrf, **(form or {})}
        return self.client.post(path, data=data, headers={"Origin": self.origin, **headers})
