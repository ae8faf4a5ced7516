"""The sign that parts the cells is the one that makes a table of most rows, header included."""

import pytest

from pipelines.files.text import dialect


@pytest.mark.parametrize(
    ("text", "sign", "width", "why"),
    [
        ("a,b\n1,2\n", ",", 2, "plain"),
        ("a;b\n1,5;2,5\n1,5;3,5\n", ";", 2, "decimal commas"),
        (
            "họ tên;địa chỉ\nAn;Số 1, tổ 2, phường A, Huế\nBình;Số 2, tổ 3, phường A, Huế\n",
            ";",
            2,
            "addresses with commas",
        ),
        ("UBND phường A, quận B\nDanh sách, năm 2026\na\tb\n1\t2\n3\t4\n5\t6\n", "\t", 2, "commas in titles only"),
        ("a^b^c\n1^2^3\n", "^", 3, "a rare sign"),
        ("a~b\n1~2\n", "~", 2, "another"),
        ("giờ,b\n10:30,1\n11:30,2\n", ",", 2, "a time of day parts nothing"),
        ("tên\nAn\nBình, con ông C\nDũng\nHà\n", ",", 1, "one column, a comma in one of its cells"),
        ("sep=;\na;b,c,d\n1;2,3,4\n", ";", 2, "what Excel declares holds"),
        ('"a,b"|c\n"d,e"|f\n', "|", 2, "commas in quotes part nothing"),
        ('a,"b\nc",d\n1,"x\ny",3\n2,"z\nw",4\n', ",", 3, "line breaks in every row"),
    ],
)
def test_layout(text: str, sign: str, width: int, why: str) -> None:
    layout = dialect.recognise(text.encode())
    assert (layout.delimiter, max(layout.widths)) == (sign, width), why
