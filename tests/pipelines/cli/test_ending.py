"""A command ends at once, and still does what Python's own ending would do for others."""

import subprocess
import sys
from pathlib import Path

import pytest

ENDS = """
import atexit, logging, sys, threading, time
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
from pipelines.cli.ending import end

pool = ThreadPoolExecutor(1)  # nobody closes it
pool.submit(int).result()

class Late:
    def __del__(self):
        print("visited")

kept = Late()
atexit.register(print, "registered")
threading.Thread(target=lambda: (time.sleep(0.2), print("waited"))).start()
sys.stderr.write("error")
sys.stdout.write("printed\\n")
end(4)
"""


def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, encoding="utf-8", timeout=60)


def test_threads_are_waited_for_and_registered_functions_called_but_no_object_is_visited() -> None:
    ended = ran("-c", ENDS)
    assert ended.returncode == 4
    assert ended.stdout.splitlines() == ["printed", "waited", "registered"]
    assert ended.stderr == "error"


@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["no-such-verb"], 2), (["audit", "log"], 2)])
def test_the_exit_code_is_the_commands(arguments: list[str], code: int, tmp_path: Path) -> None:
    where = ["--workspace", str(tmp_path / "none")] if arguments[0] == "audit" else []
    ended = ran("-m", "pipelines.cli", *arguments, *where)
    assert ended.returncode == code
    assert (ended.stdout if code == 0 else ended.stderr).strip()
