"""Work cut into blocks of whole sequences, which joblib's backends may run on other machines.

Threads share memory and need none of this: the engine cuts its work for them by itself. A block
travels with a light copy of its estimator, everything in one message, so that it can be run again
elsewhere should its worker die. What comes back is small: feature rows, predictions or moments.
How a batch is cut depends on the data alone, never on who runs it, and results come in order: sums
over blocks are the same on every backend.
"""

import copy
import sys
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import numpy as np
from joblib import Parallel, delayed
from joblib.parallel import get_active_backend

from ... import _budgets
from ..._progress import Progress
from ..._threads import one_blas_thread
from .._models.reservoir import Reservoir


def streaming(readout):
    """How a readout may learn from blocks: "merged", "in order" or, if it needs all rows, None."""
    return getattr(readout, "streaming", None)


def merged(readouts):
    """Add up the fitted readouts of blocks; None stands for a block without rows."""
    total = None
    for readout in readouts:
        if total is None:
            total = copy.deepcopy(readout)  # Ray's come read-only
        elif readout is not None:
            total.merge(readout)
    if total is None:
        raise ValueError("sample_weight must sum to more than zero, got all-zero weights.")
    return total


def cut(batch, n_columns, least=1):
    """Cut a batch into blocks of whole sequences, of at least ``least`` and up to STATES_BYTES."""
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
    """Yield a slice for each block: its sequences, or its steps, in the batch it was cut from."""
    start = 0
    for part in parts:
        stop = start + (len(part.values) if steps else len(part))
        yield slice(start, stop)
        start = stop


def _active(n_jobs):
    """The backend in force, threads where the user names none, and the n_jobs it will be given."""
    backend, of_context = get_active_backend(prefer="threads")
    dask = getattr(sys.modules.get("distributed.utils"), "thread_state", None)
    if hasattr(dask, "execution_state"):
        return backend, 1  # in a task of Dask's already: tasks within tasks would pile up data
    given = [n for n in (n_jobs, of_context, backend.default_n_jobs) if n is not None]
    return backend, given[0]


def elsewhere(n_jobs):
    """Whether work goes to processes that do not share this one's memory."""
    backend, n_jobs = _active(n_jobs)
    return n_jobs != 1 and not getattr(backend, "supports_sharedmem", False)


def portions(estimator, batch):
    """Blocks for a prediction elsewhere; the whole batch where it is better made here.

    A readout that cannot make itself small may be larger than the data, and stays.
    """
    if elsewhere(estimator.n_jobs) and hasattr(estimator.readout_, "without_moments"):
        return cut(batch, estimator._n_columns)
    return [batch]


def traveller(estimator, *fitted):
    """Light copy of an estimator for a task.

    It has the parameters that say how a reservoir is run, not those that say how it is drawn,
    and of the fitted attributes only those named.
    """
    left = {"readout", *estimator._drawn}
    params = {k: v for k, v in estimator.get_params(deep=False).items() if k not in left}
    light = type(estimator)(**params)
    light.n_jobs, light.verbose = 1, 0
    for name in fitted:
        if name in vars(estimator):
            setattr(light, name, _light(vars(estimator)[name]))
    return light


def _light(fitted):
    """Fitted attribute without what can be made again from the rest of it."""
    if isinstance(fitted, Reservoir):  # replacing nothing drops the scaled matrix
        return replace(fitted, recurrent=replace(fitted.recurrent))
    return fitted.without_moments() if hasattr(fitted, "without_moments") else fitted


def run(estimator, parts, task, /, *arguments, **options):
    """Yield ``task(part, *its arguments, **options)`` for every part, in order.

    Parameters
    ----------
    estimator : BaseReservoir
        Whose ``n_jobs`` and ``verbose`` count.
    parts : list of Sequences
        Blocks.
    task : callable
        A method of a `traveller`.
    *arguments : iterable
        Each with an item for every part.
    **options
        The same for all.
    """
    backend, n_jobs = _active(estimator.n_jobs)
    total = sum(len(part.values) for part in parts)
    progress = Progress(type(estimator).__name__, total, estimator.verbose)
    calls = [partial(task, *each, **options) for each in zip(parts, *arguments, strict=True)]
    limit, threads = nullcontext(), getattr(backend, "uses_threads", False)
    alone = n_jobs == 1 or len(parts) == 1
    if alone or threads:
        task.__self__.progress = progress  # within a block, too
    if alone:
        results = (call() for call in calls)
    else:
        if threads:
            limit = one_blas_thread()  # no threads of BLAS's own inside ours
        how = "generator" if backend.supports_return_generator else "list"
        parallel = Parallel(n_jobs=n_jobs, prefer="threads", return_as=how, batch_size=1)
        # a partial, not a function and arguments: arrays among the arguments Dask would leave
        # with one worker, to be lost with it
        results = parallel(delayed(call)() for call in calls)
    with limit:
        for part, result in zip(parts, results, strict=True):
            if not (alone or threads):
                progress.advance(len(part.values))
            yield result
