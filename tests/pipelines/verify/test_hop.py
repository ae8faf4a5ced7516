"""verify: what is asked, by whom, within the cap; what an answer makes of a record; outages and changes."""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.config import Run
from pipelines.errors import CapReached, GatewayDown, GatewayTimeout
from pipelines.gateway.client.embedded import embedded
from pipelines.gateway.client.signed import SignedTransport
from pipelines.gateway.protocol.answers import ANSWER, FLAGS
from pipelines.quota import allocation
from pipelines.verify.queue import enqueue
from pipelines.verify.queue.status import status
from pipelines.verify.worker.options import WorkerOptions
from tests.pipelines.verify.world import FIRST, SECOND, World, number, record, registry

TENS = WorkerOptions(batch=10)


@pytest.fixture
def world(tmp_path: Path, state_url: str | None) -> World:
    people: list[dict[str, Any]] = [{"person_id": number(n)} for n in range(1, 60)]
    people.append({"person_id": number(60), "status": "deceased"})
    people.append({"person_id": number(61), "old_ids": ["079000000061"]})
    return World(tmp_path, people, state_url)


ANSWERS = [
    # record, result, the record's status afterwards, why
    (record(1), "MATCH", "verified", "agreed and confirmed"),
    (record(1, status="wrong_information"), "MATCH", None, "a fuzzy hit is never verified"),
    (record(1, status="missing_id", id_number=None), "MATCH", None, "the proposed number was asked, not the record's"),
    (record(1, sex=None), "MATCH", None, "one field was not confirmed"),
    (record(1, full_name="Nguyễn Văn Ân"), "PARTIAL", None, "a mark differs"),
    (record(60), "DECEASED", "deceased", "the gateway says dead"),
    (record(61, id_number="079000000061", status="wrong_id"), "MERGED_ID", "cancelled_id", "an old number"),
    (record(1, id_number="079087099999", status="wrong_id"), "NOT_FOUND", None, "the record's own number is asked"),
]


@pytest.mark.parametrize(("row", "result", "status", "why"), ANSWERS)
def test_what_an_answer_makes_of_a_record(
    world: World, row: dict[str, Any], result: str, status: str | None, why: str
) -> None:
    run = world.prepare([row])
    world.verify(run)
    answered = world.table(run).row(0, named=True)
    told = (answered["state"], answered["result"], answered["status"], answered["asked_on"], answered["reused"])
    assert told == ("answered", result, status, "2026-11-22", False), why


def test_only_decided_links_are_asked(world: World) -> None:
    run = world.prepare([record(1), record(2, decision="review"), record(3, decision="none", person_id=None)])
    counts = world.verify(run)
    assert (counts["records"], counts["asked"]) == (1, 1)
    assert world.table(run)["person_id"].to_list() == [number(1)]


def test_records_that_share_a_question_share_its_answer(world: World) -> None:
    doses = [record(1, sector="vaccination", record_id=f"v{n}") for n in range(3)]
    run = world.prepare([*doses, record(1), record(2)])
    counts = world.verify(run)
    assert (counts["records"], counts["questions"], counts["asked"], counts["verified"]) == (5, 2, 2, 5)
    table = world.table(run)
    assert table["request_id"].n_unique() == 2
    assert table["tenant"].unique().sort().to_list() == ["students-79", "vaccination-79"]
    world.check({FIRST: 1_000}, enqueued=2)


def test_the_table_is_sorted_and_the_same_in_every_workspace(tmp_path: Path) -> None:
    tables = []
    for name in "ab":
        world = World(tmp_path / name, [{"person_id": number(n)} for n in range(30)])
        run = world.prepare([record(n, province=f"{n % 4:02}") for n in range(30)], cap=13)
        world.verify(run)
        tables.append(world.table(run))
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[0].sort("sector", "source_file", "source_row", "record_id"))


