"""Every encoding that departments send comes out as the same text, also when a file mixes two."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UnreadableFile
from pipelines.files.text import encoding
from pipelines.files.text.encoding import Text, recognise

TEXT = "Họ và tên;Ngày sinh\nNguyễn Văn Đức;05/09/1987\nTrần Thị Thúy Hằng;01/01/1990\n"
LETTERS = st.text(alphabet="aễĐ é,;\n\u20ac\x81\u1ef9", max_size=30)


def cp1258(text: str) -> bytes:
    """Base letter with its hat or horn, then the combining tone: the only form that windows-1258 knows."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        try:
            out.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            *base, tone = list(unicodedata.normalize("NFD", letter))
            if len(base) == 2 and base[1] in "\u0323\u0300\u0309\u0303\u0301":  # the dot below sorts before the hat
                base, tone = [base[0], tone], base[1]
            out.append(unicodedata.normalize("NFC", "".join(base)).encode("cp1258") + tone.encode("cp1258"))
    return b"".join(out)


def cp1252(text: str) -> bytes:
    """With the five bytes that windows-1252 leaves undefined as themselves."""
    return b"".join(
        bytes([ord(letter)]) if letter in "\x81\x8d\x8f\x90\x9d" else letter.encode("cp1252") for letter in text
    )


def written(folder: Path, data: bytes) -> Text:
    (folder / "a.csv").write_bytes(data)
    return recognise(folder / "a.csv")


def content(text: Text) -> str:
    return b"".join(text.blocks()).decode()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (cp1258(TEXT), "windows-1258"),
    ],
)
def test_same_text_whatever_the_encoding(tmp_path: Path, data: bytes, name: str) -> None:
    text = written(tmp_path, data)
    assert (content(text), text.encoding, text.notes) == (TEXT, name, ())


def test_text_from_a_mac_stays_as_it_is(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", TEXT)
    assert content(written(tmp_path, apart.encode())) == apart


@pytest.mark.parametrize(
    ("data", "expected", "why"),
    [
        (b"ho_ten\n" + "NguyÔn V¨n §øc".encode("cp1252"), "ho_ten\nNguyÔn V¨n §øc", "TCVN3 is repaired by cell"),
        (b"ho_ten\n" + "Nguyeãn Thò".encode("cp1252"), "ho_ten\nNguyeãn Thò", "so is VNI"),
        (b"a\x81\xe9b", "a\x81éb", "no byte is lost where windows-1252 has no letter"),
        (bytes(range(0x80, 0x100)), bytes(range(0x80, 0x100)).decode("latin-1"), "none of the high bytes is lost"),
    ],
)
def test_eight_bits_pass_through(tmp_path: Path, data: bytes, expected: str, why: str) -> None:
    text = written(tmp_path, data)
    assert text.encoding == "windows-1252"
    assert cp1252(content(text)) == data, why
    assert content(text) == expected or b"\x80" in data


@pytest.mark.parametrize("page", ["windows-1252", "windows-1258"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_of_two_encodings_are_told_and_read_by_cell(tmp_path: Path, page: str, mark: bytes) -> None:
    other = "Hoµng ThÞ Lan".encode("cp1252") if page == "windows-1252" else cp1258("Hoàng Thị Lan")
    text = written(tmp_path, mark + "Đỗ Thị Ạ,Nữ\n".encode() + other + ",Nữ\n".encode() + b"An,Nam\n" + other + b",x\n")
    told = {"windows-1252": "Hoµng ThÞ Lan", "windows-1258": "Hoàng Thị Lan"}[page]
    assert content(text) == f"Đỗ Thị Ạ,Nữ\n{told},Nữ\nAn,Nam\n{told},x\n"
    assert text.encoding == ("utf-8-sig+" if mark else "utf-8+") + page
    (note,) = text.notes
    assert (note.code, "2 dòng" in note.message, "/ 2 lines" in note.message) == ("mixed_encoding", True, True)


@given(cells=st.lists(st.tuples(LETTERS, st.booleans()), max_size=8), block=st.sampled_from([1, 3, 16, 2_000_000]))
def test_mixed_text_loses_no_byte(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, bool]], block: int
) -> None:
    """Wherever the blocks are cut, UTF-8 cells come out as they are and all others can be had back."""
    data = b"\n".join(
        text.encode() if is_utf8 else text.encode("cp1258", errors="ignore") for text, is_utf8 in [("Ạ", True), *cells]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "_BLOCK_BYTES", block)
        # A stretch that is longer than two blocks may be cut anywhere: none is here.
        patch.setattr(encoding, "_STRETCH_BYTES", 1_000)
        text = written(tmp_path_factory.getbasetemp(), data)
        got = content(text)
    if "1258" not in text.encoding:
        for given_, out in zip(
            _stretches(data), got.replace("\r", "\n").replace(";", "\n").replace(",", "\n").split("\n"), strict=True
        ):
            assert out == given_.decode() if _is_utf8(given_) else cp1252(out) == given_


def _stretches(data: bytes) -> list[bytes]:
    for edge in (b",", b";", b"\r"):
        data = data.replace(edge, b"\n")
    return data.split(b"\n")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("data", "code", "why"),
    [
        (TEXT.encode("utf-32"), "bad_encoding", "UTF-32"),
        (TEXT.encode("utf-32-be"), "bad_encoding", "UTF-32 without a mark"),
        ("Nguyen Van An,05091987,Nam,079087001234\x85".encode("cp037") * 9, "bad_encoding", "EBCDIC"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le") + b"a" + TEXT.encode("utf-16-le"), "bad_encoding", "a byte too many"),
        (bytes(range(32)) * 9, "not_text", "binary"),
    ],
)
def test_no_text_is_refused(tmp_path: Path, data: bytes, code: str, why: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        written(tmp_path, data)
    assert refusal.value.code == code, why
    assert "UTF-8" in str(refusal.value)


def test_letters_that_are_lost_are_told(tmp_path: Path) -> None:
    half_of_a_pair = b"\xff\xfe" + TEXT.encode("utf-16-le") + b"\x00\xd8a\x00\n\x00"
    text = written(tmp_path, half_of_a_pair)
    assert content(text).startswith(TEXT)
    assert [note.code for note in text.notes] == ["lost_letters"]


def test_half_a_letter_at_the_end_is_no_letter(tmp_path: Path) -> None:
    text = written(tmp_path, b"\xff\xfe" + TEXT.encode("utf-16-le") + b"a")
    assert content(text) == TEXT
    assert [note.code for note in text.notes] == ["cut_off"]
