"""The page as a reader sees it: at phone width, on paper, without any request."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from pipelines.config import Run

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium, which is not installed here")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_fits_the_width_and_asks_the_network_nothing(written: Run, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, java_script_enabled=True)
    requests: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: faults.append(message.text))
    page.goto((written.reports / "summary.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert requests == [(written.reports / "summary.html").as_uri()]
    assert faults == []
    assert page.locator("svg[role=img]").count() == 7
    page.close()


def test_folded_parts_are_printed_too(written: Run, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 700, "height": 990})
    page.goto((written.reports / "summary.html").as_uri())
    account = page.locator("#conservation tfoot")
    assert not account.is_visible()
    page.emulate_media(media="print")
    assert account.is_visible()
    page.close()


def test_headings_charts_and_tables_have_names_for_a_screen_reader(written: Run, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((written.reports / "summary.html").as_uri())
    assert page.locator("html").get_attribute("lang") == "vi"
    assert page.get_by_role("heading", level=1).inner_text() == "Báo cáo đêm 22/11/2026"
    chart = page.get_by_role("img", name="Tình trạng hồ sơ theo ngành")
    assert "Học sinh: Đã xác thực đúng 8" in (chart.locator("desc").text_content() or "")
    assert page.locator("th:not([scope])").count() == 0
    page.close()


def test_the_sum_of_the_account_is_on_the_first_printed_page(written: Run, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 700, "height": 990})
    page.emulate_media(media="print")
    page.goto((written.reports / "summary.html").as_uri())
    verdict = page.locator(".verdict")
    assert verdict.inner_text().startswith("✓ Không mất dòng nào: 63 = 61 hồ sơ + 2 bị loại")
    box = verdict.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 990
    page.close()
