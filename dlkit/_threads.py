"""How many threads there are: of our own as asked, of BLAS one inside them and wherever it can be.

Threads of BLAS share a product in equal parts, and wait for one another by spinning. Where another
process has the core of one of them, the others wait for its next turn, many times in a single
decomposition: with one busy process beside, some took a hundred times as long. So BLAS is held to
one thread in all but the largest decompositions, and large products are cut into more pieces than
there are threads, which our own take as they come.
"""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from itertools import islice
from numbers import Integral
from threading import current_thread, main_thread

from joblib import cpu_count
from joblib.parallel import get_active_backend
from threadpoolctl import ThreadpoolController

__all__ = [
    "blas_for",
    "effective_threads",
    "in_order",
    "mapping",
    "one_blas_thread",
    "rows_of_blas",
    "run_over",
]

# Floating-point operations of a decomposition each of whose steps takes several milliseconds,
# about as long as the system lets a process wait: from there, threads of BLAS gain more than that.
LARGE = 5e11


@lru_cache(maxsize=1)
def _controller():
    """Return what knows every BLAS in the process: NumPy and SciPy each bring one."""
    import scipy.linalg.blas  # noqa: F401 (which loads the second)

    return ThreadpoolController().select(user_api="blas")  # the look-up takes longer than most fits


@lru_cache(maxsize=1)
def rows_of_blas():
    """How many rows of a product BLAS takes at a time.

    The rows that are left over, OpenBLAS sums in another order on some processors: a row in a
    product whose number of rows is no multiple may differ in the last bit from the same row in
    another product. OpenBLAS's kernels for Haswell, which it uses for Zen too, take twelve rows;
    the others that were tried take eight or a divisor of eight.
    """
    kinds = {getattr(each, "architecture", None) for each in _controller().lib_controllers}
    return 12 if kinds & {"Haswell", "Zen"} else 8


_held = []  # the number of threads there were, while the main thread holds BLAS


@contextmanager
def one_blas_thread():
    """Context in which BLAS has one thread.

    The limit holds for the whole process, so only the main thread sets it: others would undo each
    other's, and each of several threads at work is one already.

    Its value is the number of threads of our own that a large product may use instead: as many as
    BLAS had, and one in other threads.
    """
    if current_thread() is not main_thread():
        yield 1
    elif _held:
        yield _held[0]
    else:
        libraries = _controller()
        threads = {library.get_num_threads() for library in libraries.lib_controllers}
        with nullcontext() if threads <= {1} else libraries.limit(limits=1):
            _held.append(max(threads, default=1))
            try:
                yield _held[0]
            finally:
                _held.clear()


def blas_for(operations):
    """Context with the threads that suit a decomposition of so many floating-point operations."""
    return one_blas_thread() if operations < LARGE else nullcontext()


def effective_threads(n_jobs):
    """Threads of our own that ``n_jobs`` means; joblib's backends of other kinds are not asked.

    They are a plain pool: joblib takes 11 ms to start one, more than many a run.
    """
    if not (n_jobs is None or (isinstance(n_jobs, Integral) and n_jobs != 0)):
        raise ValueError(f"n_jobs must be a whole number other than zero, or None, got {n_jobs!r}.")
    backend, of_context = get_active_backend(prefer="threads", require="sharedmem")
    given = next(n for n in (n_jobs, of_context, 1) if n is not None)
    threads = backend.effective_n_jobs(given)
    return threads if threads == 1 else min(threads, cpu_count())  # which reads files, for 0.2 ms


@contextmanager
def mapping(n_threads):
    """A function like ``map`` that works with so many threads, for as long as the context lasts.

    Results come in order. All items are taken at once, so they must be light.
    """
    if n_threads == 1:
        yield map
        return
    with ThreadPoolExecutor(n_threads) as pool:
        try:
            yield pool.map
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def run_over(items, work, n_threads):
    """Call ``work(item)`` for every item, in so many threads; results are dropped."""
    with mapping(n_threads) as each:
        for _ in each(work, items):
            pass


def in_order(work, items, n_threads):
    """Yield ``work(item)`` in order; no more items are taken ahead than there are threads."""
    if n_threads == 1:
        for item in items:
            yield work(item)
        return
    items = iter(items)
    with one_blas_thread(), ThreadPoolExecutor(n_threads) as pool:
        waiting = deque(pool.submit(work, item) for item in islice(items, n_threads))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(work, item) for item in islice(items, 1))
