"""Ends the process of a command at once.

Python's own ending visits each of half a million objects, which the operating system gives back anyway: a quarter of a
second in which an officer waits for nothing.
"""

import atexit
import logging
import os
import sys
import threading
from typing import NoReturn


def end(code: int) -> NoReturn:
    """Ends this process with the exit code, after what Python's own ending would do for others.

    Threads that are no daemons are waited for, registered functions are called, and what was printed is written.
    """
    # Python's own: it also ends idle workers of a pool that nobody closed, which else would be waited for without end.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)
