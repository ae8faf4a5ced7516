"""The night under Prefect: quiet, resumable after a kill, seen by the operator; retries by the type of the error."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml

import flows
from pipelines import errors
from pipelines.config import Run, Settings
from pipelines.night.hops import HOPS, Hop

ROOT = Path(flows.__file__).parent
NIGHT = "2026-11-22"
REGISTRY = """person_id,full_name,date_of_birth,sex,province,commune
001312000007,Trần Thị Bình,2012-07-04,Nữ,01,00004
"""
STUDENTS = """ho_ten,ngay_sinh,gioi_tinh,so_dinh_danh,ma_tinh,ma_hoc_sinh
Trần Thị Bình,04/07/2012,Nữ,001312000007,01,0100000001
"""


@dataclass(frozen=True)
class Night:
    """What is left of a night that was killed after its first hop and then run again."""

    home: Path
    workspace: Path
    printed_before_kill: str
    second: subprocess.CompletedProcess[str]

    @property
    def prefect(self) -> Path:
        """Where Prefect keeps its own things."""
        return self.workspace / "work" / "prefect"

    def rows(self, sql: str) -> list[tuple[str, ...]]:
        """From the server's database, as the operator's pages would show it."""
        with closing(sqlite3.connect(self.prefect / "prefect.db")) as connection:
            return connection.execute(sql).fetchall()


def _leave_traps(home: Path) -> None:
    """In the home and in the folder of the command: a Prefect server that does not answer, named in every way."""
    (home / ".prefect").mkdir()
    url = 'PREFECT_API_URL = "http://127.0.0.1:9/api"\n'
    (home / ".prefect" / "profiles.toml").write_text(f'active = "cloud"\n[profiles.cloud]\n{url}', encoding="utf-8")
    (home / ".env").write_text(f"{url}PREFECT_PROFILES_PATH={home}/.prefect/profiles.toml\n", encoding="utf-8")
    (home / "prefect.toml").write_text('[api]\nurl = "http://127.0.0.1:9/api"\n', encoding="utf-8")
    (home / "pyproject.toml").write_text('[tool.prefect.api]\nurl = "http://127.0.0.1:9/api"\n', encoding="utf-8")


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The only flow that is started for real, as the officer starts it: two processes, one of them killed."""
    home, workspace = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("workspace")
    (workspace / "inbox" / "students").mkdir(parents=True)
    (workspace / "inbox" / "students" / "school.csv").write_text(STUDENTS, encoding="utf-8")
    (workspace / "registry.csv").write_text(REGISTRY, encoding="utf-8")
    command = [sys.executable, ROOT / "flows.py", "nightly", "--workspace", workspace, "--night", NIGHT, "--ask-past"]
    command += ["--registry", workspace / "registry.csv"]
    _leave_traps(home)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    environment = kept | {
        "HOME": str(home),
        "PYTHONUNBUFFERED": "1",
        "http_proxy": "http://127.0.0.1:9",
        "SSL_CERT_FILE": "/gone",
    }
    first = subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.PIPE, text=True, umask=0)
    assert first.stdout is not None
    printed = first.stdout.readline()
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=300, umask=0)
    return Night(home=home, workspace=workspace, printed_before_kill=printed, second=second)


def test_nobody_but_the_owner_reads_the_workspace(night: Night) -> None:
    # The inbox's file and the registry lay there before, as the umask of this process makes files.
    found = [night.workspace, *night.workspace.rglob("*")]
    assert {path.name for path in found} >= {".lock", "state.sqlite", "gateway.sqlite", "prefect.db", "server.log"}
    assert [path for path in found if path.stat().st_mode & 0o077] == []


def test_the_officer_reads_our_lines_only(night: Night) -> None:
    assert night.second.returncode == 0, night.second.stderr
    assert night.second.stderr == ""
    assert "prefect" not in night.second.stdout.lower()
    assert [hop.title_vi for hop in HOPS if f"✓ {hop.title_vi}" in night.second.stdout] == [
        hop.title_vi for hop in HOPS
    ]


