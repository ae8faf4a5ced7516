"""The night's examples: each status's commonest case, explained without a value of any record."""

import json
from pathlib import Path

from pipelines.config import Run
from pipelines.report import examples
from pipelines.workspace import run_schema, run_tables
from tests.pipelines.linked import PUPILS


def test_each_status_with_its_commonest_sentence_first(linked: Run) -> None:
    with run_tables.connect(linked) as connection:
        found = examples.read(connection)
    shown = [(records, alike, each.status, each.record_id) for records, alike, each in found]
    assert shown == [
        (2, 2, "ambiguous", "r0001"),
        (1, 1, "not_found", "r0002"),
        (1, 1, "wrong_information", "r0000"),
    ]


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
