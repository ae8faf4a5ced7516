"""Writes and reads the bodies of messages: JSON with the field names of the national data exchange.

Both ends use this file. Each answer carries a seal over its own request code and content, so that one that was put
under another request's code is seen to be no answer.
"""

import hmac
import json
from collections.abc import Mapping, Sequence

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pipelines.gateway.protocol.answers import QUESTION

ASK, RESULTS = "/xacthuc", "/ketqua"
"""Paths: questions; results of request codes."""

MOST_ROWS = 1_000
"""Most questions, or request codes, in one message."""

QUESTION_FIELDS = {
    "request_id": "MaYeuCau",
    "unit": "MaDonVi",
    "purpose": "MucDich",
    "id_number": "SoDinhDanh",
    "full_name": "HoVaTen",
    "date_of_birth": "NgayThangNamSinh",
    "sex": "GioiTinh",
}
ANSWER_FIELDS = {
    "request_id": "MaYeuCau",
    "result": "KetQua",
    "id_flag": "SoDinhDanh",
    "name_flag": "HoVaTen",
    "birth_flag": "NgayThangNamSinh",
    "sex_flag": "GioiTinh",
    "quota_day": "NgayHanMuc",
    "error": "MaLoi",
}
SEAL = "Dau"
_SEALED = (*ANSWER_FIELDS.values(), SEAL)


class Unreadable(ValueError):
    """A body that does not have the form of its message."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _Question(_Model):
    MaYeuCau: str = Field(min_length=1, max_length=40)
    MaDonVi: str | None = Field(default=None, max_length=35)
    MucDich: str | None = Field(default=None, max_length=40)
    SoDinhDanh: str | None = None
    HoVaTen: str | None = None
    NgayThangNamSinh: str | None = None
    GioiTinh: str | None = None


class _Questions(_Model):
    CauHoi: list[_Question] = Field(min_length=1, max_length=MOST_ROWS)


class _Codes(_Model):
    MaYeuCau: list[str] = Field(min_length=1, max_length=MOST_ROWS)


class _Inner(_Model):
    error_code0: str
    message: str = ""
    data: list[dict[str, str | None]] = []


class Envelope(_Model):
    """The frame of every answer, as the provinces' integration platforms send it."""

    code: int
    status: str
    correlationId: str
    response: _Inner

    @property
    def error(self) -> str | None:
        """Code of an error that concerns the whole message, whatever the HTTP status said."""
        return None if self.response.error_code0 == "0" else self.response.error_code0


_QUESTIONS, _CODES, _ENVELOPE = TypeAdapter(_Questions), TypeAdapter(_Codes), TypeAdapter(Envelope)


def questions_body(questions: pl.DataFrame) -> bytes:
    """The body of a message with a batch of questions. Shape: as QUESTION."""
    rows = questions.select(list(QUESTION)).rename(QUESTION_FIELDS).write_json()
    return f'{{"CauHoi":{rows}}}'.encode()


def read_questions(body: bytes) -> pl.DataFrame:
    """The questions of a message. Shape: as QUESTION. Errors: Unreadable, which repeats nothing of the body."""
    try:
        rows = _QUESTIONS.validate_json(body).CauHoi
    except ValidationError as fault:
        raise Unreadable(_where(fault)) from None
    frame = _texts({ours: [getattr(row, theirs) for row in rows] for ours, theirs in QUESTION_FIELDS.items()})
    if frame["request_id"].n_unique() < frame.height:
        raise Unreadable("MaYeuCau: twice")
    return frame


def codes_body(request_ids: Sequence[str]) -> bytes:
    """The body of a message with request codes."""
    return json.dumps({"MaYeuCau": list(request_ids)}).encode()


def read_codes(body: bytes) -> list[str]:
    """The request codes of a message. Errors: Unreadable."""
    try:
        return _CODES.validate_json(body).MaYeuCau
    except ValidationError as fault:
        raise Unreadable(_where(fault)) from None


def answers_data(answers: pl.DataFrame, secret: bytes) -> pl.DataFrame:
    """Answers as the rows of an envelope, each with its seal. Shape: as ANSWER, under the names of the messages."""
    rows = answers.select(pl.col(ours).alias(theirs) for ours, theirs in ANSWER_FIELDS.items())
    return rows.with_columns(_seals(rows, secret))


def envelope_body(status: int, error: str | None, message: str, data: pl.DataFrame, request_hash: str) -> bytes:
    """The body of an answer with these rows."""
    outer = {"code": status, "status": "ERROR" if error else "OK", "correlationId": request_hash[:32]}
    inner = {"error_code0": error or "0", "message": message}
    frame, rows = json.dumps(outer | {"response": inner}, ensure_ascii=False), data.write_json() if data.width else "[]"
    return f'{frame[:-2]}, "data": {rows}}}}}'.encode()


def read_envelope(body: bytes) -> Envelope:
    """The envelope of an answer and its rows. Errors: Unreadable."""
    try:
        return _ENVELOPE.validate_json(body)
    except ValidationError as fault:
        raise Unreadable(_where(fault)) from None


def read_answers(envelope: Envelope, secret: bytes) -> pl.DataFrame:
    """The answers whose seals are whole; the others are left out. Shape: as ANSWER, in the order of the message."""
    data = envelope.response.data
    rows = _texts({name: [row.get(name) for row in data] for name in _SEALED})
    whole = rows.filter(rows[SEAL] == _seals(rows, secret))
    return whole.select(pl.col(theirs).alias(ours) for ours, theirs in ANSWER_FIELDS.items())


def _texts(columns: Mapping[str, list[str | None]]) -> pl.DataFrame:
    return pl.DataFrame([pl.Series(name, values, pl.String) for name, values in columns.items()])


def _seals(rows: pl.DataFrame, secret: bytes) -> pl.Series:
    """The seal of each row. Shape: `rows` as ANSWER, under the names of the messages."""
    texts = rows.select(pl.concat_str(pl.col(*ANSWER_FIELDS.values()).fill_null(""), separator="\x1f")).to_series()
    # 16 bytes are 32 digits.
    seals = [hmac.digest(secret, text.encode(), "sha256")[:16].hex() for text in texts.to_list()]
    return pl.Series(SEAL, seals, pl.String)


def _where(fault: ValidationError) -> str:
    """Where and of what kind, without the value, which is personal."""
    first = fault.errors(include_input=False, include_context=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'body'}: {first['type']}"
