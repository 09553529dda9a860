"""Work cut into parts of whole sequences, which joblib's backends may run on other machines.

Threads share memory and need none of this: the engine cuts the work for threads by itself. A part
travels with a light copy of its driver in one message, so that another worker can run the part if
the first one dies. What comes back is small: rows of features, predictions or moments. Where a
batch is cut depends on the data alone, not on who runs the parts, and results come back in order.
So sums over parts are the same on every backend.
"""

import copy
import sys
from contextlib import nullcontext
from functools import partial
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed
from joblib.parallel import get_active_backend

from ... import _budgets
from ..._progress import Progress
from ..._threads import one_blas_thread


def streaming(readout):
    """How a readout may learn block by block: "merged", "in order" or, if not at all, None."""
    return getattr(readout, "streaming", None)


def merged(readouts):
    """Add up the fitted readouts of parts; None stands for a part without rows."""
    total = None
    for readout in readouts:
        if total is None:
            total = copy.deepcopy(readout)  # Ray's arrays are read-only
        elif readout is not None:
            total.merge(readout)
    if total is None:
        raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
    return total


def cut(batch, n_columns, least=1):
    """Cut a batch into parts of whole sequences, of at least ``least`` and up to STATES_BYTES."""
    width = max(n_columns, _budgets.INPUT_WEIGHT * batch.n_channels) * batch.values.itemsize
    most = _budgets.STATES_BYTES // width
    parts, first = [], 0
    while first < len(batch):
        last = int(np.searchsorted(batch.offsets, batch.offsets[first] + most, side="right")) - 1
        last = min(max(last, first + least), len(batch))
        parts.append(batch.part(first, last))
        first = last
    return parts


def rows_of(parts, steps=False):
    """Yield a slice for each part: its sequences, or its steps, in the batch that was cut."""
    start = 0
    for part in parts:
        stop = start + (len(part.values) if steps else len(part))
        yield slice(start, stop)
        start = stop


def _active(n_jobs):
    """The active backend, threads if the user names none, and its n_jobs."""
    backend, of_context = get_active_backend(prefer="threads")
    dask = getattr(sys.modules.get("distributed.utils"), "thread_state", None)
    if hasattr(dask, "execution_state"):
        return backend, 1  # within a task of Dask: tasks of tasks would hold more and more data
    given = [n for n in (n_jobs, of_context, backend.default_n_jobs) if n is not None]
    return backend, given[0]


def elsewhere(n_jobs):
    """Whether work goes to processes that do not share this one's memory."""
    backend, n_jobs = _active(n_jobs)
    return n_jobs != 1 and not getattr(backend, "supports_sharedmem", False)


class Work(NamedTuple):
    """How the work of an estimator is to be done.

    Attributes
    ----------
    name : str
        What progress is reported of.
    n_jobs : int or None
        Threads or workers, as in joblib.
    verbose : int
        Whether progress is reported.
    """

    name: str = ""
    n_jobs: int | None = None
    verbose: int = 0

    @classmethod
    def of(cls, estimator):
        """Read the parameters of an estimator that has them."""
        wishes = (getattr(estimator, name, None) for name in ("n_jobs", "verbose"))
        return cls(type(estimator).__name__, *wishes)

    def progress(self, total):
        """Progress of so many steps."""
        return Progress(self.name, total, self.verbose)


def portions(batch, n_columns, readout, work):
    """Parts for a prediction in other processes; the whole batch if this process predicts.

    Only a readout that can leave its moments behind is sent: another may be larger than the data.
    """
    if elsewhere(work.n_jobs) and hasattr(readout, "without_moments"):
        return cut(batch, n_columns)
    return [batch]


def light(readout):
    """Fitted readout without what can be made again from the rest of it."""
    return readout.without_moments() if hasattr(readout, "without_moments") else readout


def run(parts, task, /, *arguments, work, **options):
    """Yield ``task(part, *its arguments, progress=, **options)`` for every part, in order.

    Parameters
    ----------
    parts : list of Sequences
        Parts of a batch.
    task : callable
        A function of a driver, which travels with the task.
    *arguments : iterable
        Each with an item for every part.
    work : Work
        Whose ``n_jobs`` and ``verbose`` count.
    **options
        The same for all.
    """
    backend, n_jobs = _active(work.n_jobs)
    progress = work.progress(sum(len(part.values) for part in parts))
    limit, threads = nullcontext(), getattr(backend, "uses_threads", False)
    alone = n_jobs == 1 or len(parts) == 1
    options["progress"] = progress if alone or threads else None  # within a part, too
    calls = [partial(task, *each, **options) for each in zip(parts, *arguments, strict=True)]
    if alone:
        results = (call() for call in calls)
    else:
        if threads:
            limit = one_blas_thread()  # no threads of BLAS's own inside ours
        how = "generator" if backend.supports_return_generator else "list"
        parallel = Parallel(n_jobs=n_jobs, prefer="threads", return_as=how, batch_size=1)
        # a partial, not a function and arguments: Dask would keep arrays among the arguments on
        # one worker, and lose them with that worker
        results = parallel(delayed(call)() for call in calls)
    with limit:
        for part, result in zip(parts, results, strict=True):
            if not (alone or threads):
                progress.advance(len(part.values))
            yield result
