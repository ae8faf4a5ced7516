"""The verbs of the audit log, typed: entries, head, proof, key, signatures, and a head that was kept elsewhere."""

import json
import os
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.review import people
from pipelines.review.people import Role
from pipelines.workspace import merkle, state
from tests.pipelines.audit import whole
from tests.pipelines.audit.whole import RUN, change
from tests.pipelines.terminal import Sachsong

PASSWORD = "một câu dài và dễ nhớ"


@pytest.fixture
def workspace(audited: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SACHSONG_SIGNING_KEY", str(audited.signing_key_file))
    return whole.copy(audited, tmp_path / "carried").workspace


def test_the_last_entries_and_a_proof_for_one(workspace: Path, sachsong: Sachsong) -> None:
    (entry,) = json.loads(sachsong("audit", "log", "-w", workspace, "--kind", "order", "--json").out)
    assert (entry["entry"], entry["by"], entry["details"]["detail"]) == (2, "An", {"cap": 7})
    assert "order  An" in sachsong("audit", "log", "-w", workspace).out
    told = json.loads(sachsong("audit", "proof", 2, "-w", workspace, "--json").out)
    proof = [bytes.fromhex(each) for each in told["proof"]]
    assert sum(len(each) for each in proof) <= 1_024
    root = merkle.root_by_proof(told["line"].encode(), 2, told["size"], proof)
    head = json.loads(sachsong("audit", "head", "-w", workspace, "--json").out)
    assert root is not None
    assert (root.hex(), told["size"]) == (head["root"], head["size"])
    assert sachsong("audit", "proof", 99, "-w", workspace).code == 2
    assert sachsong("audit", "log", "-w", workspace, "--kind", "gossip").code == 2


def test_a_head_that_was_kept_finds_a_log_that_was_cut(workspace: Path, sachsong: Sachsong, tmp_path: Path) -> None:
    kept = tmp_path / "head.json"
    assert sachsong("audit", "head", "-w", workspace, "--out", kept).code == 0
    assert sachsong("audit", "verify", "-w", workspace, "--head", kept).code == 0
    change(workspace, "DELETE FROM audit_log WHERE entry = 8", "DELETE FROM decisions")
    assert sachsong("audit", "verify", "-w", workspace).code == 0, "the last act undone, with its entry"
    found = sachsong("audit", "verify", "-w", workspace, "--head", kept)
    assert found.code == 1
    assert str(kept) in found.out
    assert "8" in found.out


def test_a_key_is_made_once_and_read_by_its_owner_only(
    sachsong: Sachsong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config" / "signing.key"
    monkeypatch.setenv("SACHSONG_SIGNING_KEY", str(file))
    assert "audit key make" in sachsong("audit", "key", "show", "-w", tmp_path).err
    made = json.loads(sachsong("audit", "key", "make", "-w", tmp_path, "--json").out)
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(sachsong("audit", "key", "show", "-w", tmp_path, "--json").out) == made
    assert sachsong("audit", "key", "make", "-w", tmp_path).code == 2
    file.chmod(0o644)
    assert "chmod 600" in sachsong("audit", "key", "show", "-w", tmp_path).err


def test_once_there_are_accounts_their_passwords_sign(
    workspace: Path, sachsong: Sachsong, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with state.opened(Settings(workspace=workspace)) as engine, state.transaction(engine) as connection:
        for name, role in (("an", Role.officer), ("binh", Role.auditor), ("chi", Role.reviewer)):
            made = people.add(connection, name, role, ["students-79"] if role is Role.reviewer else [], "test")
            people.change_password(connection, people.find(connection, name), made, PASSWORD)
    typed = ("audit", "sign", RUN, "-w", workspace, "--by")
    refused = sachsong(*typed, "an")
    assert (refused.code, "--password-fd" in refused.err) == (2, True)
    monkeypatch.setenv("SACHSONG_PASSWORD", PASSWORD)
    assert sachsong(*typed, "an").code == 0
    assert "SACHSONG_PASSWORD" not in os.environ, "no child process inherits it"
    kept = tmp_path / "password"
    for word, by, code in ((f"{PASSWORD}\n", "binh", 0), ("another one\n", "binh", 2), (f"{PASSWORD}\n", "chi", 2)):
        kept.write_text(word, encoding="utf-8")
        with kept.open() as file:
            assert sachsong(*typed, by, "--password-fd", file.fileno()).code == code, by
    (signed,) = json.loads(sachsong("audit", "signatures", "-w", workspace, "--json").out)
    assert signed["complete"]
    assert [(each["by"], each["role"]) for each in signed["signatures"]] == [("an", "officer"), ("binh", "auditor")]


def test_two_persons_sign(workspace: Path, sachsong: Sachsong) -> None:
    for by in ("An", "Bình"):
        assert sachsong("audit", "sign", RUN, "--by", by, "-w", workspace).code == 0
    (signed,) = json.loads(sachsong("audit", "signatures", "-w", workspace, "--json").out)
    assert (signed["persons"], signed["complete"]) == (2, True)
    assert "An" in sachsong("audit", "signatures", RUN, "-w", workspace).out
