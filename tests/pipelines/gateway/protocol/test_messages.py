"""Bodies there and back; what is no such body is told without repeating it."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.gateway.protocol import messages
from pipelines.gateway.protocol.answers import ANSWER, QUESTION
from pipelines.gateway.protocol.messages import Unreadable

SECRET = b"not a secret, only a test's"
TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT), min_size=1, max_size=8))
def test_questions_there_and_back(rows: list[tuple[str | None, ...]]) -> None:
    frame = pl.DataFrame(
        [(f"r{n}", "students-79", "students", *row) for n, row in enumerate(rows)], schema=QUESTION, orient="row"
    )
    assert messages.read_questions(messages.questions_body(frame)).equals(frame)


def test_the_names_of_the_national_exchange() -> None:
    frame = pl.DataFrame([("r", "u", "p", "079087000001", "An", "1987", "Nam")], schema=QUESTION, orient="row")
    assert json.loads(messages.questions_body(frame)) == {
        "CauHoi": [
            {
                "MaYeuCau": "r",
                "MaDonVi": "u",
                "MucDich": "p",
                "SoDinhDanh": "079087000001",
                "HoVaTen": "An",
                "NgayThangNamSinh": "1987",
                "GioiTinh": "Nam",
            }
        ]
    }


ANSWERS = pl.DataFrame(
    [
        ("r0", "MATCH", "M", "M", "M", "U", "2026-11-22", None),
        ("r1", "MISMATCH", "M", "N", "M", "M", "2026-11-22", None),
        ("r2", None, None, None, None, None, None, "DAILY_QUOTA"),
    ],
    schema=ANSWER,
    orient="row",
)


def test_answers_there_and_back() -> None:
    body = messages.envelope_body(200, None, "", messages.answers_data(ANSWERS, SECRET), "h" * 64)
    envelope = messages.read_envelope(body)
    assert envelope.error is None
    assert messages.read_answers(envelope, SECRET).equals(ANSWERS)
    assert messages.read_answers(envelope, SECRET + b"!").is_empty(), "sealed with another secret"


@pytest.mark.parametrize("name", list(messages.ANSWER_FIELDS.values()))
def test_an_answer_with_any_field_of_another_is_left_out(name: str) -> None:
    data = messages.answers_data(ANSWERS, SECRET).to_dicts()
    mixed = [data[0], data[1] | {name: data[2][name] or data[0][name]}]
    if mixed[1] == data[1]:
        mixed[1] = data[1] | {name: "2026-11-21"}
    body = messages.envelope_body(200, None, "", pl.DataFrame(mixed), "h" * 64)
    kept = messages.read_answers(messages.read_envelope(body), SECRET)
    assert kept["request_id"].to_list() == ["r0"]


PERSONAL = "079087000001"
BAD = [b"", b"{", b"[]", b'{"CauHoi": 1}', b'{"CauHoi": [{"SoDinhDanh": "079087000001"}]}', b'{"CauHoi": []}']
BAD += [b'{"CauHoi": [{"MaYeuCau": 79087000001}]}', b"\xff\xfe", b'{"CauHoi": [{"MaYeuCau": "079087000001' + b"9" * 40]


@pytest.mark.parametrize("body", BAD)
def test_what_is_no_message(body: bytes) -> None:
    for read in (messages.read_questions, messages.read_codes, messages.read_envelope):
        with pytest.raises(Unreadable) as raised:
            read(body)
        assert PERSONAL not in str(raised.value)
        assert raised.value.__cause__ is None


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (messages.read_questions, messages.read_codes, messages.read_envelope):
        with pytest.raises(Unreadable):
            read(body)
