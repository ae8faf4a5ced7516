"""A name at the terminal is proven by its account's password where that is needed; failures are counted and logged."""

import shutil
from pathlib import Path

import pytest

from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.review import people, proof, second_factor
from pipelines.review.people import Role
from pipelines.review.proof import Proven
from pipelines.review.web.roles import Act
from pipelines.workspace import audit_log, state
from tests.pipelines.review.authenticator import app_code

GOOD = "một câu dài và dễ nhớ"


def never() -> str:
    raise AssertionError("no password is asked for")


def account(settings: Settings, name: str, role: Role, *tenants: str, chosen: bool = True) -> str:
    """The password of a new account."""
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        made = people.add(connection, name, role, tenants, "test")
        if not chosen:
            return made
        people.change_password(connection, people.find(connection, name), made, GOOD)
        return GOOD


def logged(settings: Settings, kind: str) -> list[tuple[str, dict[str, object]]]:
    with state.opened(settings) as engine, state.reading(engine) as connection:
        return [(entry.by, entry.details) for entry in audit_log.entries(connection, kind)]


def test_before_there_are_accounts_one_persons_name_is_typed(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path)
    assert proof.at_terminal(settings, " Nguyễn  An", Act.propose, never) == Proven("Nguyễn An", None)
    with state.opened(settings):
        pass
    assert proof.at_terminal(settings, "An", Act.propose, never) == Proven("An", None)
    with pytest.raises(BadInput, match="--by"):
        proof.at_terminal(settings, " ", Act.propose, never)


def test_where_two_are_needed_there_must_be_accounts(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path, approval="two")
    with state.opened(settings):
        pass
    with pytest.raises(BadInput, match="review user add"):
        proof.at_terminal(settings, "An", Act.propose, never)


def test_once_there_is_an_account_names_are_proven(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path)
    account(settings, "an", Role.officer)
    assert proof.at_terminal(settings, "An", Act.approve, lambda: GOOD) == Proven("an", "officer")
    for name, password in (("an", "x"), ("an", ""), ("hunter2", GOOD)):
        with pytest.raises(BadInput, match="wrong name or password"):
            proof.at_terminal(settings, name, Act.approve, lambda password=password: password)
    failed = [(by, details["act"]) for by, details in logged(settings, "sign_in")]
    assert failed == [("an", "failed"), ("an", "failed"), ("unknown", "failed")]
    assert "hunter2" not in str(logged(settings, "sign_in"))


def test_who_fails_five_times_waits_even_with_the_right_password(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path)
    account(settings, "an", Role.officer)
    for _ in range(5):
        with pytest.raises(BadInput, match="wrong"):
            proof.at_terminal(settings, "an", Act.approve, lambda: "x")
    with pytest.raises(BadInput, match="15 minutes"):
        proof.at_terminal(settings, "an", Act.approve, lambda: GOOD)


def test_who_has_a_second_factor_is_asked_for_a_code_once_the_password_is_right(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path)
    account(settings, "an", Role.officer)
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        key_file = settings.second_factor_key_file
        secret = second_factor.begin(connection, "an", key_file).text.replace(" ", "")
        code = app_code(secret)
        (recovery, *_) = second_factor.confirm(connection, "an", code, key_file) or []
    with pytest.raises(BadInput, match="wrong"):
        proof.at_terminal(settings, "an", Act.approve, lambda: "x", never)
    with pytest.raises(BadInput, match="wrong"):
        proof.at_terminal(settings, "an", Act.approve, lambda: GOOD, lambda: code)
    assert proof.at_terminal(settings, "an", Act.approve, lambda: GOOD, lambda: recovery) == Proven("an", "officer")
    assert [details["act"] for _, details in logged(settings, "sign_in")] == ["failed", "failed_code"]


def test_a_password_that_somebody_else_made_proves_nobody(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path)
    made = account(settings, "an", Role.officer, chosen=False)
    with pytest.raises(BadInput, match="made by somebody else"):
        proof.at_terminal(settings, "an", Act.approve, lambda: made)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.officer, {Act.propose, Act.approve, Act.approve_corrections, Act.sign_night, Act.sign_list}),
        (Role.auditor, {Act.approve, Act.sign_night, Act.sign_list}),
        (Role.second, {Act.sign_list}),
        (Role.reviewer, set()),
        (Role.administrator, {Act.propose}),
    ],
)
def test_the_role_decides_who_may(tmp_path: Path, role: Role, allowed: set[Act]) -> None:
    settings = Settings(workspace=tmp_path)
    account(settings, "an", role, *(["students-79"] if role in (Role.reviewer, Role.second) else []))
    for act in (Act.propose, Act.approve, Act.approve_corrections, Act.sign_night, Act.sign_list):
        if act in allowed:
            assert proof.at_terminal(settings, "an", act, lambda: GOOD).role == role
        else:
            with pytest.raises(BadInput, match="does not allow"):
                proof.at_terminal(settings, "an", act, lambda: GOOD)
            assert logged(settings, "refused")[-1] == ("an", {"path": f"terminal: {act}", "role": role})


def test_a_second_reviewer_signs_lists_of_their_own_tenants_only(written: Run, tmp_path: Path) -> None:
    shutil.copytree(written.settings.workspace, tmp_path / "copied")
    settings = written.settings.model_copy(update={"workspace": tmp_path / "copied"})
    folder = settings.runs_directory / written.run_id / "reports" / "lists"
    name = min(path.stem for path in folder.glob("*-[0-9][0-9].xlsx"))
    account(settings, "an", Role.second, name)
    account(settings, "binh", Role.second, "land-98")
    of = f"{written.run_id}/{name}"
    assert proof.at_terminal(settings, "an", Act.sign_list, lambda: GOOD, of=of) == Proven("an", "second")
    with pytest.raises(BadInput, match="does not allow"):
        proof.at_terminal(settings, "binh", Act.sign_list, lambda: GOOD, of=of)
    with pytest.raises(BadInput, match="does not allow"):
        proof.at_terminal(settings, "an", Act.sign_night, lambda: GOOD, of=written.run_id)
