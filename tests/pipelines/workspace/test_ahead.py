"""Work one item ahead: order, what is held, and errors."""

from collections.abc import Iterator

import pytest

from pipelines.workspace.ahead import one_ahead


def test_the_results_come_in_the_order_of_the_items() -> None:
    assert list(one_ahead(range(5), lambda n: n * n)) == [(0, 0), (1, 1), (2, 4), (3, 9), (4, 16)]
    assert list(one_ahead([], str)) == []


def test_no_more_than_the_next_item_is_read() -> None:
    read: list[int] = []

    def items() -> Iterator[int]:
        for n in range(5):
            read.append(n)
            yield n

    for item, _ in one_ahead(items(), str):
        assert len(read) <= item + 2


def test_an_error_comes_after_the_items_before_it() -> None:
    each = one_ahead([1, 2, 0, 4], lambda n: 6 // n)
    assert [next(each), next(each)] == [(1, 6), (2, 3)]
    with pytest.raises(ZeroDivisionError):
        next(each)
