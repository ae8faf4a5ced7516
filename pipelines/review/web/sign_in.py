"""Signs people in and out, and lets them change their password; failures are counted, and told alike."""

from starlette.responses import Response

from pipelines.review import claims, people, proof, sessions
from pipelines.review.web import roles
from pipelines.review.web.visit import LANGUAGES, Visit, is_own_path, to
from pipelines.workspace import audit_log


def form(visit: Visit) -> Response:
    """The page that asks for name and password."""
    return visit.render("sign_in.html") if visit.session is None else to(roles.start(visit.session.account))


def sign_in(visit: Visit) -> Response:
    """A session for the right password; the form again, with one sentence for all faults, otherwise."""
    name, password = visit.form.get("name", "").strip().lower(), visit.form.get("password", "")
    address = visit.request.client.host if visit.request.client else ""
    account, is_barred = proof.tried(visit.desk.engine, visit.desk.writing, name, password, address)
    if account is None:
        return visit.render("sign_in.html", 429 if is_barred else 401, is_barred=is_barred, has_failed=True)
    with visit.desk.writing() as connection:
        if visit.session is not None:
            sessions.end(connection, visit.session)
        sessions.succeeded(connection, name, address)
        token = sessions.begin(connection, name, {"decision": "review"})
        audit_log.append(connection, "sign_in", {"act": "in"}, name)
    answer = to(roles.start(account))
    answer.set_cookie(visit.site.cookie, token, httponly=True, samesite="strict", secure=visit.site.is_secure, path="/")
    return answer


def sign_out(visit: Visit) -> Response:
    """Ends the session and gives back what was open."""
    session = visit.signed_in
    with visit.desk.writing() as connection:
        sessions.end(connection, session)
        claims.release(connection, session.account.name)
        audit_log.append(connection, "sign_in", {"act": "out"}, session.account.name)
    answer = to("/sign-in")
    answer.delete_cookie(visit.site.cookie, path="/", secure=visit.site.is_secure, httponly=True, samesite="strict")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def account(visit: Visit) -> Response:
    """The visitor's own page: password and switches."""
    return visit.render("account.html")


def change_account(visit: Visit) -> Response:
    """Another password, which signs the visitor out everywhere, or another switch."""
    session, form = visit.signed_in, visit.form
    if "new" in form:
        if form["new"] != form.get("again"):
            return visit.refuse(400, "Hai lần nhập mật khẩu mới không giống nhau.", "The two new passwords differ.")
        with visit.desk.writing() as connection:
            people.change_password(connection, session.account, form.get("old", ""), form["new"])
            audit_log.append(connection, "account", {"act": "password"}, session.account.name)
        return to("/sign-in")
    view = {**session.view, "blind": form.get("blind") == "on", "no_keys": form.get("keys") != "on"}
    with visit.desk.writing() as connection:
        sessions.keep_view(connection, session, view)
    return to("/account")


def choose_language(visit: Visit) -> Response:
    """The same page in the other language."""
    code, path = visit.request.path_params["code"], visit.request.query_params.get("to", "/")
    answer = to(path if is_own_path(path) else "/")
    if code in LANGUAGES:
        answer.set_cookie("language", code, httponly=True, samesite="strict", secure=visit.site.is_secure, path="/")
    return answer
