"""Lets Python look for garbage rarely: a night makes millions of tuples, and none of them is in a cycle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = (100_000, 50, 100)
"""New objects before the youngest are looked through, and how many such looks before the older ones are: by default
700, 10 and 10, a sixth of the time in which questions are asked."""


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Runs the block so that what is in cycles is looked for rarely; what is there already, not at all."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
