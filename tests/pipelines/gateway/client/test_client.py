"""The client lets through only well-formed answers to what was asked; the table of answers is whole."""

from collections.abc import Sequence

import polars as pl
import pytest

from pipelines.gateway.client.client import Gateway
from pipelines.gateway.protocol.answers import ANSWER, DAILY_QUOTA, QUESTION, answers

GOOD = {
    "request_id": "r1",
    "result": "MATCH",
    "id_flag": "M",
    "name_flag": "M",
    "birth_flag": "P",
    "sex_flag": "U",
    "quota_day": "2026-11-22",
    "error": None,
}
NONE = dict.fromkeys(GOOD, None)


class Scripted:
    """A transport that says what it was told to."""

    def __init__(self, rows: list[dict[str, str | None]]) -> None:
        self.reply = pl.DataFrame(rows, schema=ANSWER)
        self.sent: pl.DataFrame | None = None

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        self.sent = questions
        return self.reply

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        return self.reply


def question(*request_ids: str) -> pl.DataFrame:
    return pl.DataFrame([{"request_id": request_id} for request_id in request_ids], schema=QUESTION)


CASES = [
    ([GOOD], 1, "a good answer"),
    ([], 0, "no answer"),
    ([GOOD | {"request_id": "r9"}], 0, "another question's answer"),
    ([GOOD, GOOD], 1, "the same answer twice"),
    ([GOOD | {"result": "SURE"}], 0, "a code that does not exist"),
    ([GOOD | {"result": "match"}], 0, "codes are spelt exactly"),
    ([GOOD | {"name_flag": "Y"}], 0, "a flag that does not exist"),
    ([GOOD | {"sex_flag": None}], 0, "a flag is missing"),
    ([GOOD | {"quota_day": None}], 0, "charged to no day"),
    ([GOOD | {"quota_day": "hôm nay"}], 0, "a day that is none"),
    ([GOOD | {"quota_day": "2026-02-30"}], 0, "a day that no month has"),
    ([GOOD | {"quota_day": "２０２６-11-22"}], 0, "digits of another alphabet"),
    ([GOOD | {"quota_day": "2026-11-22 "}], 0, "a day and more"),
    ([GOOD | {"error": "500"}], 0, "an answer with an inner error"),
    ([NONE | {"request_id": "r1", "error": DAILY_QUOTA}], 1, "turned down"),
    ([NONE | {"request_id": "r1", "error": "Nguyễn Văn An"}], 0, "turned down, but that is no code"),
    ([NONE | {"request_id": "r1", "error": "E" * 41}], 0, "no code is as long as that"),
    ([NONE | {"request_id": "r1"}], 0, "neither answered nor turned down"),
]


@pytest.mark.parametrize(("reply", "count", "why"), CASES)
def test_what_counts_as_an_answer(reply: list[dict[str, str | None]], count: int, why: str) -> None:
    gateway = Gateway(Scripted(reply))
    assert gateway.ask(question("r1", "r2")).height == count, why
    assert gateway.results(["r1", "r2"]).height == count, why


def test_only_the_question_is_sent() -> None:
    transport = Scripted([])
    Gateway(transport).ask(question("r1").with_columns(note=pl.lit("ours")))
    assert transport.sent is not None
    assert transport.sent.schema == QUESTION


def test_the_table_of_answers() -> None:
    known = answers()
    assert known.codes == [
        "MATCH",
        "PARTIAL",
        "MISMATCH",
        "NOT_FOUND",
        "DECEASED",
        "CANCELLED_ID",
        "MERGED_ID",
        "MULTIPLE",
        "MANUAL_REVIEW",
    ]
    assert "MANUAL_REVIEW" not in known.settled
    assert known.statuses == {"DECEASED": "deceased", "CANCELLED_ID": "cancelled_id", "MERGED_ID": "cancelled_id"}