def test_a_second_run_on_the_same_day_asks_nothing_twice_and_keeps_the_cap(world: World) -> None:
    records = [record(n) for n in range(1, 51)]
    first = world.night(records, cap=20)
    assert (first["asked"], first["answered"], first["waiting"], first["left"]) == (20, 20, 30, 0)
    again = world.night(records, cap=20)
    assert (again["enqueued"], again["asked"], again["answered"], again["reused"]) == (0, 20, 20, 0)
    raised = world.night(records, cap=26)
    assert (raised["asked"], raised["used"], raised["waiting"]) == (26, 26, 24), "one night, however many runs"
    lowered = world.night(records, cap=5)
    assert (lowered["asked"], lowered["used"], lowered["left"]) == (26, 26, 0)
    assert world.accepted() == {"2026-11-22": 26}


def test_a_night_of_the_past_did_not_ask_what_a_later_one_asked(world: World) -> None:
    records = [record(n) for n in range(1, 51)]
    world.verify(world.prepare(records, SECOND, cap=30))
    earlier = world.prepare(records, cap=5)
    counts = world.verify(earlier)
    assert (counts["asked"], counts["used"], counts["reused"], counts["waiting"]) == (5, 5, 30, 15)
    assert world.table(earlier).filter(~pl.col("reused"), asked_on="2026-11-22").height == 5


def test_the_next_night_goes_on_where_this_one_ended(world: World) -> None:
    records = [record(n) for n in range(1, 51)]
    world.night(records, cap=30)
    second = world.prepare(records, SECOND, cap=30)
    counts = world.verify(second)
    assert (counts["asked"], counts["reused"], counts["answered"], counts["waiting"]) == (20, 30, 50, 0)
    table = world.table(second)
    assert table.filter("reused")["asked_on"].unique().to_list() == ["2026-11-22"]
    assert table.filter(~pl.col("reused"))["asked_on"].unique().to_list() == ["2026-11-23"]
    world.check({FIRST: 30, SECOND: 30}, enqueued=50)
    world.check_at_rest()
    assert world.accepted() == {"2026-11-22": 30, "2026-11-23": 20}


def test_a_small_tenant_is_served_the_same_day_whatever_another_queues(world: World) -> None:
    large = [record(n, province="79") for n in range(1, 51)]
    world.night(large, cap=10)
    small = [record(n, province="01", sex=None) for n in range(1, 6)]
    second = world.prepare(large + small, SECOND, cap=20)
    world.verify(second)
    by_tenant = world.table(second).filter(asked_on="2026-11-23").group_by("tenant").len().sort("tenant").rows()
    assert by_tenant == [("students-01", 5), ("students-79", 15)]
    allocated = {tenant["tenant"]: tenant for tenant in status(world.settings(SECOND, 20))["tenants"]}
    parts = {name: (tenant["floor"], tenant["aged"], tenant["left_over"]) for name, tenant in allocated.items()}
    assert parts == {"students-01": (5, 0, 0), "students-79": (5, 10, 0)}


def test_within_a_tenant_the_oldest_day_then_the_likeliest_goes_first(world: World) -> None:
    world.night([record(9, status="wrong_id")], cap=0)
    records = [record(9, status="wrong_id"), record(1, status="wrong_information"), record(2), record(3)]
    second = world.prepare(records, SECOND, cap=3)
    world.verify(second)
    asked = world.table(second).filter(state="answered")["person_id"].to_list()
    assert sorted(asked) == [number(2), number(3), number(9)]


def test_a_changed_record_is_a_new_question_and_the_old_one_is_cancelled(world: World) -> None:
    world.night([record(1), record(2), record(3)], cap=0)
    counts = world.night([record(1, full_name="Nguyễn Văn Ân"), record(2)], SECOND, cap=0)
    assert (counts["enqueued"], counts["cancelled"]) == (1, 2)
    gone = world.rows("state", "SELECT person_id, reason, cancelled_on FROM questions WHERE state = 'cancelled'")
    assert sorted(gone) == [
        (number(1), enqueue.CHANGED, "2026-11-23"),
        (number(3), enqueue.GONE, "2026-11-23"),
    ]
    kept = dict(world.rows("state", "SELECT person_id, enqueued_on FROM questions WHERE state = 'waiting'"))
    assert kept == {number(1): "2026-11-23", number(2): "2026-11-22"}
    world.check({FIRST: 0, SECOND: 0}, enqueued=4)


