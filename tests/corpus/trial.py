"""One case tried: made, read (twice), standardised, compared with the table; the disk is looked at before and after."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import BadInput
from tests.corpus.make import make
from tests.corpus.outcome import differences, read_again, refusal_of_all, run_over, tree
from tests.corpus.table import Case


def faults(case: Case, folder: Path, *, again: bool = True) -> list[str]:
    """Everything in which the case does not behave as the table says; an exception is one of them.

    `again`: the inbox is also read a second time, which must say the same.
    """
    workspace, inbox = folder / "workspace", folder / "workspace" / "inbox"
    (folder / "outside").mkdir(parents=True)
    (folder / "outside" / "secret.csv").write_text(_SECRET, encoding="utf-8")
    make(case, inbox)
    before = tree(inbox), tree(folder / "outside")
    with temporary_files_in(folder / "temporary") as temporary:
        try:
            first = run_over(workspace, case.sector)
            repeated = read_again(workspace, case.sector, first) if again else []
        except BadInput as refusal:
            return refusal_of_all(case, refusal)
        except Exception as fault:
            return [f"{type(fault).__name__} escaped: {str(fault)[:300]}"]
        left = tree(temporary)
    found = [*differences(case, first), *repeated]
    if (tree(inbox), tree(folder / "outside")) != before or left:
        found.append(f"something outside the workspace was touched, or left in the temporary folder: {len(left)}")
    if extra := sorted(path.name for path in workspace.iterdir() if path.name not in _OWN):
        found.append(f"left in the workspace: {', '.join(extra)}")
    return found


_SECRET = "Họ và tên,Ngày sinh,Giới tính,Số CCCD\nBí Mật,01/01/1990,Nam,079090009999\n"
_OWN = ("inbox", "work", "state.sqlite", "linked")


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[Path]:
    """Meanwhile whatever asks for a temporary file, child processes too, gets it in that folder."""
    folder.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    stated = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        if stated is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = stated
