"""Every fault and every refusal over both transports: one typed error each, nothing charged twice, nothing mixed up."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.errors import CapReached, GatewayDown, GatewayRefused, GatewayTimeout, PipelineError, RateLimited
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.client.signed import Sender, SignedTransport
from pipelines.gateway.protocol import messages
from pipelines.gateway.protocol.answers import DAILY_QUOTA
from pipelines.gateway.protocol.signing import SIGNATURE, Request
from pipelines.gateway.simulator.fault_plan import Faults, Kind
from pipelines.gateway.simulator.quota import Change
from pipelines.gateway.simulator.replies import Reply
from tests.pipelines.gateway.far_end import BEGUN, SECRET, TRANSPORTS, FarEnd, Hand, asked, first
from tests.pipelines.verify.world import number

TODAY, TOMORROW = "2026-11-22", "2026-11-23"
THREE = asked({}, {"id_number": number(2)}, {"full_name": "Trần Thị Bình"})
RIGHT = [("r0", "MATCH"), ("r1", "MATCH"), ("r2", "MISMATCH")]


@pytest.fixture(params=TRANSPORTS)
def far_end(request: pytest.FixtureRequest, tmp_path: Path) -> FarEnd:
    return FarEnd(request.param, tmp_path)


def told(answers: pl.DataFrame) -> list[tuple[Any, ...]]:
    return answers.select("request_id", "result").rows()


FAULTS: list[tuple[Kind, type[PipelineError] | int, int, str]] = [
    # kind, error or number of answers, charged, why
    (Kind.outage, GatewayTimeout, 0, "a line that breaks may have carried the message"),
    (Kind.maintenance, GatewayDown, 0, "503 says that nothing was done"),
    (Kind.error_500, GatewayDown, 0, "500 of the gateway itself"),
    (Kind.bad_gateway, GatewayTimeout, 0, "a proxy does not know what lies behind it"),
    (Kind.inner_error, GatewayDown, 0, "HTTP 200 is no success"),
    (Kind.rate, RateLimited, 0, "too fast, not used up"),
    (Kind.lost_before, GatewayTimeout, 0, "no answer"),
    (Kind.lost_after, GatewayTimeout, 3, "no answer, and charged"),
    (Kind.reset_after, GatewayTimeout, 3, "broken after it was charged"),
    (Kind.slow, GatewayTimeout, 3, "later than the timeout"),
    (Kind.drip, GatewayTimeout, 3, "each byte in time, the whole too late"),
    (Kind.truncated, GatewayTimeout, 3, "half an answer is none"),
    (Kind.duplicate, 3, 3, "each answer once"),
    (Kind.shuffled, 3, 3, "each answer to its own question"),
    (Kind.wrong_key, 0, 3, "an answer under another's code is none"),
    (Kind.another_request, GatewayTimeout, 3, "an answer to another message is none"),
]


def test_every_kind_of_fault_is_tried() -> None:
    assert [row[0] for row in FAULTS] == list(Kind)


@pytest.mark.parametrize(("kind", "outcome", "charged", "why"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_and_what_settles_it(
    far_end: FarEnd, kind: Kind, outcome: type[PipelineError] | int, charged: int, why: str
) -> None:
    with far_end.gateway(timeout_s=1.0, faults=first(kind, slow_s=9.0)) as gateway:
        if isinstance(outcome, int):
            assert told(gateway.ask(THREE)) == RIGHT[:outcome], why
        else:
            with pytest.raises(outcome) as raised:
                gateway.ask(THREE)
            assert type(raised.value) is outcome, why
        assert far_end.charged() == ({TODAY: charged} if charged else {}), why
        assert told(gateway.results(["r0", "r1", "r2", "never asked"])) == RIGHT[:charged], "what was lost is there"
        assert told(gateway.ask(THREE)) == RIGHT
        assert far_end.charged() == {TODAY: 3}, "charged once"


def test_a_slow_answer_in_time_is_an_answer(far_end: FarEnd) -> None:
    faults = Faults.model_validate(
        {
            "slow_s": 0.2,
            "window": [{"kind": kind, "first": n, "last": n} for n, kind in enumerate(["slow", "drip"], start=1)],
        }
    )
    with far_end.gateway(timeout_s=2.0, faults=faults) as gateway:
        assert told(gateway.ask(THREE)) == RIGHT
        assert told(gateway.ask(THREE)) == RIGHT


def test_a_single_answer_under_a_code_never_asked_is_none(far_end: FarEnd) -> None:
    with far_end.gateway(faults=first("wrong_key")) as gateway:
        assert gateway.ask(asked({})).is_empty()


REFUSED = [
    # what is wrong, code, why
    ({"secret": b"another secret, as long"}, {}, "UNSIGNED", "401: another secret"),
    ({"sender": Sender(unit="unknown")}, {"units": frozenset({"sachsong"})}, "FORBIDDEN", "403: who may not ask"),
    ({"now": lambda: Hand().at.replace(minute=54, hour=11)}, {}, "EXPIRED", "408: six minutes ago"),
    ({"now": lambda: Hand().at.replace(minute=2)}, {}, "FUTURE", "425: two minutes ahead"),
    ({"nonce": lambda: ""}, {}, "FORMAT", "400: no nonce"),
    ({"nonce": lambda: "x" * 65}, {}, "FORMAT", "400: a nonce that is too long"),
]


@pytest.mark.parametrize(("sender", "options", "code", "why"), REFUSED, ids=[row[2] + row[3][:3] for row in REFUSED])
def test_a_message_that_is_refused(
    far_end: FarEnd, sender: dict[str, Any], options: dict[str, Any], code: str, why: str
) -> None:
    with far_end.gateway(sender=sender, **options) as gateway:
        for exchange in (lambda: gateway.ask(THREE), lambda: gateway.results(["r0"])):
            with pytest.raises(GatewayRefused) as raised:
                exchange()
            assert raised.value.code == code, why
    assert far_end.charged() == {}


def test_a_quota_day_that_is_still_to_come_is_no_answer(far_end: FarEnd) -> None:
    """Whoever signs it: the ledger would go on under that day. The clock here goes back by three days meanwhile."""
    ours = iter((far_end.now(), far_end.now() - timedelta(days=3)))
    with far_end.gateway(sender={"now": lambda: next(ours)}) as gateway, pytest.raises(GatewayTimeout):
        gateway.ask(THREE)


@pytest.mark.parametrize("skew_s", [-299, 59])
def test_a_clock_that_is_a_little_wrong_is_borne(far_end: FarEnd, skew_s: int) -> None:
    ours = Hand()
    ours.step(skew_s)
    with far_end.gateway(sender={"now": ours}) as gateway:
        assert told(gateway.ask(THREE)) == RIGHT


def test_the_same_message_twice_is_dealt_with_once(far_end: FarEnd) -> None:
    """The second one may overtake the first one's answer: the sender cannot tell, so it asks for the results."""
    with far_end.gateway(sender={"nonce": lambda: "the same"}) as gateway:
        gateway.ask(THREE)
        with pytest.raises(GatewayTimeout):
            gateway.ask(THREE)
        with pytest.raises(GatewayTimeout):
            gateway.results(["r0"])
    with far_end.gateway(sender={"nonce": lambda: "the same"}) as gateway, pytest.raises(GatewayTimeout):
        gateway.ask(THREE)  # it is remembered when the gateway has been started again
    far_end.now.step(400)
    with far_end.gateway(sender={"nonce": lambda: "the same"}) as gateway:
        assert told(gateway.ask(THREE)) == RIGHT, "too old to be used again"