def test_an_answer_is_reused_until_the_person_changes(world: World) -> None:
    world.night([record(1), record(2)])
    assert world.night([record(1), record(2)], SECOND)["asked"] == 0
    people = [*(each for each in world.people if each["person_id"] != number(1))]
    registry(world.workspace / "registry.parquet", [*people, {"person_id": number(1), "status": "deceased"}])
    third = world.prepare([record(1), record(2)], SECOND)
    counts = world.verify(third)
    assert (counts["enqueued"], counts["asked"], counts["reused"]) == (1, 1, 1)
    assert dict(world.table(third).select("person_id", "result").rows()) == {number(1): "DECEASED", number(2): "MATCH"}


def test_a_waiting_question_whose_person_changes_is_asked_as_a_new_one(world: World) -> None:
    world.night([record(1)], cap=0)
    registry(world.workspace / "registry.parquet", [{"person_id": number(1), "sex": "Nữ"}])
    assert world.night([record(1)], SECOND, cap=0)["cancelled"] == 1
    assert world.rows("state", "SELECT reason FROM questions WHERE state = 'cancelled'") == [(enqueue.PERSON_CHANGED,)]


def test_a_record_that_comes_back_waits_again_from_today(world: World) -> None:
    world.night([record(1), record(2)], cap=0)
    world.night([record(2)], cap=0)
    counts = world.night([record(1), record(2)], SECOND, cap=0)
    assert (counts["enqueued"], counts["cancelled"]) == (1, 0)
    waiting = world.rows("state", "SELECT person_id, enqueued_on, reason FROM questions ORDER BY 1")
    assert waiting == [(number(1), "2026-11-23", None), (number(2), "2026-11-22", None)]


def test_a_sector_that_sends_nothing_tonight_keeps_its_questions_and_they_are_asked(world: World) -> None:
    insured = record(5, sector="insurance")
    world.night([record(1), insured], cap=0)
    counts = world.night([record(1)], SECOND, cap=10)
    assert (counts["cancelled"], counts["used"], counts["asked"], counts["records"]) == (0, 2, 1, 1), "tonight's lists"
    back = world.night([record(1), insured], SECOND, cap=10)
    assert (back["used"], back["asked"], back["answered"]) == (2, 2, 2)


def test_a_moved_record_takes_its_question_and_age_to_the_other_tenant(world: World) -> None:
    world.night([record(1, province="79")], cap=0)
    world.night([record(1, province="01")], SECOND, cap=0)
    assert world.rows("state", "SELECT tenant, enqueued_on FROM questions") == [("students-01", "2026-11-22")]


def test_nothing_to_ask(world: World) -> None:
    counts = world.night([])
    assert (counts["records"], counts["asked"], counts["left"]) == (0, 0, 1_000)
    assert world.rows("state", "SELECT stopped_by FROM turns") == [("empty",)]


class Failing:
    """A transport whose n-th message fails, before or after the gateway has it; if `for_good`, all later ones too."""

    def __init__(self, inner: Any, error: Exception, nth: int, *, after: bool, for_good: bool = False) -> None:
        self.inner, self.error, self.nth, self.after, self.for_good = inner, error, nth, after, for_good
        self.messages = 0

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        self.messages += 1
        if self.messages == self.nth and not self.after:
            raise self.error
        self._fail_if_dead()
        answer = self.inner.ask(questions)
        if self.messages == self.nth:
            raise self.error
        return answer  # type: ignore[no-any-return]

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        self._fail_if_dead(at_once=True)
        return self.inner.results(request_ids)  # type: ignore[no-any-return]

    def _fail_if_dead(self, *, at_once: bool = False) -> None:
        if self.for_good and self.messages + at_once > self.nth:
            raise GatewayDown("no line")


