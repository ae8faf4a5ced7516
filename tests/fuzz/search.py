"""Many spoilt files, some at a time, on several processes."""

import faulthandler
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from tests.fuzz.judge import Verdict, judged
from tests.fuzz.mutants import mutant

BATCH = 50
"""Files read in one run."""
_HUNG_S = 900
"""After this long a batch that does not even hear the alarm is ended, with where it hangs."""


def verdicts(seed: int, numbers: Sequence[int], workers: int) -> Iterator[Verdict]:
    """Each batch's verdict, in order; a process that died is one, and ends the search."""
    spawning = multiprocessing.get_context("spawn")
    batches = [(seed, list(numbers[at : at + BATCH])) for at in range(0, len(numbers), BATCH)]
    with ProcessPoolExecutor(workers, mp_context=spawning) as pool:
        yield from _in_order(pool, batches)


def _in_order(pool: ProcessPoolExecutor, batches: Sequence[tuple[int, list[int]]]) -> Iterator[Verdict]:
    coming = [pool.submit(_batch, batch) for batch in batches]
    for (_, numbers), verdict in zip(batches, coming, strict=True):
        try:
            yield verdict.result()
        except BrokenProcessPool:
            yield Verdict(faults=[(-1, f"a process died at {numbers[0]}–{numbers[-1]} or a batch beside it")])
            return


def _batch(batch: tuple[int, list[int]]) -> Verdict:
    seed, numbers = batch
    faulthandler.dump_traceback_later(_HUNG_S, exit=True)
    try:
        return judged([mutant(seed, number) for number in numbers])
    finally:
        faulthandler.cancel_dump_traceback_later()
