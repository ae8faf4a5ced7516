"""The corpus to look at, and how each case fares today.

python -m tests.corpus FOLDER          every case's files, a folder each, and INDEX.txt
python -m tests.corpus --try [WORD…]   reads them (those whose name or topic holds a word) and tells the differences
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.corpus.make import make
from tests.corpus.table import Case, cases


def main() -> int:
    """Exit code: 1 if a case that is tried differs from the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="where to write the files")
    parser.add_argument("--try", dest="words", nargs="*", help="read the cases and tell in what they differ")
    chosen = parser.parse_args()
    if chosen.words is not None:
        return _try([case for case in cases() if _asked(case, chosen.words)])
    if chosen.folder is None:
        parser.error("a folder is needed, or --try")
    for case in cases():
        make(case, chosen.folder / case.topic / case.name)
    lines = [f"{case.topic}/{case.name}\n    {case.vi}\n    {case.en}" for case in cases()]
    (chosen.folder / "INDEX.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(lines)} cases in {chosen.folder}\n")
    return 0


def _asked(case: Case, words: list[str]) -> bool:
    return not words or any(word in f"{case.topic}/{case.name}" for word in words)


def _try(chosen: list[Case]) -> int:
    from tests.corpus.trial import faults  # only here: files can be made without the product

    wrong = 0
    for case in chosen:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            found = faults(case, Path(folder))
        wrong += bool(found)
        mark = "differs" if found else "as stated"
        known = f" (known: {case.xfail})" if case.xfail else ""
        sys.stdout.write(f"{mark:9} {time.monotonic() - started:5.1f} s  {case.topic}/{case.name}{known}\n")
        sys.stdout.writelines(f"            {fault}\n" for fault in found)
    sys.stdout.write(f"{len(chosen) - wrong} of {len(chosen)} as stated\n")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
