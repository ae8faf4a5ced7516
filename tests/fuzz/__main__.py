"""Good files spoilt at random and read; a failing one is named by its number and can be made again.

python -m tests.fuzz --mutations 20000 --seed 1
python -m tests.fuzz --seed 1 --only 4711 --keep FOLDER     one of them again, the file kept to look at
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.fuzz.judge import Verdict, judged
from tests.fuzz.mutants import mutant
from tests.fuzz.search import BATCH, verdicts


def main() -> int:
    """Exit code: 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mutations", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first number (default 0)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", type=int, help="this number alone")
    parser.add_argument("--keep", type=Path, help="with --only: a folder for the file")
    chosen = parser.parse_args()
    if chosen.only is not None:
        return _one(chosen.seed, chosen.only, chosen.keep)
    started = time.monotonic()
    numbers = range(chosen.first, chosen.first + chosen.mutations)
    whole = _gathered(verdicts(chosen.seed, numbers, chosen.workers), chosen.seed)
    _told(whole, len(numbers), time.monotonic() - started)
    return int(bool(whole.faults))


def _gathered(verdicts: Iterable[Verdict], seed: int) -> Verdict:
    whole, ends = Verdict(), Counter[str]()
    for done, verdict in enumerate(verdicts, start=1):
        whole.faults += verdict.faults
        whole.counted += verdict.counted
        ends += verdict.ends
        for number, fault in verdict.faults:
            batch = f" (numbers {(done - 1) * BATCH} to {done * BATCH - 1})" if number < 0 else ""
            sys.stdout.write(f"FAULT --seed {seed} --only {number}{batch}: {fault}\n")
        if done % 20 == 0:
            sys.stdout.write(f"{done * BATCH} files\n")
        sys.stdout.flush()
    whole.ends = ends
    return whole


def _one(seed: int, number: int, keep: Path | None) -> int:
    made = mutant(seed, number)
    sys.stdout.write(f"{made.name}: {made.told}, {len(made.data)} bytes\n")
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / made.name).write_bytes(made.data)
    verdict = judged([made])
    sys.stdout.writelines(f"FAULT {fault}\n" for _, fault in verdict.faults)
    sys.stdout.write(f"{dict(verdict.ends)}\n")
    return int(bool(verdict.faults))


def _told(whole: Verdict, files: int, seconds: float) -> None:
    sys.stdout.write(f"{files} files in {seconds:.0f} s; rows counted here too in {whole.counted} sheets\n")
    sys.stdout.writelines(f"{count:7} {end}\n" for end, count in whole.ends.most_common())
    sys.stdout.write(f"{len(whole.faults)} faults\n")


if __name__ == "__main__":
    sys.exit(main())
