"""Garbage is looked for rarely within the block, and as before after it, however it ended."""

import gc

import pytest

from pipelines.workspace.garbage import RARELY, rarely_collected


@rarely_collected()
def seen_within(fault: Exception | None) -> tuple[tuple[int, int, int], int]:
    """What the block sees, or the fault that ends it."""
    if fault:
        raise fault
    return gc.get_threshold(), gc.get_freeze_count()


def test_within_the_block_only() -> None:
    before = gc.get_threshold()
    thresholds, frozen = seen_within(None)
    assert thresholds == RARELY != before
    assert frozen > 0
    with pytest.raises(OSError, match="full"):
        seen_within(OSError("full"))
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
