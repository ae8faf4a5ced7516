"""Assembles the review pages into a web application, and serves it on this machine."""

import socket
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.errors import BadInput
from pipelines.review.desk import Desk
from pipelines.review.web import (
    list_pages,
    night_page,
    office_pages,
    pages,
    pattern_pages,
    second_factor_page,
    sign_in,
    signature_pages,
)
from pipelines.review.web.roles import Act
from pipelines.review.web.visit import Page, Site, page

STATIC = {
    "htmx.js": ("django_htmx", "static/django_htmx/htmx-2.min.js", "text/javascript"),
    "review.js": ("pipelines.review.web", "static/review.js", "text/javascript"),
    "icon.svg": ("pipelines.review.web", "static/icon.svg", "image/svg+xml"),
    "review.css": ("pipelines.review.web", "static/review.css", "text/css"),
}
"""Name under /static → package, file and type; htmx is a file of an installed package, of which nothing is imported."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
"""Headers of every answer; HTTPS adds HSTS."""
HSTS = "max-age=31536000; includeSubDomains"

ROUTES: tuple[tuple[str, str, Page, Act | None], ...] = (
    ("GET", "/", pages.worklist, Act.see_records),
    ("POST", "/filters", pages.filter_list, Act.see_records),
    ("GET", "/next", pages.following, Act.answer),
    ("GET", "/record/{record_id}", pages.record, Act.see_records),
    ("GET", "/record/{record_id}/change", pages.change, Act.see_records),
    ("POST", "/record/{record_id}", pages.answer, Act.answer),
    ("POST", "/record/{record_id}/reveal", pages.reveal, Act.reveal),
    ("POST", "/record/{record_id}/keep", pages.keep, Act.answer),
    ("POST", "/undo", pages.undo, Act.answer),
    ("GET", "/night", night_page.night, Act.see_night),
    ("GET", "/signatures", signature_pages.signatures, Act.sign_night),
    ("POST", "/signatures", signature_pages.sign, Act.sign_night),
    ("GET", "/patterns", pattern_pages.patterns, Act.see_records),
    ("GET", "/patterns/{pattern:int}", pattern_pages.pattern, Act.see_records),
    ("POST", "/patterns/{pattern:int}", pattern_pages.decide_pattern, Act.answer),
    ("GET", "/lists", list_pages.form, Act.send_lists),
    ("POST", "/lists", list_pages.hand_in, Act.send_lists),
    ("GET", "/history", office_pages.history, Act.see_history),
    ("GET", "/log", office_pages.log, Act.see_log),
    ("GET", "/readers", office_pages.readers, Act.order_readers),
    ("POST", "/readers", office_pages.order_readers, Act.order_readers),
    ("GET", "/accounts", office_pages.accounts, Act.keep_accounts),
    ("POST", "/accounts", office_pages.change_accounts, Act.keep_accounts),
    ("GET", "/account", sign_in.account, None),
    ("POST", "/account", sign_in.change_account, None),
    ("GET", "/second-factor", second_factor_page.form, None),
    ("POST", "/second-factor", second_factor_page.change, None),
    ("POST", "/sign-out", sign_in.sign_out, None),
)
"""Method, path, page and what the visitor must be allowed to do, of every page that needs a session."""
PUBLIC: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/sign-in", sign_in.form),
    ("POST", "/sign-in", sign_in.sign_in),
    ("GET", "/language/{code}", sign_in.choose_language),
)
"""Pages that need none."""


def application(desk: Desk, origins: Sequence[str]) -> ASGIApp:
    """The web application. `origins` are those under which browsers reach it."""
    site = Site(desk, frozenset(origins), all(origin.startswith("https://") for origin in origins))
    routes = [Route(path, page(site, answer, act), methods=[method]) for method, path, answer, act in ROUTES]
    routes += [Route(path, page(site, answer, is_public=True), methods=[method]) for method, path, answer in PUBLIC]
    routes += [Route("/static/{name}", _static), Route("/health", _health)]
    return Guard(Starlette(routes=routes), site)


class Guard:
    """Refuses requests for other hosts, and puts the headers of safety on every answer."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app, self._site = app, site
        self._hosts = {urlsplit(origin).netloc for origin in site.origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._site.is_secure:
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        if Headers(scope=scope).get("host") not in self._hosts:
            await PlainTextResponse("unknown host", 421)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens on this address; port 0 takes a free one. Errors: BadInput if it cannot be had."""
    try:
        return socket.create_server((host, port), backlog=256)
    except OSError as fault:
        raise BadInput(
            "no_port", f"Không mở được cổng {host}:{port} ({fault.strerror}) / cannot listen there."
        ) from None


def server(app: ASGIApp, proxy: str | None) -> uvicorn.Server:
    """A server that, once run, answers until it is told to end. `proxy`: the address whose word on clients counts."""
    config = uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=proxy is not None,
        forwarded_allow_ips=proxy or "",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=32_768,
    )
    return uvicorn.Server(config)


@cache
def _file(name: str) -> bytes:
    package, path, _ = STATIC[name]
    found = find_spec(package)  # where it lies, without importing it
    assert found is not None
    assert found.origin is not None
    return (Path(found.origin).parent / path).read_bytes()


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        return PlainTextResponse("not found", 404)
    kind = STATIC[name][2]
    return Response(_file(name), media_type=kind, headers={"Cache-Control": "public, max-age=3600"})


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok")
