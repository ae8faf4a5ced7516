"""What a command of `sachsong` prints and its exit code, as the person who typed it sees them."""

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import pytest

from pipelines.cli import app


class Printed(NamedTuple):
    """What is left of a command."""

    code: int
    out: str
    err: str


Sachsong = Callable[..., Printed]
"""`sachsong("queue", "cap", 300)`: the words of the command line, of any type."""


def typed(capsys: pytest.CaptureFixture[str], *words: object) -> Printed:
    """The command of these words, run in this process."""
    with pytest.raises(SystemExit) as end:
        app.main([str(word) for word in words])
    printed = capsys.readouterr()
    return Printed(int(end.value.code or 0), printed.out, printed.err)


VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯ\u0300\u0301\u0303\u0309\u0323]")


def marked(text: str) -> list[str]:
    """The marks of the text that only Vietnamese has: none in an English one."""
    return VIETNAMESE.findall(unicodedata.normalize("NFD", text)) + re.findall("[đĐ]", text)
