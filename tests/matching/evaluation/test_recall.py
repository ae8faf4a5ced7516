"""What blocking loses is counted on true pairs: found by which key, by which alone, lost to which cap."""

from pathlib import Path
from typing import Any

import polars as pl

from matching import block, snapshot
from matching.evaluation.recall import recall
from matching.model import Key, load
from matching.records import prepare
from tests.matching.tables import core, person, record, registry

AN = person("079087001234", "Lê Văn An", "1987-09-05", "Nam", old_ids=["271450001"])
OTHERS = [person(f"00108700000{n}", "Trần Thị Bình", "1990-07-12", "Nữ") for n in range(3)]
KEYS = (
    Key(name="words_date", parts=("words", "birth_date"), cap=2),
    Key(name="words_month_day", parts=("words", "month_day"), cap=9),
    Key(name="given_date", parts=("given", "birth_date"), cap=2),
)
RECORDS = [
    (record("Lê Văn An", "1987-09-05", "Nam", "079087001234"), AN, "agreed"),
    (record("Lê Văn An", "1987-09-05", "Nam", "271450001"), AN, "settled by an old number"),
    (record("Võ Y", "1987-09-05", "Nam", "271450001"), AN, "by number, another name"),
    (record("Lê Văn An", "1987-09-05", "Nam", None), AN, "three keys"),
    (record("Lê Văn An", "1999-09-05", "Nam", None), AN, "one key alone"),
    (record("Đỗ An", "1999-05-09", "Nam", None, birth_alternative="1987-09-05"), AN, "by the other reading"),
    (record("Trần Thị Bình", "1990", "Nữ", None), OTHERS[1], "no key"),
    (record("Bé Bình", "1990-07-12", "Nữ", None), OTHERS[1], "lost to a cap"),
]


def test_each_true_pair_is_counted_once(tmp_path: Path) -> None:
    model = load().model_copy(update={"key": KEYS})
    records = core([row for row, _, _ in RECORDS])
    truth = pl.DataFrame({"r": range(len(RECORDS)), "person_id": [who["person_id"] for _, who, _ in RECORDS]})
    with snapshot.connect(registry(tmp_path, [AN, *OTHERS]), 2, 256) as connection:
        block.settle(connection, prepare(records))
        found: dict[str, Any] = recall(connection, model, block.block(connection, model), truth)
    shares = {name: found[name]["right"] for name in ("agreed", "settled", "by_number", "proposed")}
    assert shares == {"agreed": 1, "settled": 2, "by_number": 3, "proposed": 6}
    assert (found["missed"], found["missed_by_cap"]) == (2, 1)
    keys = {key["name"]: (key["found"], key["only"], key["lost"]) for key in found["keys"]}
    assert keys == {"words_date": (1, 0, 0), "words_month_day": (2, 1, 0), "given_date": (2, 1, 1)}
