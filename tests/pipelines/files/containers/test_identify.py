"""What files are by their content, under true names and false ones."""

import gzip
import io
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocument, OpenDocumentSpreadsheet, OpenDocumentText

from pipelines.errors import UnreadableFile
from pipelines.files.containers import identify
from tests.pipelines.files.containers.packed import compound_of, entry, zip_of

TEXT = "Họ và tên,Ngày sinh\nNguyễn Văn An,05/09/1987\n"
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def xlsx() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        book.add_worksheet().write("A1", "x")
    return made.getvalue()


def xls() -> bytes:
    made, book = io.BytesIO(), xlwt.Workbook()
    book.add_sheet("x").write(0, 0, "x")
    book.save(made)
    return made.getvalue()


def opendocument(document: OpenDocument) -> bytes:
    made = io.BytesIO()
    document.write(made)
    return made.getvalue()


def parquet() -> bytes:
    made = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_parquet(made)
    return made.getvalue()


def ods_parts(manifest: bytes = b"", kind: bytes = ODS_TYPE, *, with_type: bool = True) -> bytes:
    parts = [entry("content.xml", b"<x/>"), entry("META-INF/manifest.xml", kind + manifest)]
    return zip_of(*([entry("mimetype", kind, method=0)] if with_type else []), *parts)


def format_or_code(path: Path) -> str:
    try:
        return identify.identify(path).format
    except UnreadableFile as refusal:
        return refusal.code


def identified(tmp_path: Path, data: bytes, name: str) -> identify.Recognised:
    (tmp_path / "000001").write_bytes(data)
    return identify.identify(tmp_path / "000001", name)


@pytest.mark.parametrize(
    ("data", "name", "format_", "notes"),
    [
        (TEXT.encode(), "a.csv", "delimited", []),
        (TEXT.encode(), "a.TXT", "delimited", []),
        (TEXT.encode(), "a.tsv", "delimited", []),
        (TEXT.encode(), "a.csv.gz", "delimited", []),
        (TEXT.encode(), "x.zip/b/a.csv", "delimited", []),
        (TEXT.encode("utf-16"), "a.csv", "delimited", []),
        (TEXT.encode("utf-16-le"), "a.csv", "delimited", []),
        (TEXT.encode("utf-8-sig"), "a.csv", "delimited", []),
        (b"\x00" + TEXT.encode(), "a.csv", "delimited", []),
        (b"BMI,ho_ten\n21,An\n", "a.csv", "delimited", []),
        (b"MZ,ho_ten\n", "a.csv", "delimited", []),
        (b"ID;PHONE;ho_ten\nC;2;3\n", "a.csv", "delimited", []),
        (b"\t\tDANH S\xc1CH\n", "a.csv", "delimited", []),
        (b"<x>,ho_ten\n", "a.csv", "delimited", []),
        (TEXT.encode(), "a.xls", "delimited", ["other_ending"]),
        (TEXT.encode(), "a.xlsx", "delimited", ["other_ending"]),
        (TEXT.encode(), "a", "delimited", ["other_ending"]),
        (xlsx(), "a.xlsx", "xlsx", []),
        (xlsx(), "a.xls", "xlsx", ["other_ending"]),
        (xlsx(), "a.csv", "xlsx", ["other_ending"]),
        (xlsx(), "a.zip", "xlsx", ["other_ending"]),
        (xls(), "a.xls", "xls", []),
        (xls(), "a.xlsx", "xls", ["other_ending"]),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(20), "a.xls", "xls", []),
        (opendocument(OpenDocumentSpreadsheet()), "a.ods", "ods", []),
        (opendocument(OpenDocumentSpreadsheet()), "a.xlsx", "ods", ["other_ending"]),
        (ods_parts(), "a.ods", "ods", []),
        (ods_parts(with_type=False), "a.ods", "ods", []),
        (parquet(), "a.parquet", "parquet", []),
        (parquet(), "a.csv", "parquet", ["other_ending"]),
        (zip_of(entry("XL\\Workbook.xml", b"<x/>")), "a.xlsx", "xlsx", []),
        (zip_of(entry("xl/workbook.xml", b""), entry("xl/vbaProject.bin", b"")), "a.xlsm", "xlsx", ["macros_ignored"]),
        (
            zip_of(entry("xl/workbook.xml", b""), entry("xl/externalLinks/externalLink1.xml", b"")),
            "a.xlsx",
            "xlsx",
            ["links_ignored"],
        ),
        (
            zip_of(entry("xl/workbook.xml", b""), entry("xl/embeddings/Book1.xlsx", b""), entry("b.csv", b"x")),
            "a.xlsx",
            "xlsx",
            ["embedded_ignored", "files_inside_ignored"],
        ),
        (compound_of("Workbook"), "a.xls", "xls", []),
        (compound_of("Book"), "a.xls", "xls", []),
        (compound_of("Workbook", "_VBA_PROJECT_CUR", "VBA"), "a.xls", "xls", ["macros_ignored"]),
        (compound_of("Workbook", "MBD0001D35A"), "a.xls", "xls", ["embedded_ignored"]),
    ],
)
def test_what_is_read(tmp_path: Path, data: bytes, name: str, format_: str, notes: list[str]) -> None:
    found = identified(tmp_path, data, name)
    assert (found.format, [note.code for note in found.notes]) == (format_, notes)
    assert all(note.message.count(" / ") == 1 for note in found.notes)


