"""Ten million steps in a fixed amount of memory: how much is resident while they are learned.

    pip install -e ".[benchmarks]"
    python benchmarks/memory/stream_memory.py

A series of 10,000,000 steps and 3 channels, float64 (240 MB), is written to a temporary file. Fresh
processes then learn its next step (ESNForecaster, 100 units, default readout), by `fit` on the
memory-mapped file and by `partial_fit` on 100,000 steps at a time; label its steps (ESNTagger, with
mapped labels); and predict all of it. Peak resident memory is the record of the operating system
(VmHWM). It counts everything: the interpreter, the loaded libraries, compiled code, and the pages
of the file that are in memory. "Anonymous" is the largest memory that belongs to no file, sampled
every 10 ms. The output of `predict`, 240 MB, is resident too. Linux only.
"""

import argparse
import tempfile
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

import _above  # noqa: F401
import _child
import numpy as np
from _common import limit_threads, print_protocol, summary, table

from dlkit import ESNForecaster, ESNTagger

ASKED = 500  # MB
N_CHANNELS = 3
CHUNK = 100_000


def watch(stop, seen):
    while not stop.wait(0.01):
        seen.append(_child.memory("RssAnon"))


def write(folder, n_steps):
    """Noisy sines, a million steps at a time, and labels of their first channel."""
    shape = (n_steps, N_CHANNELS)
    x = np.lib.format.open_memmap(folder / "x.npy", "w+", dtype=np.float64, shape=shape)
    y = np.lib.format.open_memmap(folder / "y.npy", "w+", dtype=np.int8, shape=(n_steps,))
    rng = np.random.RandomState(0)
    for start in range(0, n_steps, 10**6):
        t = np.arange(start, min(start + 10**6, n_steps))[:, None]
        x[start : start + len(t)] = np.sin(t * [0.1, 0.17, 0.31]) + 0.1 * rng.randn(len(t), 3)
        y[start : start + len(t)] = np.digitize(x[start : start + len(t), 0], [-0.5, 0.5])


def chunks(path):
    """Read a file piece by piece; mapped anew for each, or what was read would stay resident."""
    n_steps = len(np.load(path, mmap_mode="r"))
    for start in range(0, n_steps, CHUNK):
        yield np.array(np.load(path, mmap_mode="r")[start : start + CHUNK])


def fit_mapped(folder):
    x = np.load(folder / "x.npy", mmap_mode="r")
    return ESNForecaster(100, washout=100, random_state=0, scaling=None).fit(x)


def fit_generator(folder):
    esn = ESNForecaster(100, washout=100, random_state=0, scaling=None)
    for chunk in chunks(folder / "x.npy"):
        esn.partial_fit(chunk)
    return esn


def fit_labels(folder):
    x, y = (np.load(folder / name, mmap_mode="r") for name in ("x.npy", "y.npy"))
    return ESNTagger(100, washout=100, random_state=0).fit(x, y)


def predict_mapped(folder):
    x = np.load(folder / "x.npy", mmap_mode="r")
    esn = ESNForecaster(100, washout=100, random_state=0, scaling=None).fit(x[:20_000])
    esn.predict(x)
    return esn


WAYS = {
    "ESNForecaster.fit, mapped file": fit_mapped,
    "ESNForecaster.partial_fit, generator": fit_generator,
    "ESNTagger.fit, mapped file": fit_labels,
    "ESNForecaster.predict, mapped file": predict_mapped,
}


def measure(way, folder):
    """Run one way in this process; print seconds, megabytes and a coefficient."""
    limit_threads(1)
    stop, seen = Event(), [_child.memory("RssAnon")]
    watcher = Thread(target=watch, args=(stop, seen))
    watcher.start()
    start = perf_counter()
    coef = WAYS[way](folder).readout_.coef_  # solved when first asked for
    seconds = perf_counter() - start
    stop.set()
    watcher.join()
    _child.report(
        seconds=seconds, peak=_child.peak_memory(), anonymous=max(seen), sum=np.abs(coef).sum()
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=10_000_000)
    args = parser.parse_args()
    print_protocol(__doc__)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), args.steps)
        for way in WAYS:
            rows.append([way, *_child.call(__file__, way, folder).values()])
    header = ["way", "seconds", "peak resident (MB)", "anonymous (MB)", "sum of abs(coef_)"]
    print(table(header, rows))
    most = max(row[2] for row in rows[:3])
    summary(f"{args.steps} steps, peak resident", f"<= {ASKED} MB", f"{most:.0f} MB", most <= ASKED)


if __name__ == "__main__":
    if (given := _child.arguments()) is not None:
        measure(given[0], Path(given[1]))
    else:
        main()