def test_a_killed_night_goes_on_where_it_was(night: Night) -> None:
    assert HOPS[0].title_vi in night.printed_before_kill
    assert [path.name for path in (night.workspace / "runs").iterdir()] == [f"{NIGHT}-1"]
    started = night.rows("SELECT name, state_type FROM task_run ORDER BY start_time")
    assert ("read", "COMPLETED") in started
    assert night.rows("SELECT name, state_type FROM flow_run ORDER BY created DESC LIMIT 1") == [
        (f"night-{NIGHT}", "COMPLETED")
    ]


def test_no_server_outlives_a_killed_night(night: Night) -> None:
    """The database's lock file would otherwise belong to somebody."""
    mentions = [
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/environ")
        if os.fsencode(f"PREFECT_HOME={night.prefect}") in _bytes(path)
    ]
    assert mentions == []


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_each_hop_is_a_task_once_in_order(night: Night) -> None:
    last = "SELECT id FROM flow_run ORDER BY created DESC LIMIT 1"
    tasks = night.rows(
        f"SELECT name FROM task_run WHERE flow_run_id = ({last}) AND state_type = 'COMPLETED' ORDER BY start_time"
    )
    assert [name for (name,) in tasks] == [hop.name for hop in HOPS]


def test_the_operator_sees_figures_progress_and_the_way_to_the_summary(night: Night) -> None:
    artifacts = dict(night.rows("SELECT key, data FROM artifact WHERE key IS NOT NULL ORDER BY updated"))
    assert float(artifacts["progress"]) == 100
    assert "**Nhận:** 1 tệp" in json.loads(artifacts["glance"])
    assert json.loads(json.loads(artifacts["figures"])) == [{"records": 1, "sector": "students", "status": "verified"}]
    assert (night.workspace / "runs" / f"{NIGHT}-1" / "reports" / "summary.html").as_uri() in artifacts["summary"]


def test_prefect_keeps_no_personal_data(night: Night) -> None:
    for path in night.prefect.rglob("*"):
        assert b"001312000007" not in _bytes(path), path
        assert "Trần Thị Bình".encode() not in _bytes(path), path


def test_nothing_is_written_outside_the_workspace(night: Night) -> None:
    left = {str(path.relative_to(night.home)) for path in night.home.rglob("*")}
    assert left == {".prefect", ".prefect/profiles.toml", ".env", "prefect.toml", "pyproject.toml"}
    assert not (ROOT / "prefect.db").exists()
    assert not (ROOT / "storage").exists()


# What needs no server


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(settings=Settings(workspace=tmp_path, night=date(2026, 11, 22)), run_id=f"{NIGHT}-1")


def test_a_hop_as_a_task_does_what_the_hop_does(run: Run) -> None:
    hop = Hop("read", "Đọc tệp", "read", lambda run: {"rows": len(run.run_id)})
    assert flows.hop_task(hop).fn(run) == {"rows": 12}


@pytest.mark.parametrize(
    ("error", "tried_again"),
    [
        (errors.GatewayDown("tắt"), True),
        (errors.GatewayTimeout("chậm"), True),
        (errors.CapReached("hết"), True),
        (errors.BadInput("no_files", "trống"), False),
        (errors.Unbalanced("mất dòng"), False),
        (OSError(28, "disk full"), False),
    ],
)
def test_only_a_transient_error_is_tried_again(error: Exception, tried_again: bool) -> None:
    """The condition that Prefect asks, with the state that it asks it with."""
    from prefect.states import Failed

    task = flows.hop_task(HOPS[0])
    assert task.retry_condition_fn is flows.is_transient
    assert task.retries == len(flows.RETRY_DELAYS_S) == 3
    assert flows.is_transient(task, None, Failed(data=error)) is tried_again  # type: ignore[arg-type]


def test_the_deployment_file_says_what_the_flow_says() -> None:
    (deployment,) = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    assert deployment["entrypoint"] == "flows.py:nightly"
    assert deployment["name"] == "nightly"
    (schedule,) = deployment["schedules"]
    assert (schedule["cron"], schedule["timezone"]) == (flows.SCHEDULE.cron, flows.SCHEDULE.timezone)
    Settings.model_validate(deployment["parameters"]["settings"])
