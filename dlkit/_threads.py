"""How many threads BLAS may use: one for small problems, and inside threads of our own.

Threads of BLAS wait for one another many times in a small decomposition. Where another process
wants the processor at that moment, the wait takes a hundred times as long as the work.
"""

from contextlib import contextmanager, nullcontext
from functools import lru_cache
from threading import Lock

from threadpoolctl import ThreadpoolController

# Floating-point operations that take one thread some milliseconds.
SMALL = 5e8

_lock = Lock()
_inside = []  # the limit in force, and a token for each of those that asked for it


@lru_cache(maxsize=1)
def _controller():
    return ThreadpoolController()  # looking for the libraries takes longer than most fits


@contextmanager
def one_blas_thread():
    """Hold BLAS to one thread; for the whole process, until the last of those who ask is done."""
    with _lock:
        if not _inside:
            _inside.append(_controller().limit(limits=1, user_api="blas"))
        _inside.append(None)
    try:
        yield
    finally:
        with _lock:
            _inside.pop()
            if len(_inside) == 1:
                _inside.pop().restore_original_limits()


def blas_for(operations):
    """Threads of BLAS for a problem of so many floating-point operations."""
    return one_blas_thread() if operations < SMALL else nullcontext()
