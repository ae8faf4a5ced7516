"""What tells a slip of the pen from somebody else: the word that came out, the household, and what is lacking."""

from pathlib import Path

import pytest

from matching.measures import is_other_word
from tests.matching.tables import links, person, record, registry

PLACE = {"province_code": "79", "commune_code": "26734"}
PARENTS = {"mother_name": "Trần Thị Cúc", "father_name": "Lê Văn Lâm"}
HUNG = person("079212000001", "Lê Quốc Hùng", "2012-07-12", "Nam", **PLACE, **PARENTS)
FATHER = person("079085000002", "Lê Văn Lâm", "1985-01-30", "Nam", **PLACE)
STRANGER = person("079085000003", "Phạm Văn Tài", "1985-02-28", "Nam", **PLACE)


@pytest.mark.parametrize(
    ("ours", "theirs", "other"),
    [
        ("Trần Tấn Đức", "Trần Văn Đức", True),
        ("Nguyễn Duy Hiếu", "Nguyễn Quý Hiếu", True),
        ("Trần Vấn Đức", "Trần Văn Đức", False),
        ("Trần Vawn Đức", "Trần Văn Đức", False),
        ("Nguyen Duy Hieu", "Nguyễn Quý Hiếu", False),
        ("Trần Đức", "Trần Văn Đức", False),
    ],
)
def test_another_word_differs_in_its_marks_too(ours: str, theirs: str, other: bool) -> None:
    assert is_other_word(ours, theirs) is other


@pytest.mark.parametrize(
    ("name", "decision"),
    [("Lê Quốc Hủng", "link"), ("Lê Quốc Hưng", "review"), ("Lê Quốc Hung", "review")],
)
def test_a_twin_is_called_by_a_name(tmp_path: Path, name: str, decision: str) -> None:
    """Hùng's twin may be Hưng, without marks Hung; nobody is called Hủng."""
    found = links(registry(tmp_path, [HUNG, STRANGER]), [record(name, "2012-07-12", "Nam", None, **PLACE)])
    assert found["decision"].item() == decision


@pytest.mark.parametrize(
    ("more", "decision", "status"),
    [
        (PARENTS, "link", "missing_id"),
        ({"mother_name": PARENTS["mother_name"]}, "review", "unverifiable"),
        ({}, "review", "unverifiable"),
    ],
)
def test_both_parents_names_stand_for_a_date(tmp_path: Path, more: dict[str, str], decision: str, status: str) -> None:
    rows = [record("Lê Quốc Hùng", None, "Nam", None, **PLACE, **more)]
    found = links(registry(tmp_path, [HUNG, STRANGER]), rows)
    assert (found["decision"].item(), found["status"].item()) == (decision, status)


@pytest.mark.parametrize(
    ("owner", "decision", "child"), [(FATHER, "link", HUNG["person_id"]), (STRANGER, "none", None)]
)
def test_a_fathers_number_says_whose_child_it_is(
    tmp_path: Path, owner: dict[str, object], decision: str, child: object
) -> None:
    """Without a date, at home: the number's owner is called as this person's father, or he is not."""
    rows = [record("Lê Quốc Hùng", None, "Nam", str(owner["person_id"]), **PLACE)]
    found = links(registry(tmp_path, [HUNG, FATHER, STRANGER]), rows)
    assert found.select("decision", "status", "person_id").row(0) == (decision, "id_of_another", child)
