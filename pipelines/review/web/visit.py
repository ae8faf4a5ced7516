"""Takes a request in and lets a page answer it: who is it, may they, is it their own form; faults become pages."""

import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from matching.explanation.words import percent, size
from pipelines.errors import BadInput, Terminal, Transient, place_of
from pipelines.report import templating
from pipelines.report.labels import halves, province_title
from pipelines.review import proof, sessions
from pipelines.review.desk import Desk
from pipelines.review.people import Account
from pipelines.review.proof import Tried
from pipelines.review.sessions import Session
from pipelines.review.web import roles
from pipelines.review.web.roles import Act
from pipelines.sectors.schema import Sector
from pipelines.workspace import audit_log, state
from rules import tables
from vn.ids import mask

_LOG = logging.getLogger(__name__)
MOST_BYTES = 64_000
"""Most bytes of a form."""
MOST_BYTES_OF_A_LIST = 20_000_000
"""Most bytes of a filled-in list that somebody signed in hands in."""
LANGUAGES = ("vi", "en")
TOO_MANY = ("Đã thử quá nhiều lần; hãy đợi 15 phút.", "Too many tries: wait 15 minutes.")

TEMPLATES = templating.environment("pipelines.review.web")


def _title_of(sectors: Mapping[str, Sector], name: str, language: str) -> str:
    sector = sectors.get(name)
    return name if sector is None else sector.title_en if language == "en" else sector.title_vi


def _status(code: str, language: str) -> str:
    found = tables.statuses()[code]
    return found.label_en if language == "en" else found.label_vi


def _issue(code: str, language: str) -> str:
    found = tables.load_issues()[code]
    return found.message_en if language == "en" else found.message_vi


def _province(code: str, language: str) -> str:
    unknown = "unknown province" if language == "en" else "chưa rõ tỉnh"
    return unknown if code == "00" else province_title(code)


TEMPLATES.globals |= {
    "title_of": _title_of, "status": _status, "issue": _issue, "province": _province, "mask": mask, "percent": percent,
    "size": size,
}  # fmt: skip


class Site(NamedTuple):
    """Where the pages are served."""

    desk: Desk
    origins: frozenset[str]
    """Origins under which browsers know the pages: `https://review.example`."""
    is_secure: bool
    """Whether browsers reach them by HTTPS."""

    @property
    def cookie(self) -> str:
        """Name of the session's cookie; the prefix binds it to this very host."""
        return "__Host-sachsong" if self.is_secure else "sachsong"

    def first(self, account: Account) -> str | None:
        """Path of the only page that the account may use until it has done what is asked there; None: all of them.

        A password that somebody else made is changed first, then a second factor is set up where the role needs one:
        as the settings say, else every role once browsers come from other machines.
        """
        if account.must_change:
            return "/account"
        roles_named = self.desk.settings.second_factor or ("all" if self.is_secure else "none")
        is_needed = roles_named == "all" or account.role.value in roles_named.split()
        return "/second-factor" if is_needed and not account.has_second_factor else None


