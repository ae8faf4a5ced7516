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
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)
