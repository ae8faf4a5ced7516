"""Headers as departments write them, what is guessed, and the message when they do not fit."""

import pytest

from pipelines.errors import UnknownColumns
from pipelines.files.header.aliases import HeaderAliases
from pipelines.files.header.locate import Header, locate
from pipelines.files.sheet import Merge
from pipelines.sectors import schema

STUDENTS = schema.load("students")
INSURANCE = schema.load("insurance")
HOLDERS = INSURANCE.model_copy(update={"of_holders": True})
IDENTITY = ["Họ và tên", "Ngày sinh", "Giới tính", "Số định danh"]
AN = ["Nguyễn Văn An", "05/09/2012", "Nam", "079212001234"]


def said(header: Header) -> dict[int, str]:
    """Column → our name, with the part behind a dot."""
    return {at: ".".join(filter(None, (each.column, each.part))) for at, each in sorted(header.meanings.items())}


@pytest.mark.parametrize(
    "row",
    [
        ["ho_ten", "ngay_sinh", "gioi_tinh", "so_dinh_danh"],
        ["HỌ VÀ TÊN", "NGÀY SINH", "GIỚI TÍNH", "SỐ ĐDCN/CCCD/CMND"],
        ["Ho va ten", "ngay sinh (dd/mm/yyyy)", "Gioi tinh", "So CCCD"],
        ["Họ và tên (*)", "Ngày  sinh\n(bắt buộc)", " Giới tính ", "Số định danh cá nhân"],
        ["full_name", "date_of_birth", "sex", "id_number"],
        ["1. Họ và tên", "(2) Ngày sinh", "3) Giới tính*", "4: Số CCCD"],
        ["Họ và tên", "Ngày sinh", "Giới tính (Nam: 1, Nữ: 2)", "Số CCCD/Số ĐDCN (12 số)"],
        ["Hä vµ tªn", "Ngµy sinh", "Giíi tÝnh", "Sè CCCD"],
        ["Hoï vaø teân", "Ngaøy sinh", "Giôùi tính", "Soá CCCD"],
        ["Hoò vaÌ tên", "NgaÌy sinh", "Giõìi tiình", "Sôì CCCD"],
        ["Há»\x8d vÃ\xa0 tÃªn", "NgÃ\xa0y sinh", "Giá»›i tÃ\xadnh", "Sá»‘ CCCD"],
    ],
)
def test_known_headers_in_any_spelling(row: list[str]) -> None:
    header = locate([row], HeaderAliases(STUDENTS, {}))
    assert said(header) == {0: "full_name", 1: "date_of_birth", 2: "sex", 3: "id_number"}
    assert {meaning.how for meaning in header.meanings.values()} == {"exact"}
    assert header.notes == ()


def test_titles_above_are_skipped_and_unknown_columns_kept() -> None:
    rows = [["SỞ GIÁO DỤC"], ["Danh sách học sinh"], ["STT", *IDENTITY, "Ghi chú riêng"]]
    header = locate(rows, HeaderAliases(STUDENTS, {}))
    assert (header.first, header.last) == (2, 2)
    assert header.unknown == {0: "STT", 5: "Ghi chú riêng"}
    assert header.width == 6


@pytest.mark.parametrize(
    ("label", "column", "why"),
    [
        ("Ngày sihn", "date_of_birth", "two letters swapped"),
        ("Ngày sin", "date_of_birth", "a letter missing"),
        ("Ngày sinh của trẻ", "date_of_birth", "words that change nothing"),
        ("Họ và tên HS", "full_name", "words that change nothing"),
        ("Họ và ten trẻ em", "full_name", "words that change nothing"),
        ("Giớ tính", "sex", "a letter missing"),
        ("Số định dnah", "id_number", "two letters swapped"),
        ("Số định danh cá nhân học sinh", "id_number", "words that change nothing"),
    ],
)
def test_near_misses_are_guessed_and_told(label: str, column: str, why: str) -> None:
    at = ["full_name", "date_of_birth", "sex", "id_number"].index(column)
    header = locate([[*IDENTITY[:at], label, *IDENTITY[at + 1 :]], AN], HeaderAliases(STUDENTS, {}))
    assert said(header)[at] == column, why
    assert header.meanings[at].how == "near"
    assert 0.8 <= header.meanings[at].confidence < 1
    (note,) = header.notes
    assert label in note.message


