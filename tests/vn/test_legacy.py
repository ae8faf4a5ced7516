"""Fonts and windows-1258: what each letter shows, checked letter by letter and against iconv."""

import shutil
import subprocess
import unicodedata

import pytest

from vn import legacy
from vn.tone import TONES, table

TCVN3_PAIRS = [(row["byte"], row["seen_as"], row["letter"]) for row in table("tcvn3.csv")]
ICONV = shutil.which("iconv")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("NguyÔn V¨n §øc", "Nguyễn Văn Đức"),
        ("µ¶·¸¹", "àảãáạ"),
        ("\u00ad", "ư"),
        ("Lª", "Lê"),
        ("NGUYÔN V¡N §øC", "NGUYỄN VĂN ĐỨC"),
        ("TR\u00adêNG THCS Lª Lîi", "TRƯỜNG THCS Lê Lợi"),
        ("Ng« ThÞ ¸nh", "Ngô Thị ánh"),
    ],
)
def test_tcvn3(typed: str, meant: str) -> None:
    assert legacy.from_tcvn3(typed) == meant


def test_tcvn3_table_is_one_to_one_and_names_its_bytes() -> None:
    assert len({seen for _, seen, _ in TCVN3_PAIRS}) == len({letter for *_, letter in TCVN3_PAIRS}) == 90
    assert all(bytes([int(code, 16)]).decode("latin-1") == seen for code, seen, _ in TCVN3_PAIRS)


@pytest.mark.skipif(ICONV is None, reason="iconv is not installed")
def test_iconv_reads_tcvn3_as_we_do() -> None:
    assert ICONV is not None
    raw = b"\n".join(bytes([int(code, 16)]) for code, _, _ in TCVN3_PAIRS)
    told = subprocess.run([ICONV, "-f", "TCVN5712-1", "-t", "UTF-8"], input=raw, capture_output=True, check=True)
    read = unicodedata.normalize("NFC", told.stdout.decode()).split("\n")
    assert read == [letter for *_, letter in TCVN3_PAIRS]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Nguyeãn Vaên Ñöùc", "Nguyễn Văn Đức"),
        ("NGUYEÃN VAÊN ÑÖÙC", "NGUYỄN VĂN ĐỨC"),
        ("aù aø aû aõ aï", "á à ả ã ạ"),
        ("ôï öï yø î", "ợ ự ỳ ỵ"),
        ("í ì æ ó ò", "í ì ỉ ĩ ị"),
    ],
)
def test_vni(typed: str, meant: str) -> None:
    assert legacy.from_vni(typed) == meant


@pytest.mark.parametrize(
    "letter", [chr(code) for code in range(0xC0, 0x1F00) if chr(code) in "ăâđêôơưĂÂĐÊÔƠƯàáèéìíòóùúý"]
)
@pytest.mark.parametrize("tone", ["", *TONES])
def test_windows_1258_is_pythons_codec(letter: str, tone: str) -> None:
    meant = unicodedata.normalize("NFC", letter + tone)
    try:
        seen = (letter + tone).encode("cp1258").decode("cp1252")
    except UnicodeEncodeError:
        assert letter in "ìòýÌÒÝ"  # windows-1258 has them as a letter and a tone only
        return
    assert legacy.from_cp1258(seen) == meant


def test_every_byte_of_a_code_page_has_a_character() -> None:
    for name in ("cp1252", "cp1258"):
        page = legacy.code_page(name)
        assert set(page.values()) == set(range(0x100))
        assert all(page[bytes([code]).decode(name, errors="ignore") or chr(code)] == code for code in range(0x100))
