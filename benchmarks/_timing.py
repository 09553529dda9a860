"""Timing side by side: contenders take turns, so that a busy moment of the machine hits all."""

import os
from importlib.metadata import version
from time import perf_counter

import numpy as np
from _common import machine
from threadpoolctl import threadpool_info


def alternate(contenders, rounds):
    """Time contenders in turn.

    Each is called once before the first round, so that nobody's compilation or first allocation
    is timed; the first in turn changes from round to round. Results are dropped at once: memory
    that is kept makes the next call ask the system for fresh pages, which can cost more than the
    work that is timed.

    Parameters
    ----------
    contenders : dict of str to callable
        Each is called with the number of the round, 0 the first time (untimed) and in round 0.
    rounds : int
        Number of rounds.

    Returns
    -------
    seconds : dict of str to ndarray of shape (rounds,)
        Wall-clock times.
    """
    names = list(contenders)
    seconds = {name: np.empty(rounds) for name in names}
    for name in names:
        contenders[name](0)
    for i in range(rounds):
        turn = i % len(names)
        for name in names[turn:] + names[:turn]:
            start = perf_counter()
            contenders[name](i)
            seconds[name][i] = perf_counter() - start
    return seconds


def print_machine(*packages):
    """Print what a time means nothing without: machine, load, threads, versions."""
    pools = sorted({f"{p['prefix']} {p['num_threads']}" for p in threadpool_info()})
    load = f"load {os.getloadavg()[0]:.1f}; " if hasattr(os, "getloadavg") else ""
    print(machine())
    print(
        f"{load}threads: {', '.join(pools)}; "
        + ", ".join(f"{name} {version(name)}" for name in packages)
    )
