"""Which question a record asks: its code follows from content and person, its rank from the link's status."""

import hashlib
import uuid
from pathlib import Path

import polars as pl

from pipelines.verify import questions
from pipelines.workspace import run_tables
from tests.pipelines.verify.world import FIRST, World, number, record


def asking(world: World, *rows: dict[str, object]) -> pl.DataFrame:
    run = world.prepare(list(rows))
    with run_tables.connect(run) as connection:
        return questions.records(connection, world.snapshot())


def test_the_request_code_is_a_uuid_made_from_content_and_person(tmp_path: Path) -> None:
    row = asking(World(tmp_path), record(1)).row(0, named=True)
    code = uuid.UUID(row["request_id"])
    assert (code.version, code.variant) == (8, uuid.RFC_4122)
    digest = hashlib.sha256(f"{row['content_hash']}|{number(1)}|".encode()).hexdigest()
    assert row["request_id"][:8] == digest[:8]
    assert row["request_id"][-12:] == digest[20:32]


def test_content_or_person_makes_another_question_and_nothing_else_does(tmp_path: Path) -> None:
    rows = asking(
        World(tmp_path),
        record(1),
        record(1, source_file="b.csv", province="01", status="moved", sector="insurance"),
        record(1, full_name="Nguyễn Văn Ân"),
        record(1, person_id=number(2)),
    )
    assert rows.sort("source_row")["request_id"].rle_id().to_list() == [0, 0, 1, 2]


def test_the_records_own_number_is_asked_or_the_proposed_one(tmp_path: Path) -> None:
    rows = asking(World(tmp_path), record(1), record(2, id_number=None), record(3, id_number=number(4)))
    assert rows["id_number"].to_list() == [number(1), number(2), number(4)]


def test_a_shared_question_has_the_first_tenant_and_the_best_rank(tmp_path: Path) -> None:
    rows = asking(
        World(tmp_path),
        record(1, sector="vaccination", status="wrong_information"),
        record(1, sector="insurance", province="01", status="missing_id"),
        record(1, sector="insurance", province="79", status="agreed"),
    )
    question = questions.questions(rows, FIRST).row(0, named=True)
    assert (question["tenant"], question["sector"], question["likely"]) == ("insurance-01", "insurance", 100)


def test_no_links_no_questions(tmp_path: Path) -> None:
    rows = asking(World(tmp_path))
    assert questions.questions(rows, FIRST).is_empty()


UNCLEAR = {"decision": "review", "askable": True, "probability": 0.9}


def test_a_review_that_an_answer_would_settle_is_asked_with_the_proposed_number(tmp_path: Path) -> None:
    rows = asking(
        World(tmp_path),
        record(1, status="id_of_another", id_number=number(2), **UNCLEAR),
        record(3, status="ambiguous", decision="review"),
    )
    assert rows["id_number"].to_list() == [number(1)], "the other one waits for a human"


def test_the_registrys_word_settles_the_review_the_same_night(tmp_path: Path) -> None:
    world = World(tmp_path, people=[{"person_id": number(1)}, {"person_id": number(4), "full_name": "Lê Văn Ba"}])
    run = world.prepare([
        record(1, status="id_of_another", id_number=number(2), **UNCLEAR),
        record(1, status="ambiguous", id_number=None, **UNCLEAR),
        record(4, status="ambiguous", id_number=None, **UNCLEAR),
    ])  # fmt: skip
    assert world.verify(run)["settled"] == 2
    told = world.table(run).sort("source_row").select("decision", "status").rows()
    assert told == [("link", None), ("link", "missing_id"), (None, None)], "the third is not who the registry has there"
