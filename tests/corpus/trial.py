"""One case tried: made, read twice, standardised, compared with the table, and the disk looked at before and after."""

import tempfile
from pathlib import Path

from pipelines.errors import BadInput
from tests.corpus.make import make
from tests.corpus.outcome import Outcome, differences, refusal_of_all, run_over, tree
from tests.corpus.table import Case


def faults(case: Case, folder: Path) -> list[str]:
    """Everything in which the case does not behave as the table says; an exception is one of them."""
    workspace, inbox = folder / "workspace", folder / "workspace" / "inbox"
    (folder / "outside").mkdir(parents=True)
    (folder / "outside" / "secret.csv").write_text(_SECRET, encoding="utf-8")
    make(case, inbox)
    before = tree(inbox), tree(folder / "outside"), _temporary()
    try:
        first = run_over(workspace, case.sector)
        second = run_over(workspace, case.sector)
    except BadInput as refusal:
        return refusal_of_all(case, refusal)
    except Exception as fault:
        return [f"{type(fault).__name__} escaped: {str(fault)[:300]}"]
    found = [*differences(case, first), *_repetition(first, second)]
    if (tree(inbox), tree(folder / "outside"), _temporary()) != before:
        found.append("something outside the workspace was touched")
    if extra := sorted(path.name for path in workspace.iterdir() if path.name not in _OWN):
        found.append(f"left in the workspace: {', '.join(extra)}")
    return found


_SECRET = "Họ và tên,Ngày sinh,Giới tính,Số CCCD\nBí Mật,01/01/1990,Nam,079090009999\n"
_OWN = ("inbox", "work", "state.sqlite", "linked")


def _temporary() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).iterdir()}


def _repetition(first: Outcome, second: Outcome) -> list[str]:
    return [
        f"read again, {name} is another"
        for name in ("files", "rejected", "core")
        if not getattr(first, name).equals(getattr(second, name))
    ]
