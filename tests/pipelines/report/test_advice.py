"""What a department is told to do: each thing once, the most useful first, with what is meant by name."""

import pytest

from pipelines.config import Run
from pipelines.report import labels, worklist
from pipelines.sectors import schema
from pipelines.workspace import run_tables
from rules import tables
from tests.pipelines.filled_run import change

PUPIL = "a" * 12 + "-1-2"
"""The first record of hs_q1.csv; it differs in date of birth and sex."""

ISSUE_COLUMNS = (
    "record_id", "sector", "source_file", "source_row", "family", "rule_id", "issue", '"column"', "value", "severity",
)  # fmt: skip

Found = list[tuple[str, str, str]]


def told(run: Run, status: str, found: Found, *, differs: str = "") -> tuple[list[str], str | None]:
    """The pupil's lines, and what keeps it on the list; `found` are (issue, column, severity)."""
    change(run, "DELETE FROM issues")
    change(run, f"UPDATE links SET status = '{status}', differs = '{differs}' WHERE record_id = '{PUPIL}'")
    change(run, f"UPDATE verifications SET status = NULL WHERE record_id = '{PUPIL}'")
    rows = [
        f"('{PUPIL}', 'students', 'hs_q1.csv', 2, '{tables.load_issues()[issue].family}', 'rule', '{issue}', "
        f"'{column}', '***', '{severity}')"
        for issue, column, severity in found
    ]
    if rows:
        change(run, f"INSERT INTO issues ({', '.join(ISSUE_COLUMNS)}) VALUES {', '.join(rows)}")
    with run_tables.connect(run) as connection:
        worklist.prepare(connection, schema.of_settings(run.settings))
        advice = run_tables.query(connection, "SELECT * FROM advice WHERE record_id = $id", {"id": PUPIL}).to_dicts()
    return (advice[0]["remedy_vi"].split("\n"), advice[0]["kept_by"]) if advice else ([], None)


CASES: list[tuple[str, str, Found, list[str], str]] = [
    (
        "wrong_information", "date_of_birth,sex",
        [("GATEWAY_DOB", "date_of_birth", "error"), ("GATEWAY_SEX", "sex", "error")],
        ["• Đối chiếu giấy tờ gốc, sửa chỗ sai: ngày sinh, giới tính."],
        "what we and the gateway found is one thing to do",
    ),
    (
        "wrong_information", "", [], ["• Sửa theo giấy tờ gốc các thông tin nêu ở cột «Thông tin chưa khớp»."],
        "nothing to name: the remedy as it stands",
    ),
    (
        "id_of_another", "id_number",
        [("ID_SEX", "sex", "error"), ("GATEWAY_NAME", "full_name", "error"), ("NAME_FORM", "full_name", "warning")],
        [
            "• Xác định đúng người có số này và thay bằng số của người trong hồ sơ.",
            "• Cập nhật theo dữ liệu đã chuẩn hóa: họ và tên.",
        ],
        "with another person's number the rest of the answer says nothing",
    ),
    (
        "id_of_another", "id_number", [("ID_OF_PARENT", "id_number", "error")],
        ["• Thay bằng số định danh của trẻ (ghi trên giấy khai sinh)."],
        "whose number it is, is known: the better advice",
    ),
    (
        "bad_id_format", "", [("ID_SCIENTIFIC", "id_number", "error")],
        ["• Định dạng cột là Văn bản (Text) rồi xuất lại tệp từ dữ liệu gốc; không sửa tay."],
        "twelve digits cannot be typed again from what is left of them",
    ),
    (
        "missing_id", "", [("ID_MISSING", "id_number", "error"), ("CLASS_MISSING", "class_name", "warning")],
        ["• Bổ sung: số định danh 12 chữ số (trẻ chưa có giấy tờ thì liên hệ công an cấp xã), lớp."],
        "all that is missing in one line, the number first",
    ),
    (
        "not_found", "", [("NAME_FORM", "full_name", "warning"), ("DOB_FUTURE", "date_of_birth", "error")],
        [
            "• Đối chiếu họ tên, ngày sinh, giới tính, số định danh với giấy tờ gốc; nếu đúng thì chuyển công an "
            "cấp xã xác minh.",
            "• Đối chiếu giấy tờ gốc, sửa chỗ sai: ngày sinh.",
            "• Cập nhật theo dữ liệu đã chuẩn hóa: họ và tên.",
        ],
        "the status first, then errors, then warnings",
    ),
    (
        "deceased", "", [("CLASS_MISSING", "class_name", "warning"), ("PERSON_DECEASED", "id_number", "error")],
        ["• Ngừng sử dụng hồ sơ; lưu trữ theo quy định đối với người đã mất."], "nothing else is worth mending",
    ),
    (
        "not_found", "", [("GATEWAY_DOB", "date_of_birth", "error"), ("DOB_REPAIRED", "date_of_birth", "warning")],
        [
            "• Đối chiếu họ tên, ngày sinh, giới tính, số định danh với giấy tờ gốc; nếu đúng thì chuyển công an "
            "cấp xã xác minh.",
            "• Đối chiếu giấy tờ gốc, sửa chỗ sai: ngày sinh.",
        ],
        "what is named is named once, where it matters most",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("status", "differs", "found", "lines", "why"), CASES)
def test_each_thing_is_told_once(
    run: Run, status: str, differs: str, found: Found, lines: list[str], why: str
) -> None:  # fmt: skip
    assert told(run, status, found, differs=differs) == (lines, None), why


def test_a_record_whose_status_needs_nothing_says_what_keeps_it_on_the_list(run: Run) -> None:
    lines, kept_by = told(
        run, "agreed", [("PUPIL_CODE_MISSING", "student_code", "error"), ("NAME_FORM", "full_name", "warning")]
    )
    assert lines[0] == "• Bổ sung: mã học sinh (tra trên CSDL ngành giáo dục)."
    assert kept_by == "thiếu mã học sinh", "the warning does not keep it there"
    assert told(run, "agreed", [("NAME_FORM", "full_name", "warning")]) == ([], None)


def test_the_sector_that_says_otherwise_is_named(run: Run) -> None:
    change(run, f"UPDATE core_students SET id_number = '001099000001', sex = 'Nam' WHERE record_id = '{PUPIL}'")
    change(run, "UPDATE core_vaccination SET id_number = '001099000001', sex = 'Nữ' WHERE source_row = 2")
    change(run, "UPDATE core_insurance SET id_number = '001099000001', sex = 'Nam' WHERE source_row = 2")
    for sector in ("students", "vaccination", "insurance"):
        change(run, f"UPDATE core_{sector} SET name_key = 'le an', birth_year = 2015 WHERE id_number = '001099000001'")
    lines, _ = told(run, "duplicate", [("SECTORS_DISAGREE", "id_number", "warning")])
    assert lines[1] == "• Thông tin khác với ngành Tiêm chủng: đối chiếu giấy tờ gốc, sửa ở ngành ghi sai."


def test_whatever_is_found_at_once_no_two_lines_begin_alike(run: Run) -> None:
    every = [
        (code, "full_name", "warning" if issue.warning else "error") for code, issue in tables.load_issues().items()
    ]
    for status in labels.status_frame()["status"]:
        lines, _ = told(run, status, every)
        beginnings = [line.partition(":")[0] for line in lines if line.endswith(".") and ":" in line]
        assert len(set(beginnings)) == len(beginnings), f"{status}: {lines}"
        assert len(set(lines)) == len(lines)
