"""The embedded gateway: flags and codes by hand, one charge a request, its own cap, no registry value."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.errors import GatewayRefused
from pipelines.gateway.client.embedded import embedded
from pipelines.gateway.protocol.answers import ANSWER, DAILY_QUOTA, QUESTION
from pipelines.gateway.protocol.messages import MOST_ROWS
from pipelines.gateway.simulator.answering import BAD_FORMAT, KEY_REUSED
from tests.pipelines.verify.world import FIRST, SECOND, number, registry

PEOPLE: list[dict[str, Any]] = [
    {"person_id": number(1)},
    {"person_id": number(2), "status": "deceased"},
    {"person_id": number(3), "old_ids": ["079000000099", "022334455"], "other_names": ["Lý Thị Mai"]},
    {"person_id": number(4), "date_of_birth": "1950", "sex": None},
    {"person_id": number(5), "old_ids": ["079000000077"]},
    {"person_id": number(6), "old_ids": ["079000000077"]},
    {"person_id": number(7), "status": "cancelled"},
    {"person_id": number(8), "status": "deceased", "old_ids": ["079000000088"]},
    {"person_id": number(9), "status": "cancelled", "old_ids": ["079000000066"]},
]
AN = {"id_number": number(1), "full_name": "Nguyễn Văn An", "date_of_birth": "1987-09-05", "sex": "Nam"}


def asked(*rows: dict[str, Any]) -> pl.DataFrame:
    common = {"unit": "students-79", "purpose": "students"}
    return pl.DataFrame([{"request_id": f"r{n}"} | common | AN | row for n, row in enumerate(rows)], schema=QUESTION)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    registry(tmp_path / "registry.parquet", PEOPLE)
    return tmp_path


def ask(place: Path, questions: pl.DataFrame, day: date = FIRST, cap: int = 100) -> pl.DataFrame:
    with embedded(place / "registry.parquet", place / "gateway.sqlite", day=day, daily_cap=cap) as line:
        return line.ask(questions)


CASES = [
    # question, result, flags (number, name, birth, sex), why
    ({}, "MATCH", "MMMM", "all four agree"),
    ({"full_name": "NGUYỄN VĂN AN"}, "MATCH", "MMMM", "case is no difference"),
    ({"sex": None}, "MATCH", "MMMU", "what was given agrees"),
    ({"full_name": "Nguyễn Văn Ân"}, "PARTIAL", "MPMM", "only a mark differs"),
    ({"full_name": "Văn An Nguyễn"}, "PARTIAL", "MPMM", "only the order differs"),
    ({"date_of_birth": "1987"}, "PARTIAL", "MMPM", "year only"),
    ({"date_of_birth": "1987-05-09"}, "PARTIAL", "MMPM", "the year agrees"),
    ({"date_of_birth": "1988-09-05"}, "MISMATCH", "MMNM", "another year"),
    ({"date_of_birth": None}, "MATCH", "MMUM", "no date given"),
    ({"sex": "Nữ"}, "PARTIAL", "MMMN", "only the sex differs"),
    ({"full_name": "Trần Thị Bình"}, "MISMATCH", "MNMM", "another person's number"),
    ({"id_number": "079087099999"}, "NOT_FOUND", "NXXX", "no such number"),
    ({"id_number": "079087099999", "sex": None}, "NOT_FOUND", "NXXU", "no such number, no sex"),
    ({"id_number": number(2)}, "DECEASED", "MMMM", "dead"),
    ({"id_number": number(2), "full_name": "Trần Thị Bình"}, "MISMATCH", "MNMM", "a dead man's number, another name"),
    ({"id_number": "079000000099"}, "MERGED_ID", "PMMM", "an old number of person 3, who has another now"),
    ({"id_number": "079000000066"}, "CANCELLED_ID", "PMMM", "the number that replaced it was cancelled too"),
    ({"id_number": number(3), "full_name": "Lý Thị Mai"}, "MATCH", "MMMM", "a lawful other name"),
    ({"id_number": "079000000077"}, "MULTIPLE", "PXXX", "an old number of two persons"),
    ({"id_number": "079000000088"}, "DECEASED", "PMMM", "dead goes before an old number"),
    ({"id_number": number(7)}, "CANCELLED_ID", "MMMM", "the number itself was cancelled"),
    ({"id_number": number(4), "date_of_birth": "1950"}, "MATCH", "MMMX", "year against year, no sex held"),
]


@pytest.mark.parametrize(("question", "result", "flags", "why"), CASES)
def test_answers_by_hand(place: Path, question: dict[str, Any], result: str, flags: str, why: str) -> None:
    answer = ask(place, asked(question)).row(0, named=True)
    told = "".join(answer[name] for name in ("id_flag", "name_flag", "birth_flag", "sex_flag"))
    assert (answer["result"], told, answer["quota_day"]) == (result, flags, "2026-11-22"), why


def test_no_registry_value_is_in_an_answer(place: Path) -> None:
    answer = ask(place, asked(*(case[0] for case in CASES)))
    assert answer.schema == ANSWER
    told = {value for row in answer.rows() for value in row if value}
    held = {value for person in PEOPLE for value in person.values() if isinstance(value, str)} | set(AN.values())
    assert not told & held


def test_the_same_request_is_charged_once_and_answered_alike(place: Path) -> None:
    first = ask(place, asked({}, {"id_number": number(2)}))
    assert ask(place, asked({}, {"id_number": number(2)}), SECOND).equals(first)
    with embedded(place / "registry.parquet", place / "gateway.sqlite", day=SECOND, daily_cap=1) as line:
        assert line.results(["r1", "r0", "r7"]).equals(first.sort("request_id"))
        assert line.ask(asked({}, {}, {}))["error"].to_list() == [None, KEY_REUSED, None], "the day is unused"


def test_the_same_request_code_with_another_question_is_turned_down(place: Path) -> None:
    ask(place, asked({}))
    answer = ask(place, asked({"full_name": "Trần Thị Bình"})).row(0, named=True)
    assert (answer["error"], answer["result"], answer["quota_day"]) == (KEY_REUSED, None, None)


def test_the_cap_is_kept_in_the_order_of_asking_and_returns_the_next_day(place: Path) -> None:
    many = asked(*({} for _ in range(5)))
    answer = ask(place, many, cap=3)
    assert answer["error"].to_list() == [None] * 3 + [DAILY_QUOTA] * 2
    assert ask(place, many, cap=3).equals(answer), "the first three are remembered, the others still have no place"
    assert ask(place, many, SECOND, cap=3)["quota_day"].to_list() == ["2026-11-22"] * 3 + ["2026-11-23"] * 2


MALFORMED = [
    *({"id_number": wrong} for wrong in ["79087000001", "07908700000A", "", None, "0790870000011"]),
    {"full_name": "A" * 101},
    {"date_of_birth": "05/09/1987"},
    {"sex": "M"},
]


@pytest.mark.parametrize("wrong", MALFORMED, ids=str)
def test_a_malformed_question_is_turned_down_uncharged(place: Path, wrong: dict[str, str | None]) -> None:
    answer = ask(place, asked(wrong, {}), cap=1)
    assert answer["error"].to_list() == [BAD_FORMAT, None]


def test_too_many_in_one_message(place: Path) -> None:
    with pytest.raises(GatewayRefused):
        ask(place, asked(*({} for _ in range(MOST_ROWS + 1))))
