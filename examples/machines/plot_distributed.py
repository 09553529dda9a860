"""
Fit on several processes while one is killed
============================================

A forecaster is fitted to thirty-five noisy series on a cluster of two worker processes, and one
worker is killed in mid-fit. The part that this worker was running is run again by another worker,
and the result is the same as in a single process. Where Dask is not installed, the example uses
joblib's own processes, and kills none.
"""

# %%
# The cluster starts new processes, and each of these imports this file. So the work itself stands
# under ``if __name__ == "__main__"`` at the end.

import os
import pickle
import signal
from pathlib import Path
from threading import Timer
from time import perf_counter, time

import matplotlib.pyplot as plt
import numpy as np
from joblib import parallel_config

from dlkit import ESNForecaster

try:
    from distributed import Client, LocalCluster, get_task_stream
except ImportError:
    Client = None

N_SERIES, N_STEPS, N_CHANNELS, N_UNITS = 35, 12_000, 12, 300
N_BLOCKS = 5  # of at most 8 MB of series each


def make_series():
    """Twelve sensors that measure two oscillations of varying frequency, with noise."""
    rng = np.random.RandomState(0)
    wander = np.cumsum(rng.randn(N_SERIES, N_STEPS, 2), axis=1)
    speed = rng.uniform(0.1, 0.6, (N_SERIES, 1, 2)) * np.exp(0.02 * wander).clip(0.5, 2)
    heard = np.sin(np.cumsum(speed, axis=1)) @ rng.randn(2, N_CHANNELS)
    return heard + 0.05 * rng.randn(*heard.shape)


def timed(label, work):
    """Run ``work`` and print its time; return the result and the time."""
    start = perf_counter()
    result = work()
    seconds = perf_counter() - start
    print(f"{label:<50} {seconds:6.2f} s", flush=True)
    return result, seconds


# %%
# The same ``fit`` everywhere: ``parallel_config`` says where it runs.


def on_dask(esn, X, seconds):
    """Fit on a cluster and kill a worker in mid-fit; return the parts, by worker and time."""
    options = {"n_workers": 2, "threads_per_worker": 1, "silence_logs": 50}
    with (
        LocalCluster(**options, dashboard_address=":0") as cluster,
        Client(cluster) as client,
        parallel_config(backend="dask"),
    ):
        client.run(esn.fit, X[:2, :500])  # every worker imports and compiles
        victim, pid = next(iter(client.run(os.getpid).items()))
        timer = Timer(0.4 * seconds, os.kill, (pid, signal.SIGKILL))
        with get_task_stream(client) as stream:
            begin = time()
            timer.start()
            timed("fit on two Dask workers, one of them killed", lambda: esn.fit(X))
            timer.cancel()
    parts = [
        (task["worker"], piece["start"] - begin, piece["stop"] - begin)
        for task in stream.data
        for piece in task["startstops"]
        if piece["action"] == "compute" and "batch_of" in task["key"]
    ]
    return parts, (victim, 0.4 * seconds)


def on_loky(esn, X, seconds):
    """Fit on joblib's own processes."""
    with parallel_config(backend="loky", n_jobs=2):
        timed("fit on two processes", lambda: esn.fit(X))
    return [], None


# %%
# Left, in bytes per time step: the states, which stay on the worker; the series, which are sent
# out; and the moments, which come back. Right: the parts and the workers that ran them; the
# hatched part was lost with the killed worker.


def draw_bytes(axes, esn, X):
    n = N_SERIES * N_STEPS
    moments = len(pickle.dumps(esn.readout_.moments_)) * N_BLOCKS / n
    sizes = {
        "states\n(not sent)": 8 * N_UNITS,
        "series\n(out)": X.nbytes / n,
        "moments\n(back)": moments,
    }
    bars = axes.bar(list(sizes), list(sizes.values()), color=["0.8", "tab:blue", "tab:orange"])
    axes.bar_label(bars, [f"{size:.0f}" for size in sizes.values()])
    axes.set(yscale="log", ylabel="bytes per step", title=f"{N_UNITS} units, {N_CHANNELS} channels")


def draw_parts(axes, parts, killed):
    workers = [killed[0]]
    for worker, start, stop in sorted(parts, key=lambda part: part[1]):
        if worker not in workers:
            workers.append(worker)
        y = workers.index(worker)
        axes.barh(y, stop - start, left=start, color=f"C{y}", edgecolor="white")
    start = max((stop for worker, _, stop in parts if worker == killed[0]), default=0)
    axes.barh(0, killed[1] - start, left=start, color="none", edgecolor="C3", hatch="//")
    axes.axvline(killed[1], color="C3", linestyle="--")
    names = ["a worker, killed", "the other", "its replacement"]
    axes.set_yticks(range(len(workers)), names[: len(workers)])
    axes.set(xlabel="seconds", title=f"{len(parts)} parts of series, by worker")


# %%
# The coefficients of both fits are the same numbers.

if __name__ == "__main__":
    X = make_series()
    esn = ESNForecaster(N_UNITS, leak_rate=0.5, washout=100, random_state=0, scaling=None)
    esn.fit(X[:2, :500])  # loads, or compiles, the loops
    alone, seconds = timed("fit in this process", lambda: esn.fit(X).readout_.coef_)
    parts, killed = (on_loky if Client is None else on_dask)(esn, X, seconds)
    print(f"largest difference of a coefficient: {np.abs(esn.readout_.coef_ - alone).max()}")
    figure, axes = plt.subplots(
        1, 1 + bool(parts), figsize=(10, 4), squeeze=False, layout="constrained"
    )
    draw_bytes(axes[0, 0], esn, X)
    if parts:
        draw_parts(axes[0, 1], parts, killed)
    target = Path("distributed.png")
    figure.savefig(target, dpi=120)
    print(f"Bytes and parts are drawn in {target}")
