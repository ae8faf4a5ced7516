"""A filled-in list comes back: each answer is taken once, or refused with its reason in the returned copy."""

import shutil
from pathlib import Path

import openpyxl
import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.link import human_decisions
from pipelines.registry import load
from pipelines.review import list_answers
from pipelines.review.list_answers import Taken
from pipelines.workspace import audit_log, issued_lists, state
from tests.pipelines.nights import through

REGISTRY = """person_id,full_name,date_of_birth,sex,province,commune
079087001234,Nguyễn Văn An,1987-09-05,Nam,79,26734
079185012345,Trần Thị Bình,1985-04-07,Nữ,79,26734
"""
LIST = """ma_so_bhxh,ho_ten,ngay_sinh,gioi_tinh,so_cccd,ma_tinh,ma_xa,don_vi
7911111111,Nguyễn Văn An,05/09/1987,Nữ,079087001234,79,26734,Công ty Sao Mai
7922222222,Trần Thị Bình,07/04/1985,Nữ,,79,26734,Công ty Sao Mai
7933333333,Lê Hoàng Khôi,01/02/1990,Nam,079090000077,79,26734,Công ty Hoa Sen
"""
AN, BINH, KHOI = 0, 1, 2


@pytest.fixture
def night(settings: Settings) -> Settings:
    """A night of three records: one with a wrong sex, one without a number, one whom nobody knows."""
    (settings.workspace / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    load.load(settings, settings.workspace / "registry.csv", replace=True)
    (settings.workspace / "inbox" / "insurance" / "a.csv").write_text(LIST, encoding="utf-8")
    through(settings)
    return settings


def filled(settings: Settings, by: str, said: dict[int, str], name: str = "back.xlsx", run: str = "1") -> Path:
    """The list of insurance in Hồ Chí Minh, answered; `said` by the records' names."""
    source = settings.runs_directory / f"{settings.night}-{run}" / "reports" / "lists" / "insurance-79.xlsx"
    book = openpyxl.load_workbook(source)
    sheet = book["Cần xử lý"]
    heads = [cell.value for cell in sheet[3]]
    book["Hướng dẫn"]["B4"] = by
    names = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Hoàng Khôi")
    for row in sheet.iter_rows(min_row=4):
        at = names.index(str(row[heads.index("Họ và tên")].value))
        row[heads.index("Kết quả xử lý")].value = said.get(at)
    target = settings.workspace / name
    book.save(target)
    return target


def counts(taken: Taken) -> tuple[int, ...]:
    return (taken.applied, taken.noted, taken.third, taken.refused, taken.again)


def returned(taken: Taken) -> dict[str, tuple[str, str | None]]:
    """Name → outcome and reason, of the returned copy."""
    assert taken.returned is not None
    _, _, heads, *rows = openpyxl.load_workbook(taken.returned)["Tiếp nhận"].iter_rows(values_only=True)
    at = [list(heads).index(name) for name in ("Họ và tên", "Tiếp nhận", "Lý do")]
    return {str(row[at[0]]): (str(row[at[1]]), row[at[2]] and str(row[at[2]])) for row in rows if row[at[1]]}


def test_answers_are_applied_noted_or_refused_and_taken_once(night: Settings) -> None:
    said = {AN: "Đã sửa", BINH: "Không phải người này", KHOI: "Không phải người này"}
    back = filled(night, "Mai", said)
    taken = list_answers.take(night, back)
    assert counts(taken) == (1, 1, 0, 1, 0)
    assert returned(taken) == {
        "Nguyễn Văn An": ("Đã nhận; chờ tệp mới của đơn vị", None),
        "Trần Thị Bình": ("Đã nhận, đã ghi quyết định", None),
        "Lê Hoàng Khôi": ("Không nhận", "Hồ sơ chưa có người được đề xuất"),
    }
    (held,) = human_decisions.in_force(night).to_dicts()
    assert (held["verdict"], held["person_id"]) == ("different", "079185012345")
    assert counts(list_answers.take(night, back)) == (0, 0, 0, 0, 3), "the same file"
    again = filled(night, "Mai", said, "saved-again.xlsx")
    assert counts(list_answers.take(night, again)) == (0, 0, 0, 0, 3), "the same answers, saved again"
    assert human_decisions.in_force(night).height == 1
    with state.opened(night) as engine, state.reading(engine) as connection:
        assert len(list(audit_log.entries(connection, "answered_list"))) == 1


def test_two_people_who_disagree_wait_for_a_third(night: Settings) -> None:
    table = "recipient,title,sector,province,commune,zone,unit,sees_corrections\n"
    row = "insurance-79,BHXH TP.HCM,insurance,79,,,,có\n"
    (night.workspace / "recipients.csv").write_text(table + row, encoding="utf-8")
    assert counts(list_answers.take(night, filled(night, "Mai", {BINH: "Không phải người này"}))) == (1, 0, 0, 0, 0)
    assert counts(list_answers.take(night, filled(night, "Hòa", {BINH: "Đúng người này"}))) == (0, 0, 1, 0, 0)
    assert human_decisions.in_force(night).is_empty(), "what was decided waits for the third"
    mai = list_answers.take(night, filled(night, "Mai", {BINH: "Đúng người này"}))
    assert returned(mai)["Trần Thị Bình"] == ("Không nhận", "Người trả lời trước và sau là một; cần người thứ ba")
    assert counts(list_answers.take(night, filled(night, "Sơn", {BINH: "Đúng người này"}))) == (1, 0, 0, 0, 0)
    (held,) = human_decisions.in_force(night).to_dicts()
    assert held["verdict"] == "same"


@pytest.mark.parametrize(
    ("by", "said", "why"),
    [
        ("", "Đã sửa", "Chưa ghi tên ở ô «Người trả lời» của trang đầu"),
        ("Mai", "Bỏ qua", "Không có trong các mục để chọn"),
        ("Mai", "Đúng người này", "Danh sách này không hiện người được đề xuất nên không xác nhận được"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(night: Settings, by: str, said: str, why: str) -> None:
    taken = list_answers.take(night, filled(night, by, {BINH: said}))
    assert counts(taken) == (0, 0, 0, 1, 0)
    assert returned(taken) == {"Trần Thị Bình": ("Không nhận", why)}
    assert human_decisions.in_force(night).is_empty()


def test_a_record_or_person_that_has_changed_since_makes_the_answer_stale(night: Settings) -> None:
    back = filled(night, "Mai", {AN: "Không phải người này", BINH: "Không phải người này"})
    (night.workspace / "registry.csv").write_text(REGISTRY.replace("1985-04-07", "1985-04-08"), encoding="utf-8")
    load.load(night, night.workspace / "registry.csv", replace=True)
    (night.workspace / "inbox" / "insurance" / "a.csv").write_text(LIST.replace(",Nữ,0790", ",Nam,0790"), "utf-8")
    through(night)
    taken = list_answers.take(night, back)
    assert [why for _, why in returned(taken).values()] == [
        "Hồ sơ đã thay đổi từ khi gửi danh sách; hãy trả lời ở danh sách mới",
        "Thông tin dân cư đã thay đổi từ khi gửi danh sách; hãy trả lời ở danh sách mới",
    ]
    assert human_decisions.in_force(night).is_empty()


def test_a_list_that_was_not_handed_out_so_is_refused_whole(night: Settings) -> None:
    back = filled(night, "Mai", {AN: "Đã sửa"})
    book = openpyxl.load_workbook(back)
    book["sachsong"]["B5"] = "insurance-01"
    book.save(back)
    with pytest.raises(BadInput, match="Phần ẩn"):
        list_answers.take(night, back)
    book["sachsong"]["B2"] = "0" * 16
    book.save(back)
    with pytest.raises(BadInput, match="không phải do thư mục làm việc này gửi"):
        list_answers.take(night, back)
    with pytest.raises(BadInput, match="không phải danh sách"):
        list_answers.take(night, night.workspace / "registry.csv")


def test_lists_in_the_inbox_are_taken_and_the_night_says_what_became_of_them(night: Settings) -> None:
    inbox = night.workspace / "inbox" / "insurance"
    shutil.copy(filled(night, "Mai", {AN: "Đã sửa", BINH: "Không phải người này"}), inbox / "back.xlsx")
    (inbox / "broken.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (taken,) = list_answers.take_inbox(night)
    assert counts(taken) == (1, 1, 0, 0, 0)
    run = through(night)
    assert {path.name for path in (run.reports / "answers").iterdir()} == {taken.returned and taken.returned.name}
    (first,) = [each for each in issued_lists.before(night, "2026-11-23").values() if each.recipient == "insurance-79"]
    sheet = openpyxl.load_workbook(run.reports / "lists" / "insurance-79.xlsx")["Cần xử lý"]
    heads, *rows = list(sheet.iter_rows(min_row=3, values_only=True))
    told = {row[heads.index("Họ và tên")]: str(row[heads.index("Việc cần làm")]) for row in rows}
    assert "«Đã sửa» nhưng tệp gửi đến vẫn như cũ" in told["Nguyễn Văn An"]
    assert first.run_id == run.run_id