HTML = b"<html><body><table><tr><td>Ho ten</td></tr></table></body></html>"
XML_2003 = b'<?xml version="1.0"?>\r\n<?mso-application progid="Excel.Sheet"?>\r\n<Workbook xmlns="urn:schemas">'


@pytest.mark.parametrize(
    ("data", "name", "code", "says"),
    [
        (b"", "a.csv", "empty_file", "0 byte"),
        (HTML, "a.xls", "unknown_format", "HTML"),
        (b"\xef\xbb\xbf\r\n  <!DOCTYPE html><p>", "a.xls", "unknown_format", "HTML"),
        (b"<!-- saved --><TABLE>", "a.xls", "unknown_format", "HTML"),
        (HTML.decode().encode("utf-16"), "a.xls", "unknown_format", "HTML"),
        (XML_2003, "a.xls", "unknown_format", "Excel 2003"),
        (b'<?xml version="1.0"?><a>1</a>', "a.xml", "unknown_format", "XML"),
        (b"MIME-Version: 1.0\nX-Doc: y\nContent-Type: multipart/related", "a.xls", "unknown_format", "web archive"),
        (b"ID;PWXL;N;E\r\nP;PGeneral\r\n", "a.slk", "unknown_format", "SYLK"),
        (b'TABLE\r\n0,1\r\n"x"\r\n', "a.dif", "unknown_format", "DIF"),
        (b"{\\rtf1 x}", "a.doc", "unknown_format", "RTF"),
        (b"%PDF-1.7\n", "a.pdf", "unknown_format", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "a.xlsx", "unknown_format", "hình ảnh"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "a.jpg", "unknown_format", "hình ảnh"),
        (b"Rar!\x1a\x07\x01\x00", "a.rar", "unknown_format", "RAR"),
        (b"7z\xbc\xaf\x27\x1c", "a.zip", "unknown_format", "7z"),
        (b"a.csv".ljust(257, b"\0") + b"ustar\x0000", "a.tar", "unknown_format", "TAR"),
        (b"MZ" + bytes(range(60)), "a.exe", "unknown_format", "chương trình"),
        (b"SQLite format 3\x00", "a.db", "unknown_format", "SQLite"),
        (b"\x00\x01\x00\x00Standard ACE DB\x00", "a.accdb", "unknown_format", "Access"),
        (b"\x03\x7a\x05\x10\x02\x00\x00\x00\x61\x00\x20" + bytes(30), "a.dbf", "unknown_format", "FoxPro"),
        (bytes(range(32)) * 50, "a.csv", "unknown_format", "binary"),
        (bytes(4096), "a.csv", "unknown_format", "binary"),
        (b"PARE" + bytes(20), "a.parquet", "password", "mật khẩu"),
        (zip_of(entry("word/document.xml", b"")), "a.xlsx", "unknown_format", "Word"),
        (zip_of(entry("xl/workbook.bin", b"")), "a.xlsb", "unknown_format", "XLSB"),
        (zip_of(entry("Index/Document.iwa", b"")), "a.numbers", "unknown_format", "Numbers"),
        (opendocument(OpenDocumentText()), "a.odt", "unknown_format", "OpenDocument"),
        (compound_of("EncryptedPackage", "EncryptionInfo"), "a.xlsx", "password", "mật khẩu"),
        (compound_of("WordDocument"), "a.doc", "unknown_format", "Word"),
        (compound_of("something"), "a.xls", "unknown_format", "Office"),
        (compound_of("Workbook")[:700], "a.xls", "damaged_file", "cắt ngang"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "damaged_file", "cắt ngang"),
        (ods_parts(b"<manifest:encryption-data>"), "a.ods", "password", "mật khẩu"),
        (zip_of(entry("xl/workbook.xml", b"x", flags=1)), "a.xlsx", "password", "mật khẩu"),
        (xlsx()[:-20], "a.xlsx", "damaged_file", "cắt ngang"),
        (zip_of(entry("a.csv", b"x")), "a.zip", "nested_archive", "bung"),
        (gzip.compress(b"x", mtime=0), "a.gz", "nested_archive", "bung"),
    ],
)
def test_what_is_refused(tmp_path: Path, data: bytes, name: str, code: str, says: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        identified(tmp_path, data, name)
    assert (refusal.value.code, says in str(refusal.value)) == (code, True), str(refusal.value)
    assert str(refusal.value).count(" / ") == 1


def test_the_name_defaults_to_the_path(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TEXT)
    assert identify.identify(tmp_path / "a.csv") == identify.Recognised("delimited")


def test_a_page_of_comments_takes_no_time(tmp_path: Path) -> None:
    """A pattern that tries every way to part the comments would never end."""
    with pytest.raises(UnreadableFile):
        identified(tmp_path, b"<!---->" * 600 + b"x", "a.xls")


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<?xml ", b"\x1f\x8b", b"\xff\xfe"]),
    st.binary(max_size=2000),
)
def test_any_bytes_are_recognised_or_refused(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, rest: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(start + rest)
    assert format_or_code(path)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_spoilt_workbooks_are_recognised_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(data.draw(st.sampled_from(WHOLE)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "spoilt"
    path.write_bytes(whole[: data.draw(st.integers(1, len(whole)))])
    assert format_or_code(path)


WHOLE = [xlsx(), xls(), ods_parts(), compound_of("Workbook", "VBA")]


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("From: a@b.vn\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\n", "with an attachment"),
        (
            "From: a@b.vn\nSubject: x\nContent-Transfer-Encoding: quoted-printable\n\n",
            "the list",
        ),
        ("MIME-Version: 1.0\r\nDate: x\r\nContent-Type: multipart/mixed\r\n\r\n", "as Gmail saves it"),
        ("Received: from x\n by y\nFrom: a@b.vn\n\n", "with its way"),
        ("From a@b.vn Sat Nov 28\nSubject: x\nFrom: a@b.vn\n\n", "a mailbox"),
        ("1034\nSubject: x\nFrom: a@b.vn\n\n", "as Apple saves it"),
    ],
)
def test_a_saved_mail_is_told_as_a_mail_whatever_it_carries(tmp_path: Path, head: str, why: str) -> None:
    file = tmp_path / "thu.eml"
    file.write_text(head + TEXT, encoding="utf-8")
    with pytest.raises(UnreadableFile, match="lưu tệp đính kèm rồi gửi tệp ấy") as refused:
        identify.identify(file)
    assert refused.value.code == "saved_mail", why


@pytest.mark.parametrize("line", ["From,To\n", "Subject: Toán\n" + TEXT, "Date: 28/11/2026\nHọ tên,From:\n"])
def test_a_list_with_a_word_of_a_mail_is_a_list(tmp_path: Path, line: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(line, encoding="utf-8")
    assert identify.identify(file).format == "delimited"
