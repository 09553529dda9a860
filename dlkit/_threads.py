"""How many threads BLAS may use: one for small problems, and inside threads of our own.

Threads of BLAS wait for one another many times in a small decomposition. Where another process
wants the processor at that moment, the wait takes a hundred times as long as the work.
"""

from contextlib import nullcontext
from functools import lru_cache
from threading import current_thread, main_thread

from threadpoolctl import ThreadpoolController

# Floating-point operations that take one thread some milliseconds.
SMALL = 5e8


@lru_cache(maxsize=1)
def _controller():
    return ThreadpoolController()  # looking for the libraries takes longer than most fits


def one_blas_thread():
    """Context in which BLAS has one thread.

    The limit holds for the whole process, so only the main thread sets it: others would undo each
    other's.
    """
    if current_thread() is not main_thread():
        return nullcontext()
    return _controller().limit(limits=1, user_api="blas")


def blas_for(operations):
    """Context with the threads that suit a problem of so many floating-point operations."""
    return one_blas_thread() if operations < SMALL else nullcontext()