@pytest.mark.parametrize(
    "label",
    [
        *("Họ tên chủ hộ", "Họ tên người giám hộ", "Số CCCD cha", "Số CCCD của mẹ", "Ngày sinh mẹ", "Ngày cấp"),
        *(
            "Nơi cấp CCCD",
            "Ngày cấp CCCD",
            "Ngày nhập học",
            "Giới thiệu",
            "Dân tộc",
            "Họ tên giáo viên",
            "Ngày sinh vợ",
        ),
    ],
)
def test_what_belongs_to_somebody_else_is_no_near_miss(label: str) -> None:
    header = locate([[*IDENTITY, label], [*AN, "x"]], HeaderAliases(INSURANCE, {}))
    assert header.unknown == {4: label}
    with pytest.raises(UnknownColumns):  # nor is it taken where the column itself is missing
        locate(
            [["Họ và tên", "Giới tính", label], ["Nguyễn Văn An", "Nam", "05/09/1987"]], HeaderAliases(INSURANCE, {})
        )


def test_a_near_miss_whose_values_are_something_else_is_not_taken() -> None:
    rows = [
        ["Họ và tên", "Ngày sin", "Giới tính", "Số CCCD"],
        *[["Nguyễn Văn An", "Hà Nội", "Nam", "079212001234"]] * 3,
    ]
    with pytest.raises(UnknownColumns, match="«Ngày sinh»"):
        locate(rows, HeaderAliases(STUDENTS, {}))


TWO_LINES = [
    ["STT", "Họ và tên", "Ngày sinh", None, None, "Giới tính", None, "Số CCCD", "Cha", None, "Mẹ", None],
    [None, None, "Ngày", "Tháng", "Năm", "Nam", "Nữ", None, "Họ tên", "Năm sinh", "Họ tên", "Năm sinh"],
]
TWO_LINES_MEAN = {
    1: "full_name",
    **{2: "date_of_birth.day", 3: "date_of_birth.month", 4: "date_of_birth.year", 5: "sex.male", 6: "sex.female"},
    **{7: "id_number", 8: "father_name", 9: "father_birth_year", 10: "mother_name", 11: "mother_birth_year"},
}


def test_a_header_of_two_lines_below_a_title() -> None:
    header = locate(
        [["DANH SÁCH HỌC SINH"], *TWO_LINES, ["1", "Nguyễn Văn An", "5", "9", "2012", "x"]], HeaderAliases(STUDENTS, {})
    )
    assert (header.first, header.last) == (1, 2)
    assert said(header) == TWO_LINES_MEAN
    assert header.labels[2] == "Ngày sinh / Ngày"


def test_merged_cells_say_how_far_a_heading_goes() -> None:
    merged = [Merge(2, 2, 3, 5), Merge(2, 2, 6, 7), Merge(2, 2, 9, 10), Merge(2, 2, 11, 12), Merge(2, 3, 1, 1)]
    header = locate([["DANH SÁCH"], *TWO_LINES], HeaderAliases(STUDENTS, {}), merged=merged)
    assert said(header) == TWO_LINES_MEAN


PARTS = ["full_name.family", "full_name.given"]


@pytest.mark.parametrize(
    ("rows", "means", "why"),
    [
        ([["Họ đệm", "Tên", *IDENTITY[1:]]], PARTS, "two columns"),
        ([["Họ", "Tên đệm", "Tên", *IDENTITY[1:]]], [PARTS[0], "full_name.middle", PARTS[1]], "three"),
        ([["Họ và tên", None, *IDENTITY[1:]], ["Nguyễn Văn", "An", *AN[1:]]], PARTS, "one heading"),
        ([["Họ và tên", None, *IDENTITY[1:]], [AN[0], None, *AN[1:]]], ["full_name"], "an empty column"),
        ([["Họ và tên", None, *IDENTITY[1:]], [AN[0], "12 Lê Lợi", *AN[1:]]], ["full_name"], "no given name beside it"),
    ],
)
def test_a_name_in_several_columns(rows: list[list[str | None]], means: list[str], why: str) -> None:
    header = locate(rows, HeaderAliases(STUDENTS, {}))
    assert list(said(header).values()) == [*means, "date_of_birth", "sex", "id_number"], why


@pytest.mark.parametrize(
    ("row", "means"),
    [
        (["Ngày", "Tháng", "Năm"], ["day", "month", "year"]),
        (["Ngày sinh", "Tháng sinh", "Năm sinh"], ["day", "month", "year"]),
        (["Tháng sinh", "Năm sinh"], ["month", "year"]),
    ],
)
def test_a_date_in_several_columns(row: list[str], means: list[str]) -> None:
    header = locate([["Họ và tên", *row, "Giới tính", "Số CCCD"]], HeaderAliases(STUDENTS, {}))
    dates = [name for name in said(header).values() if name.startswith("date")]
    assert dates == [f"date_of_birth.{part}" for part in means]


def test_old_lists_with_the_year_of_birth_under_the_sex() -> None:
    rows = [["Họ và tên", "Năm sinh", None, "Số CCCD"], [None, "Nam", "Nữ", None]]
    header = locate(rows, HeaderAliases(STUDENTS, {}))
    assert said(header) == {0: "full_name", 1: "date_of_birth.male", 2: "date_of_birth.female", 3: "id_number"}