def test_a_day_used_up_is_told_from_a_rate(far_end: FarEnd) -> None:
    with far_end.gateway(cap=2) as gateway:
        answers = gateway.ask(THREE)
        assert answers["error"].to_list() == [None, None, DAILY_QUOTA]
        with pytest.raises(CapReached) as raised:
            gateway.ask(THREE.tail(1))
        assert (raised.value.day, raised.value.retry_after_s) == (TODAY, 12 * 3_600.0)
        assert told(gateway.ask(THREE.head(2))) == RIGHT[:2], "what was answered is answered again"
    assert far_end.charged() == {TODAY: 2}


def test_a_rate_is_told_with_the_seconds_to_wait(far_end: FarEnd) -> None:
    many = asked(*({} for _ in range(1_000)))
    with far_end.gateway(cap=3_000, questions_per_s=100.0) as gateway:
        assert gateway.ask(many).height == 1_000
        with pytest.raises(RateLimited) as raised:
            gateway.ask(THREE)
        assert raised.value.retry_after_s == 1.0
        far_end.now.step(raised.value.retry_after_s)
        assert told(gateway.ask(asked({}))) == [("r0", "MATCH")]


def test_maintenance_says_when_it_ends(far_end: FarEnd) -> None:
    window = {"kind": "maintenance", "from": BEGUN.time(), "until": BEGUN.replace(minute=30).time()}
    with far_end.gateway(faults=Faults.model_validate({"window": [window]})) as gateway:
        with pytest.raises(GatewayDown) as raised:
            gateway.ask(THREE)
        assert raised.value.retry_after_s == 1_800.0
        far_end.now.step(1_800)
        assert told(gateway.ask(THREE)) == RIGHT


