"""Answers the page of the last night: what its report says at a glance, as it was written."""

from starlette.responses import HTMLResponse, Response

from pipelines.report import page
from pipelines.review.web.visit import Visit
from pipelines.workspace import state

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The written page brings its own styles and has no script: none may run, nothing may be fetched."""


def night(visit: Visit) -> Response:
    """The last night at a glance: aggregates of the whole country, no record."""
    with state.reading(visit.desk.engine) as connection:
        run = visit.desk.current(connection).run
    return HTMLResponse(page.served(run), headers={"Content-Security-Policy": POLICY})
