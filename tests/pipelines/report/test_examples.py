"""The night's examples: each status's commonest case, explained without a value of any record."""

import json
from pathlib import Path

from pipelines.config import Run
from pipelines.report import examples
from pipelines.workspace import run_schema, run_tables
from tests.pipelines.linked import PUPILS


def test_each_status_with_its_commonest_sentence_first(linked: Run) -> None:
    with run_tables.connect(linked) as connection:
        connection.execute("CREATE TEMP TABLE outcomes AS SELECT sector, record_id, status FROM links")
        found = examples.read(connection)
    shown = [(each.records, each.alike, each.status, each.explained.record_id) for each in found]
    assert shown == [
        (2, 2, "ambiguous", "r0001"),
        (1, 1, "not_found", "r0002"),
        (1, 1, "wrong_information", "r0000"),
    ]


def test_it_is_the_final_status_that_counts(linked: Run) -> None:
    """All end alike: one example, of the commonest sentence, says what it was before."""
    with run_tables.connect(linked) as connection:
        connection.execute("CREATE TEMP TABLE outcomes AS SELECT sector, record_id, 'verified' AS status FROM links")
        (only,) = examples.read(connection)
    assert (only.status, only.records, only.alike) == ("verified", 4, 2)
    assert (only.explained.record_id, only.explained.status) == ("r0001", "ambiguous")


def test_no_value_is_kept(linked: Run) -> None:
    with run_tables.connect(linked) as connection:
        kept = run_tables.read_table(connection, run_schema.EXAMPLES)["explanation"].to_list()
    assert [json.loads(each)["values"] for each in kept] == [[], [], []]
    for row in PUPILS:
        for name in ("full_name", "date_of_birth", "id_number"):
            assert row[name] is None or str(row[name]) not in "".join(kept)


def test_a_run_without_them_has_none(tmp_path: Path, linked: Run) -> None:
    other = linked.model_copy(update={"settings": linked.settings.model_copy(update={"workspace": tmp_path})})
    with run_tables.connect(other) as connection:
        assert examples.read(connection) == []
