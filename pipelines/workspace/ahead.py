"""Works on the next item while the caller is still busy with the last one."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")


def one_ahead(items: Iterable[Item], work: Callable[[Item], Done]) -> Iterator[tuple[Item, Done]]:
    """Each item with what `work` returns for it, in order; two items are held at a time.

    Errors: what `items` or `work` raises, once the items before it were given.
    """
    with ThreadPoolExecutor(1) as beside:
        waiting: tuple[Item, Future[Done]] | None = None
        for item in items:
            begun = item, beside.submit(work, item)
            if waiting:
                yield waiting[0], waiting[1].result()
            waiting = begun
        if waiting:
            yield waiting[0], waiting[1].result()
