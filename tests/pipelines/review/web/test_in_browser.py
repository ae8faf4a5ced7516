"""The review pages in a real browser: each role's way, by keyboard alone, at 200 %, without any foreign request."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine, select

from pipelines.workspace import state
from pipelines.workspace.state_tables import decisions, review_answers
from tests.pipelines.review.authenticator import app_code
from tests.pipelines.review.web.visitor import PASSWORD, signed_in

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium, which is not installed here")
Opening = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, origin: str, engine: Engine) -> Iterator[Opening]:
    """A page of somebody who is signed in; at the end no request went elsewhere and nothing was complained of."""
    requests: list[str] = []
    faults: list[str] = []
    contexts = []

    def opening(name: str, path: str = "/", width: int = 1180, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
        context.add_cookies([{"name": "sachsong", "value": signed_in(engine, name), "url": origin}])
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on(
            "console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(origin + path)
        return page

    yield opening
    for context in contexts:
        context.close()
    assert [url for url in requests if not url.startswith(origin)] == []
    assert faults == []


def said(engine: Engine) -> list[str]:
    with state.reading(engine) as connection:
        return list(connection.execute(select(review_answers.c.said).order_by(review_answers.c.answer)).scalars())


def test_somebody_signs_in_by_keyboard(browser: Browser, origin: str, engine: Engine) -> None:
    signed_in(engine, "an")
    page = browser.new_page()
    page.goto(origin)
    assert page.evaluate("document.activeElement.id") == "name"
    page.keyboard.type("an")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Hồ sơ cần xác minh").wait_for()
    page.close()


@pytest.mark.parametrize("width", [1180, 590])
def test_a_second_factor_is_set_up_and_used_without_an_axe_violation(
    opened: Opening, browser: Browser, origin: str, width: int
) -> None:
    """At 100 % and at 200 % zoom; each page of the way is looked at by axe."""
    page = opened("an", "/second-factor", width=width, bypass_csp=True)

    def looked_at(page: Page, words: str) -> None:
        page.get_by_text(words).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, words
        assert Axe().run(page).violations_count == 0, words

    looked_at(page, "Chưa bật")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    looked_at(page, "Thêm vào ứng dụng")
    page.get_by_label("Mã 6 số").fill(app_code(page.locator(".once").inner_text().replace(" ", "")))
    page.keyboard.press("Enter")
    looked_at(page, "Mã dự phòng, hiện một lần")
    code = page.locator(".codes code").first.inner_text()
    page.goto(f"{origin}/second-factor")
    looked_at(page, "Đang bật")

    other = browser.new_page()
    other.goto(origin)
    for typed in ("an", PASSWORD, code):
        other.keyboard.type(typed)
        other.keyboard.press("Tab" if typed != code else "Enter")
    other.get_by_role("heading", name="Hồ sơ cần xác minh").wait_for()
    other.close()


def test_a_reviewer_decides_with_one_key_each_by_keyboard_alone(opened: Opening, engine: Engine) -> None:
    page = opened("an")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Tới nội dung"
    link = page.get_by_role("link", name="Bắt đầu")
    for _ in range(30):
        if link.evaluate("link => link === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Đúng người này").wait_for()
    first = page.url
    page.keyboard.press("n")
    page.keyboard.type("1 2 3 là ghi chú")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.get_by_text("Đã ghi câu trả lời trước").wait_for()
    assert page.url.partition("?")[0] != first
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert said(engine) == ["same"]
    page.keyboard.press("z")
    page.wait_for_url(first)
    assert said(engine) == ["same", "undone"]
    page.keyboard.press("4")
    page.get_by_text("Đã ghi câu trả lời trước").wait_for()
    page.keyboard.press("3")
    page.wait_for_function("() => performance.getEntriesByType('resource').length > 0")
    page.wait_for_timeout(300)
    assert said(engine) == ["same", "undone", "unsure", "nobody"]


def test_keys_choose_a_person_and_can_be_switched_off(opened: Opening, engine: Engine) -> None:
    page = opened("an", "/record/r0000")
    page.keyboard.press("c")
    assert page.locator("input[name=place]:checked").get_attribute("value") == "2"
    page.goto(page.url.replace("/record/r0000", "/account"))
    page.get_by_label("Phím tắt một phím").uncheck()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Ghi").click()
    page.goto(page.url.replace("/account", "/record/r0000"))
    page.keyboard.press("1")
    page.wait_for_timeout(200)
    assert said(engine) == []


def test_a_reveal_needs_a_reason_and_leaves_no_trace_in_the_address(opened: Opening) -> None:
    page = opened("an", "/record/r0003")
    page.get_by_text("Xem số và thông tin đề xuất sửa").click()
    page.get_by_label("Lý do cần xem").fill("đối chiếu giấy khai sinh")
    page.get_by_role("button", name="Xem", exact=True).click()
    page.get_by_text("→ Trần Thị Hồng Hạnh").wait_for()
    assert page.url.endswith("/record/r0003")


def test_a_second_reviewer_settles_and_an_officer_orders_it(opened: Opening, engine: Engine) -> None:
    officer = opened("dung", "/readers")
    officer.get_by_label("Đơn vị").select_option("students-79")
    officer.get_by_label("Lý do").fill("mẫu kiểm tra")
    officer.get_by_role("button", name="Ghi").click()
    officer.get_by_role("cell", name="students-79").wait_for()
    for name, key in (("an", "1"), ("binh", "3"), ("chi", "3")):
        page = opened(name, "/record/r0000")
        page.keyboard.press(key)
        page.wait_for_url("**done=**")
    with state.reading(engine) as connection:
        assert connection.execute(select(decisions.c.verdict, decisions.c.decided_by)).all() == [
            ("nobody", "binh, chi")
        ]


def test_a_pattern_is_decided_after_its_samples(opened: Opening, engine: Engine) -> None:
    page = opened("an", "/patterns")
    page.locator("tbody tr", has_text="2").first.get_by_role("link").click()
    page.get_by_role("heading", name="hồ sơ cùng kiểu khớp").wait_for()
    page.get_by_label("Căn cứ").fill("hai anh em sinh đôi")
    page.get_by_label("Tôi đã xem các mẫu").check()
    page.get_by_role("button", name="Không phải người này").click()
    page.get_by_role("heading", name="Đã trả lời").wait_for()
    assert said(engine) == ["different", "different"]


def test_an_auditor_reads_the_log_and_an_administrator_makes_an_account(opened: Opening) -> None:
    page = opened("em", "/record/r0003")
    assert page.get_by_role("button", name="Đúng người này").count() == 0
    page.get_by_role("link", name="Nhật ký").click()
    page.get_by_role("heading", name="Nhật ký").wait_for()
    page = opened("giang", "/accounts")
    page.get_by_label("Tên", exact=True).fill("moi")
    page.get_by_label("Vai trò").select_option("auditor")
    page.get_by_role("button", name="Thêm").click()
    page.locator(".once").wait_for()


PAGES = [
    ("an", "/"), ("an", "/record/r0000"), ("an", "/record/r0003"), ("an", "/record/r0004"), ("an", "/patterns"),
    ("an", "/history"), ("an", "/account"), ("an", "/no-record"), ("an", "/second-factor"), ("chi", "/record/r0002"),
    ("dung", "/readers"), ("dung", "/signatures"), ("em", "/log"), ("giang", "/accounts"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["vi", "en"])
def test_axe_finds_nothing_on_any_page(
    opened: Opening, browser: Browser, origin: str, tmp_path: Path, language: str
) -> None:
    page = browser.new_page()
    page.goto(f"{origin}/language/{language}?to=/sign-in")
    found = {"/sign-in": Axe().run(page).generate_report()} if Axe().run(page).violations_count else {}
    page.close()
    for name in ("an", "chi", "dung", "em", "giang"):
        page = opened(name, f"/language/{language}?to=/account", bypass_csp=True)
        for path in [path for owner, path in PAGES if owner == name and path != "/no-record"]:
            page.goto(origin + path)
            assert page.locator("html").get_attribute("lang") == language
            result = Axe().run(page)
            if result.violations_count:
                found[f"{name} {path}"] = result.generate_report()
    assert found == {}


@pytest.mark.parametrize("width", [360, 590])
def test_pages_fit_a_phone_and_a_screen_at_200_percent(opened: Opening, origin: str, width: int) -> None:
    """A window of 1180 pixels at 200 % is one of 590."""
    for name in ("an", "dung", "em", "giang"):
        page = opened(name, "/account", width=width)
        for path in [path for owner, path in PAGES if owner == name and path != "/no-record"]:
            page.goto(origin + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_pages_work_without_a_script(opened: Opening, engine: Engine) -> None:
    page = opened("an", "/record/r0000", java_script_enabled=False)
    page.get_by_role("button", name="Đúng người này").click()
    page.get_by_text("Đã ghi câu trả lời trước").wait_for()
    assert said(engine) == ["same"]