def test_the_day_is_the_gateways(far_end: FarEnd) -> None:
    """Sent before midnight by the sender's clock, received after it by the gateway's."""
    late = Hand(BEGUN.replace(hour=23, minute=59, second=50))
    far_end.now.at = late.at
    far_end.now.step(20)
    with far_end.gateway(sender={"now": late}) as gateway:
        assert gateway.ask(THREE)["quota_day"].unique().to_list() == [TOMORROW]
    assert far_end.charged() == {TOMORROW: 3}


def test_midnight_gives_new_places_and_old_answers_keep_their_day(far_end: FarEnd) -> None:
    far_end.now.at = BEGUN.replace(hour=23, minute=59, second=59)
    with far_end.gateway(cap=2) as gateway:
        assert gateway.ask(THREE)["quota_day"].to_list() == [TODAY, TODAY, None]
        far_end.now.step(1)
        assert gateway.ask(THREE)["quota_day"].to_list() == [TODAY, TODAY, TOMORROW]
    assert far_end.charged() == {TODAY: 2, TOMORROW: 1}


@pytest.mark.parametrize(("cap", "then", "charged"), [(4, 2, 3), (2, 4, 4)], ids=["down", "up"])
def test_the_cap_changes_at_noon(far_end: FarEnd, cap: int, then: int, charged: int) -> None:
    far_end.now.step(-1)
    faults = Faults(change=(Change(at=BEGUN.time(), cap=then),))
    with far_end.gateway(cap=cap, faults=faults) as gateway:
        morning = gateway.ask(THREE)["error"].null_count()
        assert morning == min(3, cap)
        far_end.now.step(1)
        more = asked(*({} for _ in range(6)))[3:]
        try:
            gateway.ask(pl.concat([THREE, more]))
        except CapReached:
            assert then <= morning
    assert far_end.charged() == {TODAY: charged}, "never above what was allowed when it was asked"


RESETS = [(600, "late", 23), (-600, "early", 1), (25_200, "midnight UTC", 6)]


@pytest.mark.parametrize(("late_s", "why", "hours"), RESETS, ids=[row[1] for row in RESETS])
def test_the_reset_may_be_late_or_early(far_end: FarEnd, late_s: int, why: str, hours: int) -> None:
    midnight = BEGUN.replace(hour=0)
    with far_end.gateway(cap=1, faults=Faults(reset_late_s=late_s)) as gateway:
        far_end.now.at = midnight
        far_end.now.step(late_s - 1)
        assert gateway.ask(asked({}))["quota_day"].to_list() == ["2026-11-21"], why
        with pytest.raises(CapReached) as raised:
            gateway.ask(THREE.tail(1))
        assert (raised.value.day, raised.value.retry_after_s) == ("2026-11-21", 1.0)
        far_end.now.step(1)
        assert gateway.ask(THREE.tail(1))["quota_day"].to_list() == [TODAY]


def test_a_pending_answer_is_charged_once_and_comes_later(far_end: FarEnd) -> None:
    faults = Faults(pending_share=1.0, pending_s=60)
    with far_end.gateway(faults=faults) as gateway:
        pending = gateway.ask(THREE)
        assert pending["result"].unique().to_list() == ["MANUAL_REVIEW"]
        assert pending["id_flag"].unique().to_list() == ["X"], "nothing is told yet"
        far_end.now.step(59)
        assert gateway.results(["r0", "r1", "r2"]).equals(pending)
        far_end.now.step(1)
        assert told(gateway.results(["r0", "r1", "r2"])) == RIGHT
        assert told(gateway.ask(THREE)) == RIGHT, "asked again it is the same request"
    assert far_end.charged() == {TODAY: 3}


def test_which_question_is_pending_follows_from_its_code(far_end: FarEnd) -> None:
    many = asked(*({} for _ in range(200)))

    def pending(place: str, order: Callable[[pl.DataFrame], pl.DataFrame]) -> set[str]:
        here = FarEnd(far_end.transport, far_end.place / place)
        with here.gateway(cap=200, faults=Faults(pending_share=0.2)) as gateway:
            return set(gateway.ask(order(many)).filter(result="MANUAL_REVIEW")["request_id"])

    forwards = pending("one", lambda frame: frame)
    assert forwards == pending("two", pl.DataFrame.reverse)
    assert 20 <= len(forwards) <= 60