class Mute:
    """A line that is down for everything."""

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        raise GatewayDown("no line")

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        raise GatewayDown("no line")


@pytest.mark.parametrize("after", [False, True], ids=["never arrived", "answer lost"])
@pytest.mark.parametrize("error", [GatewayDown("down"), GatewayTimeout("late")], ids=["down", "timeout"])
def test_an_outage_leaves_the_rest_waiting_and_is_made_good(world: World, error: Exception, after: bool) -> None:
    records = [record(n) for n in range(1, 51)]
    run = world.prepare(records)
    with embedded_line(world, run) as line:
        counts = world.ask(run, Failing(line, error, nth=3, after=after, for_good=True), conduct=TENS)
        assert (counts["outage"], counts["asked"], counts["answered"], counts["waiting"]) == (1, 30, 20, 30)
        world.check({FIRST: 1_000}, enqueued=50)
        counts = world.ask(world.prepare(records), Mute())
        assert (counts["outage"], counts["asked"], counts["waiting"]) == (1, 30, 30)
    counts = world.night(records)
    assert (counts["answered"], counts["waiting"], counts["used"]) == (50, 0, 50)
    world.check({FIRST: 1_000}, enqueued=50)
    world.check_at_rest()


@pytest.mark.parametrize("after", [False, True], ids=["never arrived", "answer lost"])
@pytest.mark.parametrize("error", [GatewayDown("down"), GatewayTimeout("late")], ids=["down", "timeout"])
def test_one_lost_message_is_made_good_in_the_same_turn(world: World, error: Exception, after: bool) -> None:
    run = world.prepare([record(n) for n in range(1, 51)])
    with embedded_line(world, run) as line:
        failing = Failing(line, error, nth=3, after=after)
        counts = world.ask(run, failing, conduct=TENS)
    assert (counts["outage"], counts["answered"], counts["used"]) == (0, 50, 50)
    assert failing.messages <= 6, "five batches, one of them again"
    world.check({FIRST: 1_000}, enqueued=50)
    world.check_at_rest()


def embedded_line(world: World, run: Run) -> AbstractContextManager[SignedTransport]:
    settings = run.settings
    memory = world.workspace / "gateway.sqlite"
    return embedded(world.snapshot(), memory, day=settings.night, daily_cap=settings.daily_cap)


def test_the_gateways_own_cap_ends_the_day(world: World) -> None:
    records = [record(n) for n in range(1, 51)]
    run = world.prepare(records, cap=40)
    with embedded(world.snapshot(), world.workspace / "gateway.sqlite", day=FIRST, daily_cap=15) as line:
        counts = world.ask(run, line)
    assert (counts["answered"], counts["waiting"], counts["used"]) == (15, 35, 15)
    assert world.rows("state", "SELECT stopped_by FROM turns") == [("cap",)]
    world.check({FIRST: 40}, enqueued=50)
    world.check_at_rest()


def test_a_lost_answer_of_yesterday_is_charged_to_yesterday(world: World) -> None:
    records = [record(n) for n in range(1, 11)]
    run = world.prepare(records, cap=10)
    with embedded_line(world, run) as line:
        world.ask(run, Failing(line, GatewayTimeout("midnight"), nth=1, after=True, for_good=True))
    second = world.prepare(records, SECOND, cap=10)
    counts = world.verify(second)
    assert (counts["asked"], counts["reused"], counts["used"]) == (0, 10, 0)
    assert world.accepted() == {"2026-11-22": 10}
    world.check_at_rest()


def test_an_answer_charged_to_another_day_than_reserved_moves_the_place(world: World) -> None:
    """Sent before midnight, received by the gateway after it: the gateway's day counts."""
    run = world.prepare([record(n) for n in range(1, 11)], cap=10)
    with embedded_line(world, world.prepare([], SECOND, cap=10)) as tomorrow:
        world.ask(run, tomorrow)
    assert world.rows("state", "SELECT day, reserved, charged FROM quota_days ORDER BY day") == [
        ("2026-11-22", 0, 0),
        ("2026-11-23", 10, 10),
    ]
    assert world.accepted() == {"2026-11-23": 10}


