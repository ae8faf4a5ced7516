"""Explanations from a run's tables: which record, which run, which registry; and the command that shows them."""

import json
from pathlib import Path

import pytest

from pipelines import cli
from pipelines.config import Run, Settings
from pipelines.errors import BadInput
from pipelines.link.hop import link
from pipelines.night.progress import Progress, save_progress
from pipelines.registry import snapshot as snapshots
from pipelines.registry.snapshot import Snapshot
from pipelines.review import explain
from pipelines.review.explain import Wanted
from pipelines.workspace import run_schema, run_tables
from tests.matching.tables import core, record
from tests.matching.tables import registry as write_snapshot
from tests.matching.test_stages import HANH, PEOPLE

LINKED, TWIN, NOBODY = range(3)
ROWS = [
    record("Trần Hồng Hạnh", "1990-12-07", "Nữ", "079190123456"),
    record("Nguyen Minh An", "2000-05-06", "Nam", None),
    record("Phạm Quốc Khánh", "1999-09-02", "Nam", None),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A linked night of three pupils; the second row stands in two sheets."""
    settings = Settings(workspace=tmp_path_factory.mktemp("workspace"), threads=2, memory_mb=512)
    settings.registry_directory.mkdir()
    path = write_snapshot(settings.registry_directory, PEOPLE)
    snapshot = Snapshot(
        path=Path(path.name), sha256="0" * 64, source_file="r.csv", people=len(PEOPLE), rejected=0, code="0"
    )
    (settings.registry_directory / snapshots.POINTER).write_text(snapshot.model_dump_json(), encoding="utf-8")
    made = Run(settings=settings, run_id="2026-11-22-1")
    pupils = core([*ROWS, ROWS[TWIN] | {"sheet": "2"}])
    with run_tables.connect(made) as connection:
        for sector in ("insurance", "vaccination"):
            run_tables.replace_table(connection, run_schema.core_table(sector), core([]))
        run_tables.replace_table(connection, run_schema.core_table("students"), pupils)
        connection.execute("UPDATE core_students SET source_row = 3 WHERE sheet = '2'")
    link(made)
    made.directory.mkdir(parents=True)
    manifest = {"registry": {"path": path.name}}
    (made.directory / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    save_progress(made, Progress(fingerprint="", inbox=None, daily_cap=0, done={"link": {}}))
    return made


def test_by_id(run: Run) -> None:
    (found,) = explain.explain(run.settings, Wanted(record_id="r0000"))
    assert (found.decision, found.status) == ("link", "wrong_information")
    assert found.weight == pytest.approx(found.recorded_weight), "by the night's own habits"


def test_by_file_and_row_all_that_fit(run: Run) -> None:
    found = explain.explain(run.settings, Wanted(file="a.csv", row=3), "2026-11-22-1")
    assert [each.sheet for each in found] == ["", "2"]
    (one,) = explain.explain(run.settings, Wanted(file="a.csv", row=3, sheet="2"))
    assert one.sheet == "2"
    assert "id" in (one.corrections or ())


@pytest.mark.parametrize(
    ("wanted", "run_id", "code"),
    [
        (Wanted(record_id="r9999"), None, "unknown_record"),
        (Wanted(file="a.csv", row=99), None, "unknown_record"),
        (Wanted(file="a.csv"), None, "no_record"),
        (Wanted(), None, "no_record"),
        (Wanted(record_id="r0000"), "2020-01-01-1", "no_run"),
    ],
)
def test_what_cannot_be_explained_is_told(run: Run, wanted: Wanted, run_id: str | None, code: str) -> None:
    with pytest.raises(BadInput) as told:
        explain.explain(run.settings, wanted, run_id)
    assert told.value.code == code


def test_tables_or_registry_that_are_gone_are_told(run: Run, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as told:
        explain.explain(Settings(workspace=tmp_path), Wanted(record_id="r0000"))
    assert told.value.code == "no_run"
    manifest = run.directory / "manifest.json"
    kept = manifest.read_bytes()
    manifest.write_text('{"registry": {"path": "other.parquet"}}', encoding="utf-8")
    try:
        with pytest.raises(BadInput) as told:
            explain.explain(run.settings, Wanted(record_id="r0000"))
        assert told.value.code == "registry_gone"
    finally:
        manifest.write_bytes(kept)


def test_a_picture_of_one_record(run: Run, tmp_path: Path) -> None:
    found = explain.explain(run.settings, Wanted(record_id="r0000"))
    explain.draw(found, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert text.startswith("<svg xmlns=")
    assert "r0000" in text
    for several in (found * 2, explain.explain(run.settings, Wanted(record_id=f"r000{NOBODY}"))):
        with pytest.raises(BadInput):
            explain.draw(several, tmp_path / "b.svg")
    assert not (tmp_path / "b.svg").exists()


def command(capsys: pytest.CaptureFixture[str], run: Run, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        cli.main(["explain", "--workspace", str(run.settings.workspace), *arguments])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def test_the_command_marks_and_weighs_without_the_registrys_values(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = command(capsys, run, "r0000")
    assert code == 0
    for told in ("Trần [␣] Hồng Hạnh", "[07]/[12]/1990", "Số định danh đúng", "ngày và tháng đổi chỗ", "079*****3456"):
        assert told in out
    for secret in (str(HANH["full_name"]), "Trần Thị", "079190123456", "12/07"):
        assert secret not in out


def test_the_command_as_json_and_its_bad_usage(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = command(capsys, run, "--file", "a.csv", "--row", "3", "--json")
    assert (code, len(json.loads(out))) == (0, 2)
    code, _, error = command(capsys, run, "r9999")
    assert (code, "links.parquet" in error) == (2, True)