def test_a_header_in_which_every_word_has_a_slip() -> None:
    header = locate(
        [["DANH SÁCH"], ["Hoj và tên", "Ngày sinnh", "Giớii tính", "Số định danhh"], AN], HeaderAliases(STUDENTS, {})
    )
    assert said(header) == {0: "full_name", 1: "date_of_birth", 2: "sex", 3: "id_number"}
    assert len(header.notes) == 4


@pytest.mark.parametrize("merged", [[Merge(1, 2, at, at) for at in range(1, 5)] + [Merge(1, 1, 5, 6)], []])
def test_a_second_line_that_divides_a_column_we_do_not_know(merged: list[Merge]) -> None:
    rows = [[*IDENTITY, "Tiền lương", None], [None, None, None, None, "Mức lương", "Phụ cấp"], [*AN, "1", "2"]]
    header = locate(rows, HeaderAliases(INSURANCE, {}), merged=merged)
    assert (header.first, header.last) == (0, 1)
    assert header.unknown == {4: "Tiền lương / Mức lương", 5: "Tiền lương / Phụ cấp"}


def test_a_table_with_more_columns_than_a_list_has_is_refused() -> None:
    with pytest.raises(UnknownColumns, match="1004") as refusal:
        locate([[*IDENTITY, *map(str, range(1_000))]], HeaderAliases(STUDENTS, {}))
    assert refusal.value.code == "too_many_columns"


def test_data_below_the_header_is_no_second_line_of_it() -> None:
    for row in (AN, [None, None, "Nam", None], ["1", "2", "3", "4"], ["Trần Tên", "2012", "Nữ", None]):
        header = locate([IDENTITY, row], HeaderAliases(STUDENTS, {}))
        assert (header.first, header.last) == (0, 0)


@pytest.mark.parametrize(
    ("row", "code", "told"),
    [
        (["a", "b", "c"], "no_header", "Họ và tên"),
        (IDENTITY[:3], "missing_column", "«Số định danh»"),
        ([*IDENTITY, "Số CMND"], "ambiguous_column", "«Số định danh», «Số CMND»"),
        ([*IDENTITY, "Số CMND"], "ambiguous_column", '"Số CMND" = ""'),
        ([*IDENTITY[:3], "Số CCCD/Số điện thoại"], "missing_column", "mapping.toml"),
    ],
)
def test_what_is_missing_or_double_is_told_with_the_choice(row: list[str], code: str, told: str) -> None:
    with pytest.raises(UnknownColumns, match=told) as refusal:
        locate([row], HeaderAliases(STUDENTS, {}))
    assert refusal.value.code == code


def test_a_missing_column_comes_with_lines_for_the_mapping_file() -> None:
    rows = [["Họ và tên", "Ngày sinh", "Giới tính", "Mã công dân", "Lớp"], *[[*AN, "6A"]] * 3]
    with pytest.raises(UnknownColumns, match='"Mã công dân" = "id_number"') as refusal:
        locate(rows, HeaderAliases(STUDENTS, {}))
    assert '"Lớp" = "id_number"' not in str(refusal.value)


def test_an_officer_settles_it() -> None:
    chosen = {"Số CMND": "", "Gọi là": "full_name", "D": "date_of_birth.day", "M": "date_of_birth.month"}
    chosen |= {"Y": "date_of_birth.year"}
    header = locate([["Gọi là", "D", "M", "Y", *IDENTITY[2:], "Số CMND"]], HeaderAliases(STUDENTS, chosen))
    assert said(header)[0] == "full_name"
    assert said(header)[3] == "date_of_birth.year"
    assert header.unknown == {6: "Số CMND"}


@pytest.mark.parametrize("label", ["Chủ hộ", "HỌ VÀ TÊN CHỦ HỘ", "Tên chủ sử dụng đất", "Chủ sử dụng đất"])
def test_the_holder_is_the_person_where_the_list_names_nobody_else(label: str) -> None:
    header = locate([[label, *IDENTITY[1:]], AN], HeaderAliases(HOLDERS, {}))
    assert list(said(header).values()) == ["full_name", "date_of_birth", "sex", "id_number"]
    assert header.notes == ()


def test_the_head_of_a_household_is_nobody_elses_name() -> None:
    """Of a pupil it is the father or somebody else; of a holder who is named, perhaps another one."""
    with pytest.raises(UnknownColumns, match='"Chủ hộ" = "full_name"'):
        locate([["Chủ hộ", *IDENTITY[1:]], AN], HeaderAliases(STUDENTS, {}))
    header = locate(
        [["Họ và tên", "Chủ hộ", *IDENTITY[1:]], [AN[0], "Lê Văn Bảy", *AN[1:]]], HeaderAliases(HOLDERS, {})
    )
    assert said(header)[0] == "full_name"
    assert header.unknown == {1: "Chủ hộ"}
