"""Some spoilt files read in one run, and what is wrong with what came out."""

import resource
import shutil
import signal
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import polars as pl

from tests.corpus.outcome import Outcome, run_over, tree
from tests.fuzz.mutants import Mutant

SECTOR = "insurance"
LIMIT_S = 120
MEMORY_LIMIT_MB = 1_000


@dataclass
class Verdict:
    """What became of some files."""

    faults: list[tuple[int, str]] = field(default_factory=list)
    """A mutant's number (-1: none can be named), and what is wrong."""
    ends: Counter[str] = field(default_factory=Counter)
    """How many sheets or files were read, and refused by which code."""
    counted: int = 0
    """Files whose rows were also counted here."""


class TooSlow(Exception):
    """A run took longer than it may."""


def judged(mutants: Sequence[Mutant]) -> Verdict:
    """The files' verdict from one run over all of them; where that fails as a whole, from a run for each."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        verdict = _run(mutants, folder)
    except Exception as fault:
        if len(mutants) == 1:
            told = "".join(traceback.format_exception(fault)[-3:])
            return Verdict(faults=[(mutants[0].number, f"{type(fault).__name__} escaped:\n{told}")])
        return _each(mutants, fault)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return verdict


def _each(mutants: Sequence[Mutant], fault: Exception) -> Verdict:
    whole = Verdict()
    for mutant in mutants:
        one = judged([mutant])
        whole.faults += one.faults
        whole.ends += one.ends
        whole.counted += one.counted
    if not whole.faults:
        whole.faults.append((-1, f"{mutants[0].number}–{mutants[-1].number} together, not singly: {fault!r}"))
    return whole


def _run(mutants: Sequence[Mutant], folder: Path) -> Verdict:
    workspace, inbox = folder / "workspace", folder / "workspace" / "inbox" / SECTOR
    inbox.mkdir(parents=True)
    for mutant in mutants:
        (inbox / mutant.name).write_bytes(mutant.data)
    before, held = tree(inbox), _Memory()
    with _time_limit(LIMIT_S):
        outcome = run_over(workspace, SECTOR)
    verdict = Verdict()
    verdict.faults += [(-1, fault) for fault in _of_all(outcome)]
    for mutant in mutants:
        _judge(mutant, outcome, verdict)
    if tree(inbox) != before or sorted(path.name for path in folder.iterdir()) != ["workspace"]:
        verdict.faults.append((-1, "something outside the workspace was touched"))
    if set(path.name for path in workspace.iterdir()) - {"inbox", "work", "state.sqlite"}:
        verdict.faults.append((-1, f"left in the workspace: {[path.name for path in workspace.iterdir()]}"))
    verdict.faults += [(-1, f"{memory:.0f} MB of memory") for memory in held.new_peaks() if memory > MEMORY_LIMIT_MB]
    return verdict


class _Memory:
    """What a run took, where it took more than anything before it in this process: other tests ran here too."""

    def __init__(self) -> None:
        self._own, self._children = self._peaks()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        self._now = pages * resource.getpagesize() / 2**20

    @staticmethod
    def _peaks() -> tuple[float, float]:
        own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return own.ru_maxrss / 1024, children.ru_maxrss / 1024

    def new_peaks(self) -> Iterator[float]:
        """Megabytes that this process gained, and its largest child; neither where an earlier peak hides it."""
        own, children = self._peaks()
        if own > self._own:
            yield own - self._now
        if children > self._children:
            yield children


def _of_all(outcome: Outcome) -> Iterator[str]:
    if outcome.core["record_id"].n_unique() != outcome.core.height:
        yield "record ids are not unique"
    places = pl.concat(
        [frame.select("source_file", "sheet", "source_row") for frame in (outcome.core, _rows(outcome.rejected))]
    )
    if places.is_duplicated().any():
        yield f"in two places: {places.filter(places.is_duplicated()).unique().head(5).rows()}"


def _rows(rejected: pl.DataFrame) -> pl.DataFrame:
    return rejected.filter(pl.col("source_row").is_not_null())


def _judge(mutant: Mutant, outcome: Outcome, verdict: Verdict) -> None:
    of_it = (pl.col("source_file") == mutant.name) | pl.col("source_file").str.starts_with(f"{mutant.name}/")
    files, rejected, core = (frame.filter(of_it) for frame in (outcome.files, outcome.rejected, outcome.core))
    verdict.ends.update(code or "read" for code in files["refused"])
    wrong: list[str] = []
    if files.is_empty():
        wrong.append("`files` does not tell of it")
    if files.filter(pl.col("refused").is_not_null() & (pl.col("message").fill_null("").str.len_chars() < 20)).height:
        wrong.append("refused without a sentence")
    counted, taken, refused = (int(files[name].sum()) for name in ("rows_counted", "rows_read", "rows_rejected"))
    if counted != taken + refused:
        wrong.append(f"counted {counted}, but {taken} read and {refused} rejected")
    if (taken, refused) != (core.height, _rows(rejected).height):
        wrong.append(f"`files` tells of {taken} and {refused}, there are {core.height} and {_rows(rejected).height}")
    if mutant.rows is not None:
        wrong += _miscounted(mutant, files, verdict)
    verdict.faults += [(mutant.number, f"{mutant.told}: {fault}") for fault in wrong]


def _miscounted(mutant: Mutant, files: pl.DataFrame, verdict: Verdict) -> list[str]:
    """In what the file's rows below the header differ from those counted here."""
    rows = mutant.rows or {}
    wrong = []
    for told in files.to_dicts():
        filled = rows.get(told["sheet"]) or (next(iter(rows.values())) if len(rows) == 1 else None)
        if (
            filled is None
            or told["header_row"] is None
            or ((told["encoding"] or "").startswith("utf-16") and "" in rows)
        ):
            continue
        verdict.counted += 1
        below = sum(filled[told["header_row"] :])
        if told["rows_counted"] != below:
            wrong.append(f"{told['rows_counted']} rows counted below row {told['header_row']}, there are {below}")
    return wrong


@contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    def late(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds} s")

    before: Any = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
