"""A filled-in list that is handed in on the page: taken under one's own name, refused for another tenant or no list."""

from collections.abc import Callable, Iterator

import openpyxl
import pytest
from sqlalchemy import Engine

from pipelines.config import Run, Settings
from pipelines.registry import load
from pipelines.review import people
from pipelines.review.people import Role
from pipelines.review.web.visit import MOST_BYTES_OF_A_LIST
from pipelines.workspace import audit_log, state
from tests.pipelines.nights import through
from tests.pipelines.review.web.visitor import PASSWORD, Visitor, served

REGISTRY = """person_id,full_name,date_of_birth,sex,province,commune
079185012345,Trần Thị Bình,1985-04-07,Nữ,79,26734
"""
LIST = """ma_so_bhxh,ho_ten,ngay_sinh,gioi_tinh,so_cccd,ma_tinh,ma_xa
7922222222,Trần Thị Bình,07/04/1985,Nữ,,79,26734
7933333333,Lê Hoàng Khôi,01/02/1990,Nam,079090000077,79,26734
"""


@pytest.fixture
def night(settings: Settings) -> Run:
    """A night of two records: one without a number, one whom nobody knows."""
    (settings.workspace / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    load.load(settings, settings.workspace / "registry.csv", replace=True)
    (settings.workspace / "inbox" / "insurance" / "a.csv").write_text(LIST, encoding="utf-8")
    return through(settings)


@pytest.fixture
def engine(night: Run) -> Iterator[Engine]:
    """The workspace's own state database, with reviewers of the list's tenant and of another."""
    with state.opened(night.settings) as opened:
        with state.transaction(opened) as connection:
            for name, tenant in (("an", "insurance-79"), ("binh", "insurance-01")):
                made = people.add(connection, name, Role.reviewer, [tenant], "test")
                people.change_password(connection, people.find(connection, name), made, PASSWORD)
        yield opened


@pytest.fixture
def visitor(night: Run, engine: Engine) -> Iterator[Callable[[str], Visitor]]:
    """Somebody at a browser."""
    with served(night, engine) as origin:
        yield lambda name: Visitor(origin, engine, name)


def filled(night: Run) -> bytes:
    """The list with one answer that decides and one that cannot be taken."""
    path = night.settings.workspace / "back.xlsx"
    book = openpyxl.load_workbook(night.reports / "lists" / "insurance-79.xlsx")
    book["Hướng dẫn"]["B4"] = "Nguyễn Thị Mai"
    heads = [cell.value for cell in book["Cần xử lý"][3]]
    for row in book["Cần xử lý"].iter_rows(min_row=4):
        row[heads.index("Kết quả xử lý")].value = "Không phải người này"
    book.save(path)
    return path.read_bytes()


def hand_in(who: Visitor, content: bytes, csrf: str | None = None) -> tuple[int, str]:
    answer = who.client.post(
        "/lists",
        data={"csrf": who.csrf if csrf is None else csrf},
        files={"file": ("Nguyễn Văn An.xlsx", content)},
        headers={"Origin": who.origin},
    )
    return answer.status_code, answer.text


def test_a_list_is_taken_once_under_the_name_of_who_hands_it_in(
    night: Run, engine: Engine, visitor: Callable[[str], Visitor]
) -> None:
    an, content = visitor("an"), filled(night)
    status, text = hand_in(an, content)
    assert status == 200
    assert "Hồ sơ chưa có người được đề xuất" in text, "why the second is refused, by row"
    assert "Khôi" not in text
    with state.reading(engine) as connection:
        (entry,) = audit_log.entries(connection, "decision")
    assert entry.by == "an", "not the name that stands in the list"
    hand_in(an, content)
    with state.reading(engine) as connection:
        assert len(list(audit_log.entries(connection, "decision"))) == 1


def test_another_tenants_list_is_refused_and_logged(
    night: Run, engine: Engine, visitor: Callable[[str], Visitor]
) -> None:
    assert hand_in(visitor("binh"), filled(night))[0] == 403
    with state.reading(engine) as connection:
        assert [each.by for each in audit_log.entries(connection, "refused")] == ["binh"]
        assert not list(audit_log.entries(connection, "review_answer"))


def test_what_is_no_list_of_ours_or_no_own_form_or_too_large_changes_nothing(
    night: Run, engine: Engine, visitor: Callable[[str], Visitor]
) -> None:
    an, em = visitor("an"), visitor("em")
    assert hand_in(an, b"ho_ten,ngay_sinh")[0] == 400
    assert hand_in(an, b"")[0] == 400
    assert hand_in(an, filled(night), csrf="x")[0] == 403
    assert hand_in(an, bytes(MOST_BYTES_OF_A_LIST + 1))[0] == 413
    assert hand_in(em, bytes(100_000))[0] == 413, "who may hand nothing in cannot send a large form"
    with state.reading(engine) as connection:
        assert not list(audit_log.entries(connection, "review_answer"))
