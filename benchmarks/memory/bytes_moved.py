"""What crosses the wire when a fit is spread over processes, in bytes per step.

Protocol: each fit and prediction runs under a joblib backend that pickles every task and every
result, counts the bytes, and runs the tasks in this process, one after another. "data" are the
sequences and targets. "in" is all that is sent to the workers: data, reservoir, parameters. "back"
is all that the workers return. "states" is the size of the states, which are not sent. Times are
processor time of one core. "One core asks for" is (in + back) / time: the traffic that keeps one
worker busy. With --dask the work also runs on two worker processes of a Dask cluster. The bytes are
then half of what the loopback interface counted (Linux), because every byte passes that interface
twice: between client and scheduler and between scheduler and worker.
"""

import argparse
import pickle
import threading
import time
from pathlib import Path

import _above  # noqa: F401
import numpy as np
from _common import limit_threads, print_protocol, table
from joblib import parallel_config, register_parallel_backend
from joblib._parallel_backends import ThreadingBackend

from dlkit import ESNClassifier, ESNForecaster

SENT = {"in": 0, "back": 0, "tasks": 0}
TURN = threading.Lock()


class CountingBackend(ThreadingBackend):
    """Runs tasks here, from pickles and to pickles, one at a time, and counts the bytes."""

    supports_sharedmem = False
    uses_threads = False

    def submit(self, func, callback=None):
        """Pickle a task, and let a thread run it."""
        sent = pickle.dumps(func)

        def work():
            with TURN:
                back = pickle.dumps(pickle.loads(sent)())
            SENT["tasks"] += 1
            SENT["in"] += len(sent)
            SENT["back"] += len(back)
            return pickle.loads(back)

        return super().submit(work, callback)


def loopback():
    """Bytes the loopback interface has received so far."""
    lines = Path("/proc/net/dev").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.strip().startswith("lo:"))


def series(n, length, channels, seed=0):
    """Noisy oscillations of several frequencies."""
    r = np.random.RandomState(seed)
    t = np.arange(length)[:, None]
    frequency = r.uniform(0.05, 0.5, (n, 1, channels))
    return np.sin(frequency * t) + 0.1 * r.randn(n, length, channels)


def cases():
    """Yield a name, an estimator, X and y of each."""
    esn = ESNForecaster(random_state=0, washout=100, scaling=None)
    many = series(60, 20_000, 3)
    yield "forecaster, 500 units, 60 series of 20,000", esn, many, None
    yield "forecaster, 1000 units, 40 of them", esn.set_params(n_units=1000), many[:40], None
    dense = ESNForecaster(1000, topology="dense", random_state=0, washout=100, scaling=None)
    yield "forecaster, 1000 units, dense, 10 of them", dense, many[:10], None
    short, label = series(10_000, 100, 3, seed=1), np.arange(10_000) % 5
    esn = ESNClassifier(300, random_state=0)
    yield "classifier, 300 units, 10,000 of 100 steps", esn, short, label
    short, label = series(120_000, 20, 3, seed=2), np.arange(120_000) % 5
    yield "classifier, 300 units, 120,000 of 20 steps", esn, short, label


def measure(work, backend):
    """Seconds and bytes of one call."""
    SENT.update(dict.fromkeys(SENT, 0))
    before, start = loopback() if backend == "dask" else 0, time.process_time()
    with parallel_config(backend, n_jobs=2):
        work()
    seconds = time.process_time() - start
    return seconds, (loopback() - before if backend == "dask" else 0), dict(SENT)


def row(what, esn, X, y, work, backend):
    n = X.shape[0] * X.shape[1]
    seconds, wire, sent = measure(work, backend)
    if backend == "dask":
        return [what, wire / 2 / n]
    data = X.nbytes + (0 if y is None or "predict" in what else np.asarray(y).nbytes)
    states = 8 * esn._n_columns
    moved = sent["in"] + sent["back"]
    return [
        what, sent["tasks"], data / n, sent["in"] / n, sent["back"] / n, states,
        1e6 * seconds / n, f"{moved / seconds / 1e6:.1f} MB/s",
    ]  # fmt: skip


def run(backend):
    rows = []
    for name, esn, X, y in cases():
        esn.fit(X[:10], None if y is None else y[:10])  # compiled and warm
        for method, work in (
            ("fit", lambda esn=esn, X=X, y=y: esn.fit(X, y)),
            ("predict", lambda esn=esn, X=X: esn.predict(X)),
        ):
            rows.append(row(f"{name}: {method}", esn, X, y, work, backend))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dask", action="store_true")
    with_dask = parser.parse_args().dask
    print_protocol(__doc__)
    limit_threads(1)
    register_parallel_backend("counting", CountingBackend)
    header = ["", "tasks", "data", "in", "back", "states", "µs a step", "one core asks for"]
    print(table(header, run("counting")), flush=True)
    if with_dask:
        import distributed

        with (
            distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=":0") as cluster,
            distributed.Client(cluster),
        ):
            print("\n" + table(["on Dask", "bytes a step"], run("dask")))


if __name__ == "__main__":
    main()
