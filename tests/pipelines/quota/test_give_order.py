"""Orders as they are given: kept with who, when and why, told with what they cost, refused with the remedy."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.quota import give_order, orders, terms_in_force
from pipelines.quota.give_order import Signed
from pipelines.verify.queue.status import status
from pipelines.workspace import state
from tests.pipelines.verify.stage import Stage, asking

LAN = Signed("Lan", datetime(2026, 11, 22, 12, tzinfo=UTC), "kỳ thi")


@pytest.fixture
def settings(tmp_path: Path, state_url: str | None) -> Settings:
    return Settings(workspace=tmp_path, state_url=state_url, night=date(2026, 11, 22), daily_cap=40)


def in_force(settings: Settings) -> terms_in_force.Terms:
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return terms_in_force.in_force(connection)


COSTS = [
    ("largest-first", "không còn được gửi ngay trong ngày", "không còn giới hạn"),
    ("proportional", "không còn được gửi ngay trong ngày", "không còn giới hạn"),
    ("max-min", "vẫn được gửi ngay trong ngày", "không còn giới hạn"),
    ("fifo", "không còn được gửi ngay trong ngày", "vẫn có giới hạn"),
    ("floor+aged", "được gửi ngay trong ngày", "có giới hạn"),
]


@pytest.mark.parametrize(("policy", "isolation", "bound"), COSTS)
def test_a_policy_is_told_with_what_holds_no_longer(
    settings: Settings, policy: str, isolation: str, bound: str
) -> None:
    kept = give_order.policy(settings, policy, LAN)
    assert (kept["kind"], kept["detail"], kept["given_by"], kept["reason"]) == (
        "policy", {"policy": policy}, "Lan", "kỳ thi",
    )  # fmt: skip
    (cost,) = kept["costs"]
    assert isolation in cost["vi"]
    assert bound in cost["vi"]
    assert in_force(settings).policy == policy
    assert (status(settings)["policy"], status(settings)["policy_order"]["given_by"]) == (policy, "Lan")


WEIGHTS = [
    # written, kept, what is told
    ("2", "2", "mọi đơn vị khác nhỏ đi"),
    ("1.5", "3/2", "mọi đơn vị khác nhỏ đi"),
    ("1/3", "1/3", "Phần của đơn vị này nhỏ đi"),
    ("0.1", "1/10", "Phần của đơn vị này nhỏ đi"),
    ("2/2", "1", "như mọi đơn vị khác"),
]


@pytest.mark.parametrize(("written", "kept", "told"), WEIGHTS)
def test_a_weight_is_kept_exactly(settings: Settings, written: str, kept: str, told: str) -> None:
    order = give_order.weight(settings, "students-79", written, LAN)
    assert order["detail"] == {"tenant": "students-79", "weight": kept}
    assert told in order["costs"][0]["vi"]
    assert in_force(settings).weights == ({} if kept == "1" else {"students-79": Fraction(kept)})


def test_a_weight_that_the_policy_does_not_look_at_is_told_so(settings: Settings) -> None:
    give_order.policy(settings, "fifo", LAN)
    assert "không xét trọng số" in give_order.weight(settings, "students-79", "2", LAN)["costs"][0]["vi"]


WRONG_WEIGHTS = ["0", "-1", "1,500", "1/0", "1e9", "1e999999999", "nan", "inf", "", " 2", "hai", "1_000", "1" * 13, "٣"]


@pytest.mark.parametrize("text", WRONG_WEIGHTS)
def test_what_is_no_weight_is_refused(settings: Settings, text: str) -> None:
    with pytest.raises(BadInput, match=r"1\.5 hoặc 3/2"):
        give_order.weight(settings, "students-79", text, LAN)
    assert in_force(settings).number == 0


WRONG_TENANTS = [
    ("students-7", "no province's number"),
    ("students-99", "no such province"),
    ("student-79", "no such sector"),
    ("79", "no sector"),
    ("students", "no province"),
    ("", "nothing"),
    ("students-79 ", "a space too many"),
]


@pytest.mark.parametrize(("tenant", "why"), WRONG_TENANTS)
def test_a_tenant_that_cannot_be_is_refused_with_the_sectors(settings: Settings, tenant: str, why: str) -> None:
    said = r"students-79.*sectors known here: .*students"
    with pytest.raises(BadInput, match=said):
        give_order.weight(settings, tenant, "2", LAN)
    with pytest.raises(BadInput, match=said):
        give_order.deadline(settings, tenant, date(2026, 11, 30), Fraction(1, 10), LAN)
    assert in_force(settings).number == 0, why


def test_a_tenant_that_only_another_worker_knows_is_possible_once_it_waits(stage: Stage, settings: Settings) -> None:
    with pytest.raises(BadInput, match="no tenant can be called «clubs-03»"):
        give_order.weight(settings, "clubs-03", "2", LAN)
    stage.enqueue(asking(range(3)).with_columns(tenant=pl.lit("clubs-03")))
    give_order.weight(settings, "clubs-03", "2", LAN)
    stage.turn().run()
    give_order.weight(settings, "clubs-03", "3", LAN)
    assert in_force(settings).weights == {"clubs-03": 3}


REFUSED: list[tuple[Callable[[Settings, Signed], Any], str]] = [
    (lambda settings, signed: give_order.plain(settings, orders.PAUSE, signed), "who orders"),
    (lambda settings, signed: give_order.policy(settings, "fifo", signed), "who orders"),
    (lambda settings, signed: give_order.weight(settings, "students-79", "2", signed), "who orders"),
    (
        lambda settings, signed: give_order.deadline(settings, "students-79", date.max, Fraction(1, 9), signed),
        "--reason",
    ),
]


@pytest.mark.parametrize(("give", "said"), REFUSED)
@pytest.mark.parametrize(("by", "reason"), [("", "thử"), ("Lan", "  ")])
def test_each_needs_somebody_and_a_reason(
    settings: Settings, give: Callable[[Settings, Signed], Any], said: str, by: str, reason: str
) -> None:
    with pytest.raises(BadInput, match=said):
        give(settings, Signed(by, LAN.at, reason))


def test_no_such_policy_and_no_workspace(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"«best».*largest-first"):
        give_order.policy(settings, "best", LAN)
    with pytest.raises(BadInput, match="sachsong nightly"):
        give_order.policy(Settings(workspace=tmp_path / "none"), "fifo", LAN)
