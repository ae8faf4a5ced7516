"""The child process that opens workbooks: `python -m pipelines.files.workbooks.child` answers each line of JSON with
one.

A request is `{"path", "format", "folder"}`; an answer is `{"sheets": […]}` or `{"refused": code, "message"}`. The
process ends when its input does. Cells are never in an answer: they are in Arrow files in the folder.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

from pipelines.errors import UnreadableFile
from pipelines.files.workbooks import open_workbook
from pipelines.files.workbooks.survey import damaged

TIME_LIMIT_S = 130
"""The child ends itself after this long, in case its parent has died."""


def main() -> None:
    """Answers requests until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    # What libraries print is no answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    for line in sys.stdin:
        signal.alarm(TIME_LIMIT_S)
        _answer(answers, json.loads(line))
        signal.alarm(0)


def _answer(answers: TextIO, request: dict[str, str]) -> None:
    answers.write(json.dumps(read(request)) + "\n")
    answers.flush()


def read(request: dict[str, str]) -> dict[str, Any]:
    """The answer to one request."""
    try:
        return {"sheets": open_workbook.sheets(Path(request["path"]), request["format"], Path(request["folder"]))}
    except UnreadableFile as refusal:
        return _refused(refusal)
    except MemoryError:
        raise
    except Exception as fault:  # whatever a library makes of a hostile file
        return _refused(damaged(f"lỗi {type(fault).__name__}", type(fault).__name__))


def _refused(refusal: UnreadableFile) -> dict[str, Any]:
    return {"refused": refusal.code, "message": str(refusal)}


if __name__ == "__main__":
    main()
