"""Signs people in and out, and lets them change their password; failures are counted, and told alike."""

from starlette.responses import Response

from pipelines.review import claims, people, sessions
from pipelines.review.web import roles
from pipelines.review.web.visit import LANGUAGES, TOO_MANY, Visit, is_own_path, to
from pipelines.workspace import audit_log


def form(visit: Visit) -> Response:
    """The page that asks for name and password."""
    if visit.session is not None:
        return to(roles.start(visit.session.account))
    return visit.render("sign_in.html", has_failed=False)


def sign_in(visit: Visit) -> Response:
    """A session for the right password and code; the form again, with one sentence for all faults, otherwise."""
    name = visit.form.get("name", "").strip().lower()
    tried = visit.tried(name)
    if tried.account is None:
        status = 429 if tried.is_barred else 401
        return visit.render("sign_in.html", status, is_barred=tried.is_barred, has_failed=True)
    with visit.desk.writing() as connection:
        if visit.session is not None:
            sessions.end(connection, visit.session)
        token = sessions.begin(connection, name, {"decision": "review"})
        audit_log.append(connection, "sign_in", {"act": "in", "factor": tried.factor}, name)
    answer = to(roles.start(tried.account))
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
            may_try = sessions.attempt(connection, session.account.name, visit.address)
        if not may_try:
            return visit.refuse(429, *TOO_MANY)
        with visit.desk.writing() as connection:
            people.change_password(connection, session.account, form.get("old", ""), form["new"])
            sessions.succeeded(connection, session.account.name, visit.address)
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
