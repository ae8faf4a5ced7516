"""A change is proposed with a reason and approved; with two persons never by its own author; orders likewise."""

import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.config import TIME_ZONE, Settings
from pipelines.errors import BadInput
from pipelines.night import runs
from pipelines.quota import give_order, orders
from pipelines.quota.give_order import Signed
from pipelines.review import changes
from pipelines.workspace import audit_log, state
from pipelines.workspace.provenance import PACKAGES, ROOT
from tests.pipelines.terminal import Sachsong

RULE = "rules/correct.toml correct-id-format"
NOON = datetime(2026, 11, 22, 12, tzinfo=TIME_ZONE)


@pytest.fixture
def changed(settings: Settings) -> Settings:
    """A workspace whose log says that another version of a rule was approved."""
    runs.open_run(settings)
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        audit_log.append(connection, "approval", {"changes": {RULE: [None, "0" * 64]}}, "An")
    return settings


def last(settings: Settings, kind: str) -> audit_log.Entry:
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return list(audit_log.entries(connection, kind))[-1]


def test_a_change_is_proposed_approved_and_in_force(changed: Settings) -> None:
    with pytest.raises(BadInput, match="correct-id-format"):
        runs.open_run(changed)
    proposal = changes.propose(changed, "An", "thông tư mới")
    assert list(proposal.changes) == [RULE]
    assert proposal.waits
    with pytest.raises(BadInput, match="correct-id-format"):
        runs.open_run(changed)
    done = changes.approve(changed, proposal.number, "An")
    assert (done.approved_by, done.waits) == ("An", False)
    assert changes.pending(changed) == []
    runs.open_run(changed)
    entry = last(changed, "approval")
    assert entry.details["approval"] == "single", "one-person use is said on each entry"
    assert last(changed, "proposal").details["rules"][RULE]["source"], "the row itself is kept"
    with pytest.raises(BadInput, match="dealt with"):
        changes.approve(changed, proposal.number, "Bình")


def test_two_are_needed_where_the_settings_say_so(changed: Settings) -> None:
    two = changed.model_copy(update={"approval": "two"})
    proposal = changes.propose(two, "Nguyễn An", "thông tư mới", role="officer")
    with pytest.raises(BadInput, match="second person"):
        changes.approve(two, proposal.number, "nguyen an ", role="officer")
    with pytest.raises(BadInput, match="password"):
        changes.approve(two, proposal.number, "Bình")
    assert changes.approve(two, proposal.number, "Bình", role="auditor").approved_by == "Bình"
    assert [last(two, kind).details["role"] for kind in ("proposal", "approval")] == ["officer", "auditor"]
    assert changes.pending(two) == []


def test_a_rule_that_contradicts_its_own_examples_is_not_even_proposed(changed: Settings, tmp_path: Path) -> None:
    code = tmp_path / "code"
    for name in PACKAGES:
        shutil.copytree(ROOT / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    lines = (code / "rules" / "correct.toml").read_text("utf-8").splitlines()
    at = lines.index('id = "correct-id-sex"')
    good, bad = (next(n for n in range(at, len(lines)) if lines[n].startswith(kind)) for kind in ("good", "bad"))
    lines[good], lines[bad] = lines[good].replace("good", "bad", 1), lines[bad].replace("bad", "good", 1)
    (code / "rules" / "correct.toml").write_text("\n".join(lines), encoding="utf-8")
    verb = (sys.executable, "-m", "pipelines.cli", "rules")
    for words in (("propose", "--by", "An", "--reason", "x"), ("preview",)):
        told = subprocess.run([*verb, *words, "-w", changed.workspace], cwd=code, capture_output=True, text=True)
        assert told.returncode == 2, told.stderr
        for fault in ("good example 1: the rule is broken by it", "bad example 1: the rule is followed by it"):
            assert f"correct.toml:{at} correct-id-sex: {fault}" in told.stderr
    assert changes.proposals(changed) == []


def test_a_refused_change_still_stops_the_night(changed: Settings) -> None:
    proposal = changes.propose(changed, "An", "thử")
    assert changes.approve(changed, proposal.number, "Bình", "không có căn cứ", refuse=True).refused_by == "Bình"
    assert [each.name for each in changes.pending(changed)] == [RULE]
    assert [each.refused_by for each in changes.proposals(changed)] == ["Bình"]


def test_what_changed_after_it_was_proposed_is_proposed_again(changed: Settings) -> None:
    proposal = changes.propose(changed, "An", "thử")
    with state.opened(changed) as engine, state.transaction(engine) as connection:
        audit_log.append(connection, "approval", {"changes": {RULE: [None, "1" * 64]}}, "Chi")
    with pytest.raises(BadInput, match="propose it again"):
        changes.approve(changed, proposal.number, "Bình")


@pytest.mark.parametrize(("by", "reason", "told"), [("", "vì", "--by"), ("An", " ", "--reason")])
def test_who_and_why_are_needed(changed: Settings, by: str, reason: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        changes.propose(changed, by, reason)


def test_nothing_new_is_no_proposal(settings: Settings) -> None:
    runs.open_run(settings)
    with pytest.raises(BadInput, match="nothing differs"):
        changes.propose(settings, "An", "thử")
    with pytest.raises(BadInput, match="no such proposal"):
        changes.approve(settings, 99, "An")


def test_an_order_waits_for_a_second_person(settings: Settings) -> None:
    two = settings.model_copy(update={"approval": "two"})
    with pytest.raises(BadInput, match="password"):
        give_order.plain(two, orders.CAP, Signed("An", NOON, "thi cử"), {"cap": 9})
    kept = give_order.plain(two, orders.CAP, Signed("An", NOON, "thi cử", "officer"), {"cap": 9})
    with state.opened(two) as engine, state.reading(engine) as connection:
        assert orders.ordered_cap(connection) is None
    changes.approve(two, kept["proposal"], "Bình", role="auditor")
    with state.opened(two) as engine, state.reading(engine) as connection:
        assert orders.ordered_cap(connection) == 9
    told = last(two, "order").details
    assert (told["approved_by"], told["role"], told["detail"]) == ("Bình", "officer", {"cap": 9})
    assert "proposal" not in give_order.plain(two, orders.PAUSE, Signed("An", NOON, "sự cố")), "stopping never waits"


def test_one_persons_order_says_so(settings: Settings) -> None:
    give_order.plain(settings, orders.CAP, Signed("An", NOON, "thi cử"), {"cap": 9})
    assert last(settings, "order").details["approval"] == "single"


def test_the_verbs(changed: Settings, sachsong: Sachsong) -> None:
    workspace = ("-w", str(changed.workspace))
    shown = json.loads(sachsong("rules", "list", "correct-id-format", *workspace, "--json").out)
    (rule,) = shown["rules"]
    assert rule["good"]
    assert rule["bad"]
    assert rule["source"]
    assert [each["name"] for each in shown["unapproved"]] == [RULE]
    assert "correct-id-format" in sachsong("rules", "list", "correct-id-format", *workspace).out
    (made,) = json.loads(sachsong("rules", "propose", "--by", "An", "--reason", "x", *workspace, "--json").out)
    assert str(made["number"]) in sachsong("rules", "list", *workspace).out
    done = sachsong("rules", "approve", str(made["number"]), "--by", "Bình", *workspace).out
    assert "Bình" in done
