"""Whatever happens to the terminal, the work goes on and ends with its own exit code."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.cli import output_stream

WORK = """
import sys
from pathlib import Path
from pipelines.cli.output_stream import outlive_terminal
outlive_terminal()
for number in range(2000):
    print("✓ đã đọc «Nguyễn Thị Ngọc Ánh»", number)
    print("Lỗi", number, file=sys.stderr)
sys.stdout.flush()
Path(sys.argv[1]).write_text("done")
raise SystemExit(int(sys.argv[2]))
"""


@pytest.mark.parametrize(
    "terminal",
    [
        "| head -1 > /dev/null",
        "2>&1 | head -1 > /dev/null",
        "2>&1 | true",
        "> /dev/full",
        "> /dev/full 2>&1",
        "2> /dev/full > /dev/null",
        ">&-",
        "2>&- > /dev/null",
        ">&- 2>&-",
        "<&- >&- 2>&-",
    ],
)
def test_the_exit_code_is_the_works_own(tmp_path: Path, terminal: str) -> None:
    done = tmp_path / "done"
    script = f'set -o pipefail; "$0" -c "$1" "$2" 7 {terminal}'
    ended = subprocess.run(
        ["bash", "-c", script, sys.executable, WORK, str(done)], stdout=subprocess.DEVNULL, check=False
    )
    assert done.read_text() == "done"  # also: the file did not become the closed output
    assert ended.returncode == 7


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "✓ Đặng Thị Ngọc — «Quế» ₫ №"),
        ("ascii", 'v Dang Thi Ngoc - "Que" ? No'),
        ("latin-1", "v Dang Thi Ngoc - «Qu\u00ea» ? No"),
        ("cp1258", "v Đă\u0323ng Thi\u0323 Ngo\u0323c — «Quê\u0301» ₫ No"),
    ],
)
def test_a_letter_that_the_encoding_lacks_becomes_the_nearest(encoding: str, shown: str) -> None:
    program = "from pipelines.cli.output_stream import *; outlive_terminal(); print('✓ Đặng Thị Ngọc — «Quế» ₫ №')"
    told = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        check=True,
    )
    assert told.stdout.decode(encoding).rstrip("\n") == shown


def test_json_loses_nothing_in_ascii() -> None:
    program = (
        "from pipelines.cli.output_stream import outlive_terminal; outlive_terminal();"
        "from pipelines.cli.show.console import show_json; show_json({'title': 'Bảo hiểm'})"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, env=os.environ | {"PYTHONIOENCODING": "ascii"}, check=True
    )
    assert json.loads(told.stdout.decode("ascii")) == {"title": "Bảo hiểm"}


def test_a_name_that_is_no_text_is_shown_all_the_same() -> None:
    program = "from pipelines.cli.output_stream import outlive_terminal; outlive_terminal(); print('t\\udcec.csv')"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert told.stdout == b"t?.csv\n"


def test_a_line_reaches_a_pipe_while_the_work_goes_on() -> None:
    """Not at the end only: whoever starts `sachsong gateway --json` waits for its address."""
    program = (
        "from pipelines.cli.output_stream import outlive_terminal; outlive_terminal();"
        "from pipelines.cli.show.console import show_json; show_json({'url': 'x'}); import sys; sys.stdin.read()"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as working:
        assert working.stdout is not None
        assert select.select([working.stdout], [], [], 20)[0], "nothing was written while the program still ran"
        assert working.poll() is None
        working.communicate(b"\n")


@pytest.mark.parametrize(("ends", "code"), [("", 0), ("output_stream.end_with_terminal()", -signal.SIGHUP)])
def test_work_outlives_its_session_and_a_view_does_not(ends: str, code: int) -> None:
    program = (
        # A test that ran the command line before in this process has made its children deaf.
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL);"
        f"from pipelines.cli import output_stream; output_stream.outlive_terminal(); {ends or 'pass'};"
        "print('ready'); import time; time.sleep(1)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as working:
        assert working.stdout is not None
        assert working.stdout.readline() == b"ready\n"
        working.send_signal(signal.SIGHUP)
        time.sleep(0.1)
    assert working.returncode == code


def test_a_stream_in_the_systems_place_is_left_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    before = sys.stdout
    output_stream.outlive_terminal()
    assert sys.stdout is before
    sys.stdout.write("còn đây")
    assert capsys.readouterr().out == "còn đây"
    assert not output_stream.is_lost(sys.stdout)
