"""Whatever goes wrong: never more charges than places, no request charged twice, no answer on another question."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.errors import CapReached, GatewayTimeout, Transient
from pipelines.gateway.client.client import Gateway
from pipelines.gateway.client.embedded import InProcess
from pipelines.gateway.client.signed import Sender, SignedTransport
from pipelines.gateway.protocol.answers import FLAGS
from pipelines.gateway.simulator import compare, request_log
from pipelines.gateway.simulator.answering import Answering
from pipelines.gateway.simulator.compare import People
from pipelines.gateway.simulator.fault_plan import Faults, Kind, mix
from pipelines.gateway.simulator.quota import Change
from pipelines.gateway.simulator.service import Service
from tests.pipelines.gateway.far_end import BEGUN, SECRET, TRANSPORTS, FarEnd, Hand, asked, first
from tests.pipelines.verify.world import number, registry

PEOPLE = 12
VARIANTS: list[dict[str, Any]] = [
    {},
    {"full_name": "Nguyễn Văn Ân"},
    {"full_name": "Trần Thị Bình"},
    {"date_of_birth": "1987"},
    {"sex": "Nữ"},
    {"sex": None},
]
QUESTIONS = asked(
    *({"id_number": number(n % (PEOPLE + 2))} | VARIANTS[n % len(VARIANTS)] for n in range(60)),
)


@cache
def registry_people() -> People:
    """One registry for all examples; it lives as long as the process."""
    folder = Path(tempfile.mkdtemp())
    opened = compare.open_people(registry(folder / "r.parquet", [{"person_id": number(n)} for n in range(PEOPLE)]))
    _KEPT.append(opened)
    return opened.__enter__()


_KEPT: list[Any] = []


@cache
def truth() -> dict[str, tuple[str, ...]]:
    """What each question's answer is, undisturbed."""
    compared = registry_people().compare(QUESTIONS)
    return {row[0]: row[1:] for row in compared.select("request_id", "result", *FLAGS).iter_rows()}


@contextmanager
def gateway(place: Path, now: Hand, cap: int, faults: Faults) -> Iterator[Gateway]:
    with request_log.open_log(place / "gateway.sqlite") as engine:
        desk = Answering(registry_people(), engine, faults.quota(cap), faults.review)
        line = InProcess(Service(desk, SECRET, now, faults=faults))
        yield Gateway(SignedTransport(line, SECRET, Sender(), now))


FAULTS = st.builds(
    lambda seed, shares, changes, late, pending: Faults(
        seed=seed,
        share={kind: share / (100 * max(1, len(shares))) for kind, share in shares.items()},
        change=tuple(Change(at=(BEGUN + timedelta(hours=2 * n)).time(), cap=cap) for n, cap in enumerate(changes)),
        reset_late_s=late,
        pending_share=pending / 100,
        pending_s=5_400,
    ),
    seed=st.integers(0, 10**6),
    shares=st.dictionaries(st.sampled_from(list(Kind)), st.integers(0, 95), max_size=6),
    changes=st.lists(st.integers(0, 40), max_size=3),
    late=st.sampled_from([0, 0, 600, -600, 25_200]),
    pending=st.sampled_from([0, 0, 30]),
)
MESSAGES = st.lists(
    st.tuples(st.integers(0, 59), st.integers(1, 25), st.booleans(), st.integers(0, 14_400)), min_size=1, max_size=16
)


@settings(max_examples=30, deadline=None)
@given(faults=FAULTS, cap=st.integers(0, 40), sent=MESSAGES)
@example(faults=Faults(share={Kind.lost_after: 0.5, Kind.wrong_key: 0.5}), cap=10, sent=[(0, 25, True, 3_600)] * 16)
def test_charges_and_answers_under_any_faults(faults: Faults, cap: int, sent: list[tuple[int, int, bool, int]]) -> None:
    now, most = Hand(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        quota = faults.quota(cap)
        with gateway(place, now, cap, faults) as client:
            for start, count, is_asking, step_s in sent:
                now.step(step_s)
                most[quota.day(now())] = max(most[quota.day(now())], quota.cap_at(now()))
                batch = QUESTIONS[start : start + count]
                try:
                    given_ = client.ask(batch) if is_asking else client.results(batch["request_id"].to_list())
                except Transient:
                    continue
                for row in given_.filter(pl.col("result").is_not_null()).iter_rows(named=True):
                    if row["result"] != "MANUAL_REVIEW":
                        told = (row["result"], *(row[flag] for flag in FLAGS))
                        assert told == truth()[row["request_id"]]
        charged = FarEnd("embedded", place).charged()
    for day, count in charged.items():
        assert count <= most[day], "never above the highest cap that was in force"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_mix_of_faults_settles_with_few_calls(tmp_path: Path, transport: str) -> None:
    """16 % faults; a sender that asks for results before it asks again. Silent lines are soon broken here."""
    far_end = FarEnd(transport, tmp_path, people=[{"person_id": number(n)} for n in range(PEOPLE)])
    faults = mix().model_copy(update={"slow_s": 0.3, "hold_s": 0.3})
    calls, left = 0, QUESTIONS[:40]
    with far_end.gateway(timeout_s=20.0, faults=faults) as client:
        for batch in left.iter_slices(1):
            is_open, may_be_charged = True, False
            while is_open:
                calls += 1
                try:
                    request_ids = batch["request_id"].to_list()
                    given_ = client.results(request_ids) if may_be_charged else client.ask(batch)
                except CapReached:
                    raise
                except Transient as fault:
                    may_be_charged = may_be_charged or isinstance(fault, GatewayTimeout)
                    continue
                is_open = given_.is_empty()
                may_be_charged = not may_be_charged
                left = left.join(given_, on="request_id", how="anti")
    assert left.is_empty()
    assert far_end.charged() == {"2026-11-22": 40}
    assert calls <= 1.5 * 40, "a look-up after a lost answer is a call too"


def test_without_idempotency_the_double_charge_is_seen(tmp_path: Path) -> None:
    """Negative control: a gateway whose memory is lost charges again, and the count says so."""
    far_end = FarEnd("embedded", tmp_path)
    with far_end.gateway(faults=first("lost_after")) as client, pytest.raises(GatewayTimeout):
        client.ask(QUESTIONS[:5])
    with request_log.open_log(tmp_path / "gateway.sqlite") as engine, engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM answered")
    with far_end.gateway() as client:
        client.ask(QUESTIONS[:5])
    with pytest.raises(AssertionError):
        far_end.charged()
