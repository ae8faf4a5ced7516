"""The worklist of a night of eight records: what is on it and in which order, filters, search, paging, patterns."""

import pytest

from pipelines.config import Run
from pipelines.review import index
from pipelines.review import worklist as worklists
from pipelines.review.worklist import Filters, Worklist


def ids(found: Worklist, tenants: list[str] | None = None, **filters: str) -> list[str]:
    lines, _ = found.page(Filters(**filters), tenants, lambda position: True, 0)
    return [line.record_id for line in lines]


def test_what_a_human_may_have_to_decide_comes_first_and_the_likeliest_to_change_first(worklist: Worklist) -> None:
    lines, has_more = worklist.page(Filters(), None, lambda position: True, 0)
    assert not has_more
    assert [line.decision for line in lines] == ["review"] * 6 + ["link", "none"]
    chances = [round(line.probability or 0, 3) for line in lines if line.decision == "review"]
    assert chances == sorted(chances, reverse=True)
    assert lines[-2].record_id == "r0003", "linked, with a wrong name and date to be mended"


CASES = [
    ({}, ["students-01"], {"r0001"}, "one province"),
    ({}, ["*-01", "vaccination-*"], {"r0001", "v0000"}, "a province of any sector, a sector in any province"),
    ({}, [], set(), "nobody's tenants"),
    ({"text": "Nguyễn Minh Ân"}, None, {"r0000", "r0001", "r0002", "r0005", "r0006", "v0000"}, "marks do not matter"),
    ({"text": "an minh"}, None, {"r0000", "r0001", "r0002", "r0005", "r0006", "v0000"}, "nor does the order"),
    ({"text": "079190123456"}, None, {"r0003"}, "the record's own number"),
    ({"text": "R0004"}, None, {"r0004"}, "a record's id"),
    ({"text": "khanh", "decision": "review"}, None, set(), "and filters together"),
    ({"text": "_sstudents"}, None, set(), "what is typed is never a filter"),
    ({"text": '" OR an'}, None, set(), "nor a query"),
    ({"text": "!!!"}, None, set(), "nothing to search by finds nothing"),
    ({"sector": "vaccination"}, None, {"v0000"}, "a sector"),
    ({"unit": "sao mai"}, None, {"r0003"}, "words of a unit's name"),
    ({"unit": "SAO", "text": "hanh"}, ["students-79"], {"r0003"}, "in one's own tenant, with a name"),
    ({"text": "sao mai"}, None, set(), "which is not searched as a name"),
    ({"unit": "!!!"}, None, set(), "no word is no unit"),
    ({"status": "not_found"}, None, {"r0004"}, "a status"),
]


@pytest.mark.parametrize(("filters", "tenants", "found", "why"), CASES)
def test_filters_and_search(
    worklist: Worklist, filters: dict[str, str], tenants: list[str] | None, found: set[str], why: str
) -> None:
    assert set(ids(worklist, tenants, **filters)) == found, why


def test_pages_by_key_hold_every_record_once(worklist: Worklist) -> None:
    seen, after = [], 0
    for _ in range(9):
        lines, has_more = worklist.page(Filters(), None, lambda position: True, after, most=2)
        seen += [line.position for line in lines]
        after = lines[-1].position
        if not has_more:
            break
    assert seen == list(range(1, 9))


def test_a_record_has_its_candidates_and_their_entries(worklist: Worklist) -> None:
    line = worklist.line("r0000")
    assert line is not None
    detail = worklist.detail(line)
    assert [each["person_id"] for each in detail.candidates] == ["001200000001", "001200000002"] or [
        each["person_id"] for each in detail.candidates
    ] == ["001200000002", "001200000001"]
    assert {entry["full_name"] for entry in detail.people.values()} == {"Nguyễn Minh An", "Nguyễn Minh Ân"}
    assert all(len(each) == 64 for each in detail.fingerprints.values())
    assert worklist.line("r9999") is None


def test_records_that_agree_alike_are_one_pattern(worklist: Worklist) -> None:
    found = worklist.patterns(lambda sector, province: sector == "students")
    same = next(each for each in found if each.records == 2 and each.decision == "review")
    positions = worklist.of_pattern(same.pattern, ["students-79"], lambda position: True)
    assert {line.record_id for line in worklist.lines(positions)} == {"r0005", "r0006"}
    assert worklist.of_pattern(same.pattern, ["students-01"], lambda position: True) == []


def test_samples_are_spread_evenly() -> None:
    assert worklists.samples(range(1, 102)) == [1, 26, 51, 76, 101]
    assert worklists.samples([7]) == [7]
    assert worklists.samples([]) == []


def test_the_index_is_built_once_and_those_of_earlier_runs_are_removed(night: Run) -> None:
    path = index.path_of(night)
    before = path.stat().st_mtime_ns
    assert index.build(night) == path
    assert path.stat().st_mtime_ns == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]
