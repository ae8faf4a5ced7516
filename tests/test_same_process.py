"""What a test changes of its process is undone before the next one (`same_process_after` of conftest.py).

The tests of this file stand in order: the first leaves behind what commands leave, the second must not see it.
"""

import os
import signal
from pathlib import Path

from pipelines.cli import language

HERE, HANG_UP = Path.cwd(), signal.getsignal(signal.SIGHUP)


def test_a_command_leaves_its_process_changed(tmp_path: Path) -> None:
    language.choose("en")
    os.umask(0o077)
    signal.signal(signal.SIGHUP, lambda *_: None)
    os.environ["SACHSONG_LANG"] = "en"
    os.chdir(tmp_path)


def test_the_next_test_has_the_process_as_it_was() -> None:
    assert language.say("có dấu", "in English") == "có dấu"
    umask = os.umask(0o022)
    assert umask != 0o077
    assert signal.getsignal(signal.SIGHUP) == HANG_UP
    assert "SACHSONG_LANG" not in os.environ
    assert Path.cwd() == HERE
