"""Two persons sign a night; whatever changes afterwards makes their signatures void, and that is seen."""

import shutil
from pathlib import Path

import pytest

from pipelines.audit import sign_off
from pipelines.audit.verify_all import verify_all
from pipelines.config import Settings
from pipelines.errors import BadInput
from pipelines.report.hop import report
from pipelines.review import people
from pipelines.review.people import Role
from pipelines.workspace import audit_log, persons, state
from tests.pipelines.audit.whole import change
from tests.pipelines.filled_run import make_run

RUN = "2026-11-22-1"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    run = make_run(tmp_path_factory.mktemp("signed"))
    report(run)
    return run.settings


@pytest.fixture
def settings(original: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(original.workspace, tmp_path / "carried")
    return original.model_copy(update={"workspace": tmp_path / "carried"})


def test_two_persons_sign_a_night(settings: Settings) -> None:
    assert sign_off.signatures(settings) == []
    one = sign_off.sign(settings, RUN, "Nguyễn Văn An")
    assert (one.persons, one.is_complete) == (1, False)
    with pytest.raises(BadInput, match="another person"):
        sign_off.sign(settings, RUN, " nguyen van  AN ")
    two = sign_off.sign(settings, RUN, "Trần Thị Bình")
    assert two.is_complete
    assert [each.by for each in two.signatures] == ["Nguyễn Văn An", "Trần Thị Bình"]
    assert [fault for fault in verify_all(settings) if fault.kind == "sign_off"] == []


def test_once_there_are_accounts_a_typed_name_signs_nothing(settings: Settings) -> None:
    sign_off.sign(settings, RUN, "An")
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        people.add(connection, "binh", Role.auditor, [], "test")
    with pytest.raises(BadInput, match="password"):
        sign_off.sign(settings, RUN, "binh")
    signed = sign_off.sign(settings, RUN, "binh", role="auditor")
    assert [(each.by, each.role) for each in signed.signatures] == [("An", None), ("binh", "auditor")]


def test_a_department_signs_its_list(settings: Settings) -> None:
    name = min(path.stem for path in (settings.runs_directory / RUN / "reports" / "lists").glob("*.xlsx"))
    sign_off.sign(settings, RUN, "An", name)
    sign_off.sign(settings, RUN, "An")
    assert [(each.listed, each.persons) for each in sign_off.signatures(settings, RUN)] == [(None, 1), (name, 1)]
    assert sign_off.signatures(settings, "2026-11-23-1") == []


@pytest.mark.parametrize(
    ("by", "run_id", "listed", "told"),
    [
        (" ", RUN, None, "--by"),
        ("An", "2026-11-23-1", None, "no such finished run"),
        ("An", RUN, "schools", "no such list"),
    ],
)
def test_nobody_signs_nothing(settings: Settings, by: str, run_id: str, listed: str | None, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        sign_off.sign(settings, run_id, by, listed)


@pytest.mark.parametrize("name", ["reports/summary.html", "manifest.json", "links.parquet"])
def test_a_signature_is_void_once_anything_changes(settings: Settings, name: str) -> None:
    sign_off.sign(settings, RUN, "An")
    with (settings.runs_directory / RUN / name).open("ab") as file:
        file.write(b" ")
    (signed,) = sign_off.signatures(settings)
    assert signed.persons == 0
    assert name.rpartition("/")[2] in (signed.signatures[0].void or "")
    assert "sign_off" in {fault.kind for fault in verify_all(settings)}
    with pytest.raises(BadInput, match=name):
        sign_off.sign(settings, RUN, "Bình")


def test_a_signature_is_void_when_the_log_was_touched(settings: Settings) -> None:
    sign_off.sign(settings, RUN, "An")
    change(settings.workspace, "UPDATE audit_log SET line = replace(line, 'An', 'Ân') WHERE kind = 'sign_off'")
    (signed,) = sign_off.signatures(settings)
    assert signed.persons == 0


def test_a_night_that_was_done_again_is_signed_again(settings: Settings) -> None:
    sign_off.sign(settings, RUN, "An")
    with state.opened(settings) as engine, state.transaction(engine) as connection:
        audit_log.append(connection, "reopened", {"run_id": RUN, "hop": "report"}, "sachsong")
    run = make_run(settings.workspace)
    report(run)
    (signed,) = sign_off.signatures(settings)
    assert "done again" in (signed.signatures[0].void or "")
    assert sign_off.sign(settings, RUN, "An").persons == 1
    assert [fault for fault in verify_all(settings) if fault.kind == "sign_off"] == []


def test_names_are_compared_without_marks_and_case() -> None:
    assert persons.key("  Đặng  Quốc Bảo") == persons.key("dang quoc bao")
    assert persons.key("An") != persons.key("Ân Nguyễn")
