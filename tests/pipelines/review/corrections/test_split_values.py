"""A corrected name or date goes into the columns in which it stands; where nobody can tell how, nothing changes."""

import pytest

from pipelines.review.corrections.split_values import changed

TWO, THREE, DATE = ("family", "given"), ("family", "middle", "given"), ("day", "month", "year")


@pytest.mark.parametrize(
    ("column", "parts", "held", "after", "wanted", "why"),
    [
        ("full_name", TWO, ("Nguyễn Văn", "An"), "Nguyễn Văn Ân", {"given": "Ân"}, "one word is wrong"),
        ("full_name", TWO, ("Nguyễn", "Văn An"), "Nguyễn Văn Ân", {"given": "Văn Ân"}, "the surname stands alone"),
        ("full_name", TWO, ("Nguyễn", "An"), "Nguyễn Văn An", {"family": "Nguyễn Văn"}, "the middle name was lost"),
        ("full_name", TWO, ("Nguyễn Thị", "Kim Anh"), "Nguyễn Kim Anh", None, "is Kim a middle name?"),
        ("full_name", TWO, ("An", None), "Nguyễn Văn An", None, "the given name stands in the other column"),
        (
            "full_name",
            THREE,
            ("Lê", "Thị Kim", "Anh"),
            "Lê Thị Ánh",
            {"middle": "Thị", "given": "Ánh"},
            "one word less",
        ),
        ("full_name", THREE, ("Lê", None, "Anh"), "Lê Thị Kim Anh", {"middle": "Thị Kim"}, "no middle name yet"),
        ("full_name", THREE, ("Tôn Nữ", "Kim", "Anh"), "Tôn Nữ Anh", None, "a surname of two words, or not?"),
        ("full_name", ("given",), ("An",), "Nguyễn Văn An", None, "the file has no family names"),
        ("full_name", ("given",), ("An",), "Ân", {"given": "Ân"}, "as many words as there are"),
        ("date_of_birth", DATE, ("5", "9", "1987"), "06/09/1987", {"day": "06"}, "9 and 09 are one month"),
        ("date_of_birth", DATE, ("5.0", "09", "87"), "05/09/1987", {}, "it says so already"),
        (
            "date_of_birth",
            DATE,
            (None, None, "1987"),
            "5/9/1987",
            {"day": "5", "month": "9"},
            "only the year was there",
        ),
        ("date_of_birth", DATE, ("5", "9", "1987"), "1987-09-06", None, "not in parts"),
        ("date_of_birth", ("male", "female"), ("1987", None), "06/09/1987", None, "the column says the sex"),
        ("sex", ("male", "female"), ("x", None), "Nữ", None, "a mark would have to move"),
    ],
)
def test_the_parts_that_change(
    column: str,
    parts: tuple[str, ...],
    held: tuple[str | None, ...],
    after: str,
    wanted: dict[str, str] | None,
    why: str,
) -> None:
    assert changed(column, dict(zip(parts, held, strict=True)), after) == wanted, why
