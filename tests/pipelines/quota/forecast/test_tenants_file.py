"""A file of tenants: read as it is meant, refused with its name, the row and the remedy."""

import os
import threading
from fractions import Fraction
from pathlib import Path

import pytest

from pipelines.errors import BadInput
from pipelines.quota.forecast.scenario import Tenant
from pipelines.quota.forecast.tenants_file import newcomer, read_tenants

HEAD = "tenant,backlog,daily,weight\n"

READ = [
    (HEAD + "students-79,56000,120,1\n", [Tenant("students-79", 56_000, 120)], "as asked for"),
    (HEAD + "a,0,0,1.5\nb,1,2,3\n", [Tenant("a", 0, 0, Fraction(3, 2)), Tenant("b", 1, 2, Fraction(3))], "weights"),
    ("\ufeff" + HEAD + "a,1,2,1\r\n", [Tenant("a", 1, 2)], "as Excel saves it"),
    (
        "weight;tenant;daily;backlog\n1;Học sinh Hà Nội;2;3\n",
        [Tenant("Học sinh Hà Nội", 3, 2)],
        "any order, semicolons",
    ),
    (HEAD + "a,1,2,1\n\n\nb,1,2,1\n", [Tenant("a", 1, 2), Tenant("b", 1, 2)], "empty lines"),
    (HEAD + '"a,b",1,2,1\n', [Tenant("a,b", 1, 2)], "quoted"),
    ("tenant;backlog;daily;weight\na;1;2;1,5\n", [Tenant("a", 1, 2, Fraction(3, 2))], "decimals as Vietnamese Excel"),
]


@pytest.mark.parametrize(("text", "expected", "why"), READ)
def test_what_is_read(tmp_path: Path, text: str, expected: list[Tenant], why: str) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(text.encode())
    assert read_tenants(file) == expected, why


REFUSED = [
    ("", ["1", "tenant,backlog,daily,weight"], "empty"),
    ("tenant,backlog\na,1\n", ["1", "tenant,backlog,daily,weight"], "columns are missing"),
    ("tenant,backlog,daily\na,1,2\n", ["thiếu: «weight»", "missing: «weight»."], "the missing column is named"),
    ("tenant,backlog,daily,weight,daily\n", ["twice: «daily»."], "twice"),
    ("đơn vị,backlog,daily,weight\n", ["missing: «tenant»", "«đơn vị»"], "called otherwise"),
    (HEAD, ["không có đơn vị nào"], "no tenant"),
    (HEAD + "Hà,1,0,1\nHa\u0300,2,0,1\n", ["dòng 3", "đã có ở dòng 2"], "twice, once with its marks apart"),
    (HEAD + "a\x1b[2J,1,0,1\n", ["dòng 2", "không in được"], "would clear the screen"),
    (HEAD + 'a,1,0,"1,500"\n', ["dòng 2", "weight «1,500»"], "one and a half, or 1500"),
    (HEAD + "a,1,0,1e999999999\n", ["dòng 2", "weight"], "a short text that would be computed for ever"),
    (HEAD + "a,56.000,0,1\n", ["dòng 2", "56.000", "56000"], "a thousands separator"),
    (HEAD + "a,1,0,1\nb,-1,0,1\n", ["dòng 3", "-1"], "below 0"),
    (HEAD + "a,1,,1\n", ["dòng 2", "daily"], "empty cell"),
    (HEAD + "a,1,0,0\n", ["dòng 2", "weight", "1.5"], "no weight"),
    (HEAD + "a,1,0,1/0\n", ["dòng 2", "weight"], "no number"),
    (HEAD + "a,1,0,x\nb,٣,0,1\n", ["dòng 2", "dòng 3"], "all rows at fault are named"),
    (HEAD + ",1,0,1\n", ["dòng 2", "tenant"], "no name"),
    (HEAD + "a,1,0,1\na,2,0,1\n", ["dòng 3", "đã có ở dòng 2"], "twice"),
    (HEAD + "a,1,0\n", ["2", "cần 4 ô"], "a cell is missing"),
    (HEAD + '"a,1,0,1\n', ["CSV"], "a quote is not closed"),
    (HEAD + "a," + "9" * 40 + ",0,1\n", ["dòng 2"], "more than any queue"),
    (HEAD + "a,0,10000000001,1\n", ["dòng 2", "đến 10000000000"], "sums of thousands would not fit into 64 bits"),
]


@pytest.mark.parametrize(("text", "told", "why"), REFUSED)
def test_what_is_refused(tmp_path: Path, text: str, told: list[str], why: str) -> None:
    file = tmp_path / "don_vi.csv"
    file.write_bytes(text.encode())
    with pytest.raises(BadInput) as refused:
        read_tenants(file)
    assert all(part in str(refused.value) for part in ["don_vi.csv", *told]), f"{why}: {refused.value}"


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="khong_co"):
        read_tenants(tmp_path / "khong_co.csv")
    file = tmp_path / "sheet.csv"
    file.write_bytes(b"PK\x03\x04\xff\xfe\x00")
    with pytest.raises(BadInput, match="UTF-8"):
        read_tenants(file)


def test_what_another_program_hands_over_is_read(tmp_path: Path) -> None:
    """A pipe cannot be read from its beginning twice: `--tenants <(…)`."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(HEAD + "a,1,2,1\n",), daemon=True)
    writer.start()
    assert read_tenants(pipe) == [Tenant("a", 1, 2)]
    writer.join()


def test_a_newcomer_in_words() -> None:
    assert newcomer("students-01:40000:300") == Tenant("students-01", 40_000, 300)
    assert newcomer("a:b:1:2") == Tenant("a:b", 1, 2)


@pytest.mark.parametrize("text", ["", "a", "a:1", "a:1:-2", "a:x:1", ":1:2"])
def test_a_newcomer_that_is_none(text: str) -> None:
    with pytest.raises(BadInput, match="name:backlog:daily"):
        newcomer(text)
