"""Places where contenders run: a process each, which can be ended at any time, on any system."""

import gc
from concurrent.futures import Future

from joblib.externals.loky import ProcessPoolExecutor

from ._memory import resident

__all__ = ["Here", "Slot"]

ONE_THREAD = {
    name: "1"
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
}


def _begin(hello, *arguments):
    """First task of a process; what was imported stays, and need not be looked through."""
    found = hello(*arguments)
    gc.freeze()
    return found


class Slot:
    """A process that does one task at a time.

    loky starts it, which neither needs signals nor runs the user's script a second time.

    Parameters
    ----------
    hello : callable
        First task: returns the number of the process, and its speed.
    arguments : tuple
        Of all tasks.
    """

    def __init__(self, hello, *arguments):
        self._hello, self._arguments = hello, arguments
        self.start()

    def start(self):
        """Start a process, without waiting for it."""
        self._pool = ProcessPoolExecutor(max_workers=1, timeout=None, env=ONE_THREAD)
        self.pid = self.speed = None
        # no second task before the first is done: loky looks for it in vain if the process is ended
        self._ready = self._pool.submit(_begin, self._hello, *self._arguments)

    @property
    def ready(self):
        """Whether the process can begin."""
        if self.pid is None and self._ready.done():
            self.pid, self.speed = self._ready.result()
            self.before = resident(self.pid)
        return self.pid is not None

    def run(self, work, *arguments):
        """Begin a task; returns a future."""
        self.before = resident(self.pid)
        return self._pool.submit(work, *self._arguments, *arguments)

    @property
    def grown(self):
        """Bytes held beyond those before the task; NaN where the system does not say."""
        return resident(self.pid) - self.before if self.pid else float("nan")

    def here(self):
        """Return what does the same in this process."""
        self.end()
        return Here(self._hello, *self._arguments)

    def end(self):
        """End the process, whatever it does."""
        self._pool.shutdown(wait=False, kill_workers=True)


class Here:
    """In this process, where no other can be started: nothing can be ended."""

    def __init__(self, hello, *arguments):
        self._arguments = arguments
        self.pid, self.speed = hello(*arguments)

    ready, grown = True, float("nan")

    def start(self):
        """Nothing to start."""

    def run(self, work, *arguments):
        """Do a task; returns a future that is done."""
        future = Future()
        try:
            future.set_result(work(*self._arguments, *arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def end(self):
        """Nothing to end."""
