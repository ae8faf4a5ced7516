"""Every answer is guarded: headers, the host, what lies under /static, nothing that a browser would fetch elsewhere."""

from collections.abc import Callable

import httpx
import pytest

from pipelines.errors import BadInput
from pipelines.review.web import app
from tests.pipelines.review.web.visitor import Visitor


@pytest.mark.parametrize("path", ["/", "/sign-in", "/record/r0000", "/no-such-page", "/static/htmx.js", "/health"])
def test_headers_of_safety_are_on_every_answer(visitor: Callable[[str | None], Visitor], path: str) -> None:
    headers = visitor("an").get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers
    assert headers["cache-control"] == ("public, max-age=3600" if path.startswith("/static") else "no-store")
    assert "strict-transport-security" not in headers, "not over HTTP"


def test_another_host_is_refused(origin: str) -> None:
    answer = httpx.get(origin + "/sign-in", headers={"Host": "evil.example"}, trust_env=False)
    assert answer.status_code == 421


def test_static_files_are_the_listed_ones_only(visitor: Callable[[str | None], Visitor]) -> None:
    nobody = visitor(None)
    assert nobody.get("/static/htmx.js").text.startswith(("var htmx=", "(function"))
    assert nobody.get("/static/review.css").headers["content-type"].startswith("text/css")
    for path in ("/static/app.py", "/static/..%2fapp.py", "/static/../app.py"):
        assert nobody.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/record/r0000", "/patterns", "/history", "/account"])
def test_pages_have_neither_inline_script_nor_style_nor_foreign_address(
    visitor: Callable[[str | None], Visitor], path: str
) -> None:
    text = visitor("an").get(path).text
    assert "<script>" not in text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick" not in text
    assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


def test_a_method_that_a_page_does_not_have_is_refused(visitor: Callable[[str | None], Visitor]) -> None:
    assert visitor("an").client.delete("/record/r0000").status_code == 405


def test_a_port_that_is_taken_is_told() -> None:
    with app.bound("127.0.0.1", 0) as taken, pytest.raises(BadInput):
        app.bound("127.0.0.1", taken.getsockname()[1])