class Told:
    """A gateway that answers every question with the same row."""

    def __init__(self, **row: str | None) -> None:
        self.row = dict.fromkeys(ANSWER) | row
        self.calls = 0

    def ask(self, questions: pl.DataFrame) -> pl.DataFrame:
        self.calls += 1
        return self.results(questions["request_id"].to_list())

    def results(self, request_ids: Sequence[str]) -> pl.DataFrame:
        return pl.DataFrame([self.row | {"request_id": key} for key in request_ids], schema=ANSWER)


def test_a_refused_question_fails_and_is_not_asked_again(world: World) -> None:
    refusing = Told(error="FORMAT")
    run = world.prepare([record(1)])
    counts = world.ask(run, refusing)
    assert (counts["failed"], counts["used"]) == (1, 0)
    assert world.table(run)["state"].to_list() == ["failed"]
    again = world.ask(world.prepare([record(1)], SECOND), refusing)
    assert (again["failed"], again["enqueued"], refusing.calls) == (1, 0, 1)
    assert world.rows("state", "SELECT reason FROM questions") == [("refused:FORMAT",)]


def test_a_pending_answer_is_charged_once_and_settled_later(world: World) -> None:
    flags = dict.fromkeys(FLAGS, "X")
    run = world.prepare([record(1)])
    counts = world.ask(run, Told(result="MANUAL_REVIEW", quota_day="2026-11-22", **flags))
    assert (counts["waiting"], counts["used"]) == (1, 1)
    assert world.table(run)["result"].to_list() == [None]
    later = Told(result="MATCH", quota_day="2026-11-22", **dict.fromkeys(FLAGS, "M"))
    counts = world.ask(world.prepare([record(1)], SECOND), later)
    assert (counts["verified"], counts["reused"], counts["used"], later.calls) == (1, 1, 0, 0)
    assert world.rows("state", "SELECT sum(charged), sum(reserved) FROM ledger") == [(1, 1)]


def test_a_gateway_that_ends_the_day_for_a_whole_message(world: World) -> None:
    run = world.prepare([record(1)])
    with embedded_line(world, run) as line:
        counts = world.ask(run, Failing(line, CapReached("429"), nth=1, after=False))
    assert (counts["outage"], counts["waiting"]) == (0, 1)
    assert world.rows("state", "SELECT stopped_by FROM turns") == [("cap",)]


def test_progress_is_told_from_nothing_to_all(world: World) -> None:
    seen: list[tuple[int, int]] = []
    run = world.prepare([record(n) for n in range(1, 26)])
    with embedded_line(world, run) as line:
        world.ask(run, line, progress=lambda done, of: seen.append((done, of)), conduct=TENS)
    assert seen == [(0, 25), (10, 25), (20, 25), (25, 25)]


def test_status_of_the_queue_adds_up_and_names_nobody(world: World) -> None:
    records = [record(n, province="79" if n % 3 else "01") for n in range(1, 51)]
    world.night(records, cap=20)
    told = status(world.settings(cap=20))
    assert (told["cap"], told["used"], told["left"], told["enqueued"]) == (20, 20, 0, 50)
    assert told["states"] == {"waiting": 30, "reserved": 0, "asked": 0, "answered": 20, "cancelled": 0}
    for tenant in told["tenants"]:
        assert sum(tenant[part] for part in allocation.PARTS) == tenant["allocated_today"]
        assert tenant["charged_today"] == tenant["allocated_today"]
    assert told["last_turn"]["stopped_by"] == "cap"
    assert number(1) not in json.dumps(told, ensure_ascii=False)
    tomorrow = status(world.settings(SECOND, cap=20))
    assert (tomorrow["used"], tomorrow["left"]) == (0, 20)
    assert all(tenant["allocated_today"] == tenant["charged_today"] == 0 for tenant in tomorrow["tenants"])
