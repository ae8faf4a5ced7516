"""Answers the page on which the last night is signed, and who has signed it."""

from starlette.responses import Response

from pipelines.audit import sign_off
from pipelines.review.web.visit import Visit, to
from pipelines.workspace import audit_log, state


def signatures(visit: Visit) -> Response:
    """Who has signed the last night, with the form to sign it."""
    with state.reading(visit.desk.engine) as connection:
        run = visit.desk.current(connection).run
        given = sign_off.given(connection, run.settings, run.run_id)
    return visit.render("signatures.html", run_id=run.run_id, given=given, needed=sign_off.NEEDED)


def sign(visit: Visit) -> Response:
    """The same after the visitor signed: password and code are asked for again, and every byte is looked at."""
    name, form = visit.signed_in.account.name, visit.form
    tried = visit.tried(name)
    if tried.account is None:
        return visit.refuse_proof(tried)
    with state.reading(visit.desk.engine) as connection:
        run = visit.desk.current(connection).run
        details = sign_off.examined(
            connection, run.settings, form.get("run_id", ""), name, role=tried.account.role.value
        )
    with visit.desk.writing() as connection:
        audit_log.append(connection, "sign_off", details, name)
    return to("/signatures")
