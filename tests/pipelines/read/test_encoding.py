"""Every encoding that departments send comes out as the same text."""

import unicodedata

import pytest

from pipelines.errors import UnreadableFile
from pipelines.read.encoding import to_utf8

TEXT = "Họ và tên;Ngày sinh\nNguyễn Văn Đức;05/09/1987\nTrần Thị Thúy Hằng;01/01/1990\n"


def cp1258(text: str) -> bytes:
    """Base letter with its hat or horn, then the combining tone: the only form that windows-1258 knows."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        try:
            out.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            *base, tone = unicodedata.normalize("NFD", letter)
            if len(base) == 2 and base[1] in "\u0323\u0300\u0309\u0303\u0301":  # the dot below sorts before the hat
                base, tone = [base[0], tone], base[1]
            out.append(unicodedata.normalize("NFC", "".join(base)).encode("cp1258") + tone.encode("cp1258"))
    return b"".join(out)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (cp1258(TEXT), "windows-1258"),
    ],
)
def test_same_text_whatever_the_encoding(data: bytes, encoding: str) -> None:
    assert to_utf8(data) == (TEXT.encode(), encoding)


def test_legacy_fonts_pass_through_for_repair_by_cell() -> None:
    tcvn3 = "NguyÔn V¨n §øc".encode("cp1252")
    assert to_utf8(b"ho_ten\n" + tcvn3) == ("ho_ten\nNguyÔn V¨n §øc".encode(), "windows-1252")


def test_no_byte_is_lost_where_windows_1252_has_no_letter() -> None:
    assert to_utf8(b"a\x81\xe9b") == ("a\x81éb".encode(), "windows-1252")


def test_half_a_utf16_letter_is_refused_with_its_place() -> None:
    with pytest.raises(UnreadableFile, match="utf-16-le"):
        to_utf8(b"\xff\xfe" + TEXT.encode("utf-16-le") + b"a")
