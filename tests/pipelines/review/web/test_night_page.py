"""The last night at a glance, for those who may see the whole country's figures."""

from collections.abc import Callable

from tests.pipelines.review.web.visitor import Visitor


def test_the_written_page_is_served_whole_without_links_to_files_and_without_any_script(
    visitor: Callable[[str | None], Visitor],
) -> None:
    answer = visitor("dung").get("/night")
    assert '<p id="asking"><span>danh sách</span></p>' in answer.text
    assert '<a href="/">' in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert 'href="/night"' in visitor("em").get("/").text
    assert 'href="/night"' not in visitor("an").get("/").text
