"""One step of a benchmark in a process of its own, with what it cost."""

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks.link import peak_mb


def alone(step: Callable[..., Any], *arguments: Any) -> Any:
    """The step's answer from a process of its own.

    Shape: where the answer is a dict it also has `processor_seconds` (child processes included) and `peak_mb`.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_with_cost, step, *arguments).result()


def _with_cost(step: Callable[..., Any], *arguments: Any) -> Any:
    before = sum(os.times()[:4])
    found = step(*arguments)
    if not isinstance(found, dict):
        return found
    # What the processors did, whoever else used the machine.
    return {**found, "processor_seconds": round(sum(os.times()[:4]) - before, 2), "peak_mb": peak_mb()}


def machine() -> dict[str, Any]:
    """Processors, load and pace of the machine as they are now: whoever reads a figure must know how quiet it was.

    `pace_seconds`: the least of three times that one processor takes for ten million squares in Python. A shared
    machine may be slow without a load of its own: figures of two days compare only where this does not differ.
    """
    return {
        "cpus": os.cpu_count(),
        "load": [round(each, 1) for each in os.getloadavg()],
        "pace_seconds": round(min(_pace() for _ in range(3)), 2),
        "at": time.strftime("%F %T"),
    }


def _pace() -> float:
    began = time.process_time()
    sum(each * each for each in range(10_000_000))
    return time.process_time() - began
