"""What the command line promises: quick help, one clear message, the right exit code."""

import errno
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.night import hops, runs
from pipelines.registry import load as registries
from pipelines.workspace import lock, state
from tests.pipelines.terminal import Sachsong

REGISTRY = "person_id,full_name,date_of_birth,sex\n079087001234,Nguyễn Văn An,1987-09-05,Nam\n"
LIST = "ho_ten,ngay_sinh,gioi_tinh,so_cccd\nNguyễn Văn An,05/09/1987,Nam,079087001234\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_help_imports_nothing_heavy() -> None:
    heavy = "great_expectations prefect polars duckdb sqlalchemy"
    program = (
        "import sys\nfrom pipelines.cli import app\n"
        "try: app.main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in '{heavy}'.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")


def test_one_file_against_one_registry(tmp_path: Path, sachsong: Sachsong) -> None:
    registry, list_ = write(tmp_path / "r.csv", REGISTRY), write(tmp_path / "a.csv", LIST)
    arguments = ("match", "--registry", registry, "--sector", "insurance", "--input", list_, "--out", tmp_path / "out")
    code, out, _ = sachsong(*arguments, "--json")
    assert code == 0
    assert json.loads(out)["link"] == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "issues.parquet",
        "links.parquet",
        "rejected.parquet",
    ]


