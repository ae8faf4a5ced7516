"""Answers the page on which somebody sets their second factor up, or takes it away."""

from pathlib import Path

from starlette.responses import Response

from pipelines.errors import BadInput
from pipelines.review import second_factor, sessions
from pipelines.review.second_factor import Secret
from pipelines.review.web.visit import Visit, to
from pipelines.workspace import audit_log, state


def form(visit: Visit) -> Response:
    """The visitor's second factor: how to set one up, or how many recovery codes are left."""
    name = visit.signed_in.account.name
    with state.reading(visit.desk.engine) as connection:
        left, is_begun = second_factor.left(connection, name), second_factor.is_begun(connection, name)
    return _shown(visit, left=left, is_begun=is_begun)


def change(visit: Visit) -> Response:
    """The page after the next step; the first and the last one need the password, the last one a code too."""
    act, account = visit.form.get("act", ""), visit.signed_in.account
    if act == "confirm":
        return _confirm(visit)
    if act not in ("begin", "remove"):
        raise BadInput("bad_act", "Không làm được việc này / this cannot be done.")
    tried = visit.tried(account.name)
    if tried.account is None:
        return visit.refuse_proof(tried)
    with visit.desk.writing() as connection:
        if act == "begin":
            secret = second_factor.begin(connection, account.name, _key_file(visit))
            return _shown(visit, secret=secret, is_begun=True)
        second_factor.remove(connection, account.name)
        sessions.end_others(connection, visit.signed_in)
        audit_log.append(connection, "account", {"act": "second_factor_off"}, account.name)
    return to("/second-factor")


def _confirm(visit: Visit) -> Response:
    name = visit.signed_in.account.name
    with visit.desk.writing() as connection:
        codes = second_factor.confirm(connection, name, visit.form.get("code", ""), _key_file(visit))
        if codes is None:
            is_begun = second_factor.is_begun(connection, name)
            return _shown(visit, 400, is_begun=is_begun, has_failed=True)
        sessions.end_others(connection, visit.signed_in)
        audit_log.append(connection, "account", {"act": "second_factor"}, name)
    return _shown(visit, codes=codes)


def _key_file(visit: Visit) -> Path:
    return visit.desk.settings.second_factor_key_file


def _shown(
    visit: Visit,
    status: int = 200,
    *,
    left: int = 0,
    is_begun: bool = False,
    has_failed: bool = False,
    secret: Secret | None = None,
    codes: list[str] | None = None,
) -> Response:
    return visit.render(
        "second_factor.html", status, left=left, is_begun=is_begun, has_failed=has_failed, secret=secret, codes=codes
    )