def test_a_code_used_for_another_question(far_end: FarEnd) -> None:
    with far_end.gateway() as gateway:
        gateway.ask(THREE)
        other = THREE.with_columns(full_name=pl.lit("Lê Văn Cường"))
        assert gateway.ask(other)["error"].to_list() == ["KEY_REUSED"] * 3, "422, each told"
        assert gateway.ask(THREE.with_columns(id_number=pl.lit("12")))["error"].to_list() == ["KEY_REUSED"] * 3
        assert gateway.ask(asked({"request_id": "new", "id_number": "12"}))["error"].to_list() == ["FORMAT"], "400"
    assert far_end.charged() == {TODAY: 3}


BAD_MESSAGES = [
    (asked(*({"request_id": f"q{n}"} for n in range(1_001))), "more than a thousand"),
    (asked({"request_id": "r"}, {"request_id": "r"}), "the same code twice in one message"),
    (asked({"request_id": "x" * 41}), "a code that is too long"),
    (asked({"request_id": ""}), "no code"),
    (asked().clear(), "no question"),
]


@pytest.mark.parametrize(("questions", "why"), BAD_MESSAGES, ids=[row[1] for row in BAD_MESSAGES])
def test_a_message_that_no_gateway_takes(far_end: FarEnd, questions: pl.DataFrame, why: str) -> None:
    with far_end.gateway() as gateway:
        with pytest.raises(GatewayRefused) as raised:
            gateway.ask(questions)
        assert raised.value.code == "FORMAT", why
        assert number(1) not in str(raised.value)
    assert far_end.charged() == {}


def test_both_ends_say_the_same_whatever_lies_between(tmp_path: Path) -> None:
    """The transports differ in nothing else: the same questions, the same frames."""
    answers = []
    for transport in TRANSPORTS:
        with FarEnd(transport, tmp_path / transport).line() as line:
            answers.append(line.ask(THREE))
            answers.append(Gateway(line).results(["r0", "r1", "r2"]))
    assert answers[0].equals(answers[2])
    assert answers[1].equals(answers[3])


def enveloped(code: str) -> bytes:
    return messages.envelope_body(0, code, "", pl.DataFrame(), "")


BY_SOMEBODY = [
    # status, headers, body, error, what it says besides, why
    (429, {}, enveloped(DAILY_QUOTA), RateLimited, 1.0, "anybody can say that the day is over"),
    (429, {}, b"", RateLimited, 1.0, "no body"),
    (429, {"Retry-After": "Sun, 22 Nov 2026 12:00:00 GMT"}, b"", RateLimited, 1.0, "a date"),
    (429, {"Retry-After": "-5"}, b"", RateLimited, 1.0, "before now"),
    (429, {"Retry-After": "٣٠"}, b"", RateLimited, 1.0, "digits of another alphabet"),
    (429, {"Retry-After": "1000000000000"}, b"", RateLimited, 1e12, "as it says"),
    (500, {}, enveloped("INTERNAL"), GatewayTimeout, None, "the message may have gone on"),
    (503, {"Retry-After": "60"}, b"", GatewayTimeout, None, "a proxy that lost its gateway half-way says that too"),
    (408, {}, b"", GatewayTimeout, None, "a proxy's own timeout"),
    (404, {}, b"", GatewayRefused, "HTTP_404", "nobody of that name"),
    (400, {}, enveloped("Nguyễn Văn An"), GatewayRefused, "HTTP_400", "no code, so nobody repeats it"),
    (400, {}, enveloped("FORMAT\n[red]"), GatewayRefused, "HTTP_400", "nor this"),
    (200, {SIGNATURE: "ký"}, enveloped("0"), GatewayTimeout, None, "a signature that cannot be one"),
]


@pytest.mark.parametrize(
    ("status", "headers", "body", "error", "told", "why"), BY_SOMEBODY, ids=[row[5] for row in BY_SOMEBODY]
)
def test_a_reply_that_nobody_signed(
    status: int, headers: dict[str, str], body: bytes, error: type[PipelineError], told: object, why: str
) -> None:
    """Of what somebody on the way says nothing follows that would free a question or tell a value."""

    class Somebody:
        def carry(self, request: Request, _headers: Mapping[str, str]) -> Reply:
            return Reply(status, body, headers)

    with pytest.raises(error) as raised:
        SignedTransport(Somebody(), SECRET, Sender(), Hand()).ask(THREE)
    assert type(raised.value) is error, why
    assert getattr(raised.value, "retry_after_s", getattr(raised.value, "code", None)) == told
    assert not [text for text in ("Nguyễn", "[red]") if text in str(raised.value)]