def test_a_mapping_file_says_what_a_header_means(tmp_path: Path, sachsong: Sachsong) -> None:
    registry, list_ = write(tmp_path / "r.csv", REGISTRY), write(tmp_path / "a.csv", LIST.replace("so_cccd", "Mã XYZ"))
    arguments = ("match", "--registry", registry, "--sector", "insurance", "--input", list_, "--out", tmp_path / "out")
    assert sachsong(*arguments)[0] == 2
    mapping = write(tmp_path / "mapping.toml", '[columns]\n"Mã XYZ" = "id_number"\n')
    code, out, _ = sachsong(*arguments, "--mapping", mapping, "--json")
    assert (code, json.loads(out)["link"]) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("nightly", "--workspace", "{w}"), 2, "sachsong registry load"),
        (("nightly", "--workspace", "{w}", "--registry", "{w}/r.csv"), 2, "insurance, students, vaccination"),
        (("registry", "load", "--workspace", "{w}", "--registry", "{w}/none.csv"), 2, "none.csv"),
        (("report", "--workspace", "{w}"), 2, "sachsong nightly"),
        (("link", "--workspace", "{w}"), 2, "sachsong nightly"),
        (("audit", "verify", "--workspace", "{w}"), 2, "sachsong nightly"),
        (("match", "--registry", "{w}/r.csv", "--sector", "x", "--input", "{w}/r.csv", "--out", "{w}/o"), 2, "«x»"),
        (("nightly", "--cap", "-1"), 2, "--cap"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_bad_usage_is_one_message(
    tmp_path: Path, sachsong: Sachsong, arguments: tuple[str, ...], code: int, told: str
) -> None:
    write(tmp_path / "r.csv", REGISTRY)
    ended, _, error = sachsong(*(argument.format(w=tmp_path) for argument in arguments))
    assert ended == code
    assert told in error
    assert "Traceback" not in error


def test_our_own_fault_shows_no_value(sachsong: Sachsong, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("079087001234 Nguyễn Văn An")

    monkeypatch.setattr("pipelines.cli.queue.settings", fail)
    code, _, error = sachsong("queue", "status")
    assert code == 3
    assert "ValueError" in error
    assert "Nguyễn" not in error


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 3, "the disk is full"),
        (OSError("IO Error: Could not write: No space left on device"), 3, "the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/w/work"), 2, "/srv/w/work"),
        (OSError(errno.EROFS, "Read-only file system", "/srv/w/.lock"), 2, "/srv/w/.lock"),
        (OSError(errno.EIO, "Input/output error"), 3, "our fault"),
    ],
)
def test_the_disks_refusals_are_told_with_the_remedy(
    sachsong: Sachsong, monkeypatch: pytest.MonkeyPatch, error: OSError, code: int, told: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("pipelines.cli.queue.settings", fail)
    ended, _, said = sachsong("queue", "status")
    assert (ended, told in said) == (code, True)


@pytest.mark.parametrize("verb", ["nightly", "registry load", "report --again"])
def test_nothing_is_written_under_a_night_that_runs(tmp_path: Path, sachsong: Sachsong, verb: str) -> None:
    """Its hops must all see the same registry, and its files are its own."""
    registry = write(tmp_path / "r.csv", REGISTRY)
    settings = Settings(workspace=tmp_path / "w", night=date(2026, 11, 22))
    write(settings.inbox_directory / "insurance" / "a.csv", LIST)
    registries.load(settings, registry)
    night = runs.open_run(settings)
    for hop in hops.HOPS if verb.startswith("report") else ():
        hops.run_hop(night, hop)
    pointer = settings.registry_directory / "current.json"
    before = pointer.read_bytes()
    write(registry, REGISTRY + "079087001235,Nguyễn Văn Ba,1988-09-05,Nam\n")
    given = [] if verb.startswith("report") else ["--registry", registry]
    with lock.exclusive(settings):
        code, _, error = sachsong(*verb.split(), "--workspace", settings.workspace, *given)
    assert (code, "another run" in error) == (2, True)
    assert pointer.read_bytes() == before


def test_a_report_written_again_keeps_its_night_cap_and_inbox(tmp_path: Path, sachsong: Sachsong) -> None:
    settings = Settings(
        workspace=tmp_path / "w", inbox=tmp_path / "arrived", night=date(2026, 11, 22), daily_cap=7, threads=1
    )
    write(tmp_path / "arrived" / "insurance" / "a.csv", LIST)
    registries.load(settings, write(tmp_path / "r.csv", REGISTRY))
    night = runs.open_run(settings)
    for hop in hops.HOPS:
        hops.run_hop(night, hop)
    before = json.loads((night.directory / "manifest.json").read_bytes())
    assert sachsong("report", "--workspace", settings.workspace, "--again")[0] == 0
    after = json.loads((night.directory / "manifest.json").read_bytes())
    assert before.pop("execution")["inbox"] == after.pop("execution")["inbox"]
    # What it is made from has the random sample of its first writing now, which it keeps.
    assert before.pop("archive") != after.pop("archive")
    assert before == after
    assert sachsong("audit", "verify", "--workspace", settings.workspace)[0] == 0
    assert [each["night"] for each in state.past_nights(settings)] == ["2026-11-22"]
    night.database.unlink()
    for again in ([], ["--again"]):
        code, _, error = sachsong("report", "--workspace", settings.workspace, *again)
        assert (code, "sachsong nightly" in error) == (2, True)


def test_an_interruption_says_how_to_go_on(sachsong: Sachsong, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipelines.cli.queue.settings", stop)
    code, _, error = sachsong("queue", "status")
    assert (code, "the same command" in error) == (130, True)


def test_the_version_and_the_completion_are_told_offline(sachsong: Sachsong) -> None:
    assert sachsong("--version")[1].startswith("sachsong ")
    assert "_sachsong_completion" in sachsong("--show-completion", "bash")[1]


def test_the_verbs_are_told_in_the_order_of_use(sachsong: Sachsong) -> None:
    out = sachsong("--help")[1]
    told = [line.split()[0] for line in out.partition("Commands:")[2].splitlines() if line.strip()]
    assert told[:4] == ["registry", "load", "nightly", "report"]


def test_a_date_is_typed_as_iso_or_as_vietnamese_write_it(
    tmp_path: Path, sachsong: Sachsong, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SACHSONG_WORKSPACE", str(tmp_path / "w"))
    with state.opened(Settings(workspace=tmp_path / "w")):
        pass
    typed = ("2026-11-22", "22/11/2026")
    days = {json.loads(sachsong("queue", "status", "--night", day, "--json")[1])["day"] for day in typed}
    assert days == {"2026-11-22"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("load", "{w}/r.csv", "--sector", "studens"), "«students»?"),
        (("queue", "cap", "-5", "--by", "Lan", "--reason", "thử"), "cap: must be 0 or more"),
        (("evaluate", "--truth", "{w}/none.csv", "--links", "{w}/none.parquet"), "none.parquet"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, sachsong: Sachsong, arguments: tuple[str, ...], told: str) -> None:
    write(tmp_path / "r.csv", REGISTRY)
    code, _, error = sachsong(*(each.format(w=tmp_path) for each in arguments))
    assert (code, told in error) == (2, True), error