class Visit(NamedTuple):
    """One request, read."""

    site: Site
    request: Request
    form: Mapping[str, str]
    session: Session | None
    language: str
    sent: bytes = b""
    """The file that came with the form; only a page that asks for one gets it."""

    @property
    def desk(self) -> Desk:
        """What all visits share."""
        return self.site.desk

    @property
    def signed_in(self) -> Session:
        """The session; a page without one asks for none."""
        assert self.session is not None
        return self.session

    @property
    def address(self) -> str:
        """Address of the visitor's machine, as the server or the proxy that it trusts names it."""
        return self.request.client.host if self.request.client else ""

    @property
    def is_held(self) -> bool:
        """Whether the visitor must do something before any other page is seen."""
        return self.session is not None and self.site.first(self.session.account) is not None

    def tried(self, name: str) -> Tried:
        """What became of the form's password and code under this name."""
        told, desk, key_file = self.form.get("password", ""), self.desk, self.desk.settings.second_factor_key_file

        def code() -> str:
            return self.form.get("code", "")

        return proof.tried(desk.engine, desk.writing, name, told, self.address, code, key_file)

    def refuse_proof(self, tried: Tried) -> HTMLResponse:
        """A page that says that the visitor did not prove who they are."""
        if tried.is_barred:
            return self.refuse(429, *TOO_MANY)
        return self.refuse(400, "Mật khẩu hoặc mã không đúng.", "Password or code is wrong.")

    def say(self, vietnamese: str, english: str) -> str:
        """The text in the visitor's language."""
        return english if self.language == "en" else vietnamese

    def may(self, act: Act) -> bool:
        """Whether the visitor's role may do this."""
        return self.session is not None and roles.may(self.session.account, act)

    def render(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page from its template."""
        shared = {
            "visit": self, "say": self.say, "language": self.language, "path": self.request.url.path,
            "account": self.session and self.session.account, "csrf": self.session.csrf if self.session else "",
            "view": self.session.view if self.session else {}, "Act": Act,
        }  # fmt: skip
        return HTMLResponse(TEMPLATES.get_template(template).render(**shared, **values), status)

    def refuse(self, status: int, vietnamese: str, english: str) -> HTMLResponse:
        """A page that says what is wrong."""
        return self.render("message.html", status, message=self.say(vietnamese, english))


Page = Callable[[Visit], Response]


class NotAllowed(Exception):
    """A visitor asks for what their role or tenant does not allow; answered by 403 and written to the log."""


def to(path: str) -> RedirectResponse:
    """The answer that sends the browser to another page."""
    return RedirectResponse(path, 303)


def page(
    site: Site, answer: Page, act: Act | None = None, *, is_public: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page: `act` is what the visitor must be allowed to do, a public page needs no session."""

    async def endpoint(request: Request) -> Response:
        form: dict[str, str] = {}
        file = b""
        takes_file = act is Act.send_lists
        if request.method == "POST":
            # Nobody but who may hand a list in can make the server take in a large form.
            is_known = takes_file and await run_in_threadpool(_may, site, request, Act.send_lists)
            length = request.headers.get("content-length", "")
            if not length.isdigit() or int(length) > (MOST_BYTES_OF_A_LIST if is_known else MOST_BYTES):
                return Response(status_code=413)
            async with request.form(max_files=int(takes_file), max_fields=50) as sent:
                form = {name: value for name, value in sent.items() if isinstance(value, str)}
                for value in sent.values():
                    file = file if isinstance(value, str) else await value.read()
        return await run_in_threadpool(_answered, site, request, form, file, answer, act, is_public)

    return endpoint


def _may(site: Site, request: Request, act: Act) -> bool:
    """Whether the request is of somebody signed in who may do this."""
    found = _session(site, request)
    return found is not None and site.first(found.account) is None and roles.may(found.account, act)


def _answered(
    site: Site,
    request: Request,
    form: Mapping[str, str],
    file: bytes,
    answer: Page,
    act: Act | None,
    is_public: bool,
) -> Response:
    visit = Visit(site, request, form, None, _language(request), file)
    try:
        visit = visit._replace(session=_session(site, request))
        return _checked(visit, answer, act, is_public)
    except NotAllowed:
        return _refused(visit)
    except BadInput as fault:
        return visit.refuse(404 if fault.code.startswith(("unknown_", "no_")) else 400, *_halves(fault))
    except Transient as fault:
        return visit.refuse(503, *_halves(fault))
    except Terminal as fault:
        return visit.refuse(500, *_halves(fault))
    except Exception as fault:  # its text may repeat a record's values
        _LOG.error("our fault: %s", place_of(fault))
        return visit.refuse(500, "Lỗi của chương trình.", "Our fault.")


def _checked(visit: Visit, answer: Page, act: Act | None, is_public: bool) -> Response:
    request = visit.request
    if request.method == "POST" and request.headers.get("origin") not in visit.site.origins:
        return visit.refuse(403, "Biểu mẫu không đến từ trang này.", "The form is not from this site.")
    if is_public:
        return answer(visit)
    if visit.session is None:
        return to("/sign-in")
    if request.method == "POST" and not hmac.compare_digest(visit.form.get("csrf", ""), visit.session.csrf):
        return visit.refuse(403, "Biểu mẫu đã cũ; hãy tải lại trang.", "The form is old: load the page again.")
    first = visit.site.first(visit.session.account)
    if first is not None and request.url.path not in (first, "/sign-out"):
        return to(first)
    if act is not None and not visit.may(act):
        raise NotAllowed
    return answer(visit)


def _session(site: Site, request: Request) -> Session | None:
    token = request.cookies.get(site.cookie)
    if not token:
        return None
    with state.reading(site.desk.engine) as connection:
        found = sessions.find(connection, token)
    if found is not None and found.is_stale:
        with site.desk.writing() as connection:
            sessions.seen(connection, found)
    return found


def _refused(visit: Visit) -> Response:
    account = visit.signed_in.account
    with visit.desk.writing() as connection:
        told = {"path": visit.request.url.path, "method": visit.request.method, "role": account.role.value}
        audit_log.append(connection, "refused", told, account.name)
    return visit.refuse(
        403,
        "Vai trò hoặc đơn vị của bạn không cho phép việc này; việc này đã được ghi lại.",
        "Your role or tenant does not allow this; it was written down.",
    )


def _language(request: Request) -> str:
    named = request.cookies.get("language", "")
    return named if named in LANGUAGES else "vi"


def _halves(fault: Exception) -> tuple[str, str]:
    vietnamese, english = halves(str(fault))
    return vietnamese, english or vietnamese


def is_own_path(path: str) -> bool:
    """Whether a path stays on this site."""
    parts = urlsplit(path)
    return path.startswith("/") and not path.startswith("//") and "\\" not in path and not parts.netloc
