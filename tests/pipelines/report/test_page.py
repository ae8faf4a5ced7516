import re
from datetime import date

import polars as pl

from pipelines.config import Run
from pipelines.report.hop import report
from pipelines.report.page import html
from pipelines.workspace import night_places, run_schema, run_tables, state
from tests.pipelines.filled_run import SECRET_ID, SECRET_NAME, change
from tests.pipelines.report.explained import EXPLAINED


def page_of(run: Run) -> str:
    return (run.reports / "summary.html").read_text(encoding="utf-8")


def test_stands_alone_without_script_or_network(written: Run) -> None:
    page = page_of(written)
    assert "<script" not in page
    assert not re.search(r'(?:src|href|url)\s*[=(]\s*["\']?(?:https?:)?//', page)
    assert "@import" not in page


def test_holds_no_name_and_no_id(written: Run) -> None:
    page = page_of(written)
    assert SECRET_NAME not in page
    assert SECRET_ID not in page
    assert not re.search(r"\b\d{9,12}\b", page)


def test_shows_the_account_the_refused_file_and_the_denominators(written: Run) -> None:
    page = page_of(written)
    assert "✓ Không mất dòng nào" in page
    assert "danh_sach_loi.xlsx" in page
    assert "Cột «Ngày sihn» được hiểu là «Ngày sinh»" in page
    assert "Thiếu cột bắt buộc «Ngày sinh»" in page
    # students, correct: rules apply to 34 records, 4 + 2 have an error.
    assert "28 / 34" in page
    # vaccination, live: no rule ran.
    assert "không áp dụng" in page
    assert 'href="lists/index.html"' in page
    assert "data_docs/index.html" not in page


def test_what_a_file_is_called_cannot_become_markup(run: Run) -> None:
    change(run, "UPDATE files SET message = '<img src=x onerror=alert(1)>' WHERE refused IS NOT NULL")
    report(run)
    assert "<img" not in page_of(run)


def test_tells_each_sector_against_the_last_night(run: Run) -> None:
    report(run)
    assert "Đêm đầu tiên được ghi, chưa có gì để so" in page_of(run)
    before = {"records": 34, "verified": 1, "needs_work": 34}
    figures = {"records": 34, "by_status": {}, "asked": 0, "sectors": {"students": before}}
    state.record_night(run.settings.model_copy(update={"night": date(2026, 11, 21)}), "2026-11-21-1", figures)
    report(run)
    part = page_of(run).partition('id="sectors"')[2].partition("</section>")[0]
    assert "so với đêm 21/11/2026" in part
    # 8 of 34 verified, 1 of 34 then.
    assert '<span class="ok">+20,6</span>' in part
    assert page_of(run) == html(run)


def test_ranks_places_where_there_is_an_earlier_night(run: Run) -> None:
    row = ("unit", "students", "79", None, "THCS Lê Lợi", 100)
    places = pl.DataFrame([row], schema=night_places.SCHEMA, orient="row")
    night_places.record(run.settings.model_copy(update={"night": date(2026, 11, 20)}), "2026-11-20-1", places)
    report(run)
    part = page_of(run).partition('id="progress"')[2].partition("</section>")[0]
    assert "Hồ sơ cần xử lý ngày 20/11/2026" in part
    assert "THCS Lê Lợi, Hồ Chí Minh" in part.partition("Tiến bộ nhất")[2]


def test_without_judgements_no_score_is_told(run: Run) -> None:
    change(run, "DROP TABLE judged_students")
    report(run)
    assert "28 / 34" not in page_of(run)


def test_links_to_data_docs_only_where_they_are(run: Run) -> None:
    run.data_docs.mkdir(parents=True)
    (run.data_docs / "index.html").write_text("<p>", encoding="utf-8")
    report(run)
    assert 'href="../data_docs/index.html"' in page_of(run)


def test_draws_the_nights_examples_and_says_what_decided(run: Run) -> None:
    assert 'id="examples"' not in page_of_report(run)
    keep_example(run, "a" * 12 + "-1-2", "wrong_information")
    change(run, "UPDATE links SET reason = 'Số khác.' WHERE status = 'wrong_information' AND source_row > 2")
    page = page_of_report(run)
    assert "4 trong 8 hồ sơ như thế này" in page
    assert 'id="waterfall-wrong_information-title"' in page
    assert "khớp &lt;b&gt;" in page
    assert "<b>" not in page.partition("Họ tên: khớp")[2][:20]


def test_a_card_shows_the_final_status(run: Run) -> None:
    """The first verified pupil agreed when it was linked; what the gateway said came after the picture."""
    with run_tables.connect(run) as connection:
        verified = run_tables.query(
            connection, "SELECT min(record_id) AS id FROM verifications WHERE status = 'verified'"
        )["id"][0]
    keep_example(run, verified, "agreed")
    card = page_of_report(run).partition('id="examples"')[2]
    assert "<h3>Đã xác thực đúng" in card
    assert "khi đối chiếu: Khớp, chờ xác thực" in card


def keep_example(run: Run, record_id: str, status: str) -> None:
    """As the hop `link` keeps it."""
    explained = EXPLAINED.model_copy(update={"record_id": record_id, "status": status})
    example = {"status": status, "records": 12, "alike": 7, "explanation": explained.model_dump_json()}
    with run_tables.connect(run) as connection:
        run_tables.replace_table(connection, run_schema.EXAMPLES, pl.DataFrame([example]))


def page_of_report(run: Run) -> str:
    report(run)
    return page_of(run)


def test_says_why_humans_are_asked_and_how_often_the_proposal_was_right(run: Run) -> None:
    """Of the two pupils whom several people fit, a human linked one to the person whom the model had proposed."""
    change(
        run,
        "UPDATE links SET decision = 'link' WHERE record_id = "
        "(SELECT min(record_id) FROM links WHERE held = 'several_fit')",
    )
    report(run)
    page = page_of(run)
    part = page[page.index('id="held"') :]
    assert "Có từ hai người phù hợp gần như nhau" in part
    assert "100" in part[: part.index("</section>")]
