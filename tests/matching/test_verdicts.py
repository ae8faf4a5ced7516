"""Human decisions win over the model; status and probability stay those of the usual rules."""

from pathlib import Path

import polars as pl
import pytest

from matching import LinkOptions
from matching.incremental import linkage as incremental
from matching.verdicts import SCHEMA
from tests.matching.tables import core, person, record, registry

AN = person("001200000001", "Nguyễn Minh An", "2000-05-06", "Nam", province_code="01", commune_code="00001")
TWIN = person("001200000002", "Nguyễn Minh Ân", "2000-05-06", "Nam", province_code="01", commune_code="00001")
BINH = person("079190123456", "Trần Thị Bình", "1990-07-12", "Nữ", province_code="79")
FAR = person("092155009999", "Kpă H'Nhung", "1955-12-30", "Nữ", status="deceased")

AGREED = record("Nguyễn Minh An", "2000-05-06", "Nam", "001200000001")
EITHER = record("Nguyen Minh An", "2000-05-06", "Nam", None)
STRANGER = record("Phạm Quốc Khánh", "1999-09-02", "Nam", "038099000777")
NUMBER_ONLY = record("Trần Thị Bình", "1990-07-12", "Nữ", "079190123465")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry(tmp_path_factory.mktemp("registry"), [AN, TWIN, BINH, FAR])


def told(*verdicts: tuple[int, str, dict[str, object] | None]) -> pl.DataFrame:
    rows = [(r, verdict, None if who is None else who["person_id"]) for r, verdict, who in verdicts]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def links(
    snapshot: Path, folder: Path, records: list[dict[str, object]], verdicts: pl.DataFrame | None, one: bool = True
) -> pl.DataFrame:
    """The links of a night that knows nothing and of the next one, which are the same."""
    options = LinkOptions(one_record_per_person=one, threads=2, memory_mb=256)
    found = [
        incremental.linkage(core(records), snapshot, options, incremental.Memory(folder / "m", "k"), verdicts).links
        for _ in range(2)
    ]
    assert found[0].equals(found[1])
    return found[0]


CASES = [
    (EITHER, ("same", TWIN), "link", "wrong_information|missing_id", TWIN, "either twin: a human saw which"),
    (EITHER, ("same", AN), "link", "missing_id", AN, "the other one"),
    (STRANGER, ("same", BINH), "link", "wrong_id", BINH, "nothing in common"),
    (STRANGER, ("same", FAR), "link", "deceased", FAR, "the registry's word about the person stays"),
    (AGREED, ("nobody", None), "none", "id_of_another", None, "somebody else uses the number"),
    (AGREED, ("different", AN), "none", "id_of_another", None, "the same said of the person"),
    (AGREED, ("different", BINH), "link", "agreed", AN, "who was no candidate anyway"),
    (AGREED, ("same", AN), "link", "agreed", AN, "a human says what the model says"),
    (AGREED, ("same", TWIN), "link", "id_of_another", TWIN, "his brother's number"),
    (NUMBER_ONLY, ("nobody", None), "none", "not_found", None, "nobody"),
    (NUMBER_ONLY, ("different", BINH), "none", "not_found", None, "nobody else comes near"),
    (record(None, None, None, None), ("same", AN), "link", "unverifiable", AN, "a human knew more than the record"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{each[1][0]}: {each[5]}" for each in CASES])
def test_humans_win(snapshot: Path, tmp_path: Path, case: tuple) -> None:  # type: ignore[type-arg]
    row, (verdict, who), decision, status, expected, why = case
    (found,) = links(snapshot, tmp_path, [row], told((0, verdict, who))).to_dicts()
    assert found["decision"] == decision, why
    assert found["status"] in status.split("|"), why
    assert found["person_id"] == (expected and expected["person_id"]), why
    assert found["reason"].startswith("Cán bộ đã"), why


def test_without_verdicts_nothing_is_told(snapshot: Path, tmp_path: Path) -> None:
    found = links(snapshot, tmp_path, [AGREED, EITHER], told())
    assert found["reason"].str.contains("Cán bộ đã").sum() == 0
    assert found.equals(links(snapshot, tmp_path / "other", [AGREED, EITHER], None))


def test_probability_and_weight_stay_the_models(snapshot: Path, tmp_path: Path) -> None:
    alone, judged = (
        links(snapshot, tmp_path / name, [EITHER, NUMBER_ONLY], verdicts).to_dicts()
        for name, verdicts in (("a", None), ("b", told((0, "same", TWIN), (1, "same", BINH))))
    )
    assert judged[1]["probability"] == alone[1]["probability"]
    assert judged[1]["weight"] == alone[1]["weight"]
    assert judged[1]["margin"] == alone[1]["margin"]
    assert judged[0]["probability"] < 0.9, "a human chose, the evidence did not"
    assert judged[0]["margin"] <= 0 or judged[0]["person_id"] == alone[0]["person_id"]


def test_different_leaves_the_other_candidates(snapshot: Path, tmp_path: Path) -> None:
    (found,) = links(snapshot, tmp_path, [EITHER], told((0, "different", AN))).to_dicts()
    assert found["person_id"] == TWIN["person_id"]
    (found,) = links(snapshot, tmp_path / "2", [EITHER], told((0, "different", AN), (0, "different", TWIN))).to_dicts()
    assert found["decision"] == "none"


def test_a_human_goes_before_stronger_evidence(snapshot: Path, tmp_path: Path) -> None:
    found = links(snapshot, tmp_path, [AGREED, STRANGER], told((1, "same", AN))).to_dicts()
    assert [each["decision"] for each in found] == ["link", "link"]
    assert [each["status"] for each in found] == ["duplicate", "wrong_id"]
    assert found[1]["person_id"] == AN["person_id"]


def test_one_person_is_not_given_to_two_even_by_humans(snapshot: Path, tmp_path: Path) -> None:
    found = links(snapshot, tmp_path, [EITHER, EITHER], told((0, "same", AN), (1, "same", AN)))
    assert found["decision"].to_list() == ["link", "link"]
    assert found["status"][0] == "duplicate", "the later one is kept"
    many = links(snapshot, tmp_path / "many", [EITHER, EITHER], told((0, "same", AN), (1, "same", AN)), one=False)
    assert many["decision"].to_list() == ["link", "link"]


def test_others_are_as_they_were(snapshot: Path, tmp_path: Path) -> None:
    rows = [AGREED, EITHER, STRANGER, NUMBER_ONLY]
    alone = links(snapshot, tmp_path / "a", rows, None)
    judged = links(snapshot, tmp_path / "b", rows, told((3, "nobody", None)))
    assert judged[:3].equals(alone[:3])
