"""How many threads there are: of our own as asked, of BLAS one inside them and for small problems.

Threads of BLAS wait for one another many times in a small decomposition. Where another process
wants the processor at that moment, the wait takes a hundred times as long as the work.
"""

from contextlib import nullcontext
from functools import lru_cache
from threading import current_thread, main_thread

from joblib import cpu_count
from joblib.parallel import get_active_backend
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


def effective_threads(n_jobs):
    """Threads of our own that ``n_jobs`` means; joblib's backends of other kinds are not asked.

    They are a plain pool: joblib takes 11 ms to start one, more than many a run.
    """
    backend, of_context = get_active_backend(prefer="threads", require="sharedmem")
    given = next(n for n in (n_jobs, of_context, 1) if n is not None)
    threads = backend.effective_n_jobs(given)
    return threads if threads == 1 else min(threads, cpu_count())  # which reads files, for 0.2 ms
